package command_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// onePlatform is an account whose ECS reports the digest of one platform's image for an index that was
// pushed.
type onePlatform struct {
	next             aws.HTTPClient
	pushed, platform string
	changed          bool
}

func (o *onePlatform) Do(r *http.Request) (*http.Response, error) {
	answer, err := o.next.Do(r)
	if err != nil || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeTasks") {
		return answer, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	is, want := `"imageDigest":"`+o.pushed+`"`, `"imageDigest":"`+o.platform+`"`
	o.changed = o.changed || bytes.Contains(text, []byte(is))
	text = bytes.ReplaceAll(text, []byte(is), []byte(want))
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	answer.Header.Del("X-Amz-Crc32") // of the text before
	return answer, nil
}

// The output image-digest is that of the output image, whatever ECS pulled for its platform.
func TestDeploy_image_digest_is_the_pushed_one(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		account := &onePlatform{pushed: e.built(oneCommit), platform: "sha256:" + strings.Repeat("ab", 32)}
		e.Configure = func(c *aws.Config) { account.next, c.HTTPClient = c.HTTPClient, account }
		j := e.run("opened", oneCommit)
		j.want(t, 0, "created", "")
		if !account.changed {
			t.Error("ECS was not asked for the digest, or the fake writes it differently by now")
		}
		if got := j.Output("image-digest"); got != account.pushed || !strings.HasSuffix(j.Output("image"), "@"+got) {
			t.Errorf("image-digest is %q and image %q, want the digest that was pushed, %s", got, j.Output("image"), account.pushed)
		}
	})
}
