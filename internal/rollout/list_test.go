package rollout

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-containerregistry/pkg/v1/random"

	fakeaws "pr-stack/internal/fake/aws"
)

// laggard repeats CloudFormation's last list of resources until a moment.
type laggard struct {
	aws.HTTPClient
	until time.Time
	list  []byte
}

func (l *laggard) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	isList := strings.Contains(string(body), "Action=ListStackResources")
	if isList && time.Now().Before(l.until) && l.list != nil {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(l.list))}, nil
	}
	answer, err := l.HTTPClient.Do(r)
	if err != nil || !isList {
		return answer, err
	}
	l.list, err = io.ReadAll(answer.Body)
	answer.Body = io.NopCloser(bytes.NewReader(l.list))
	return answer, err
}

// A list that is older than the update still has the old task definition, which the service does not run.
func TestBringUp_waits_until_the_list_of_resources_is_up_to_date(t *testing.T) {
	inAccount(t, func(a *account) {
		config := a.Config()
		slow := &laggard{HTTPClient: config.HTTPClient}
		config.HTTPClient = slow
		a.CloudFormation = cloudformation.NewFromConfig(config)
		goal := Goal{Timeout: 10 * time.Minute, Replaced: a.want(a.apply(a.spec("app", nil))).Replaced}

		content, err := random.Image(16, 1)
		if err != nil {
			a.Fatal(err)
		}
		digest, err := a.PushImage("app", "2", content)
		if err != nil {
			a.Fatal(err)
		}
		a.image = a.RegistryHost() + "/app@" + digest
		slow.until = time.Now().Add(85 * time.Second) // the update itself takes a little more than a minute
		began := time.Now()
		release, err := a.BringUp(a.Context(), a.spec("app", nil), goal)
		if took := time.Since(began); err != nil || took < 85*time.Second || took > 100*time.Second {
			a.Fatalf("BringUp = %v after %s, want success once the list is up to date", err, took)
		}
		if want := "The ECS service runs the image with this stack's task definition."; release.Proof.String() != want {
			a.Errorf("Proof = %q, want %q", release.Proof, want)
		}
	})
}

func TestProve_waits_for_a_stack_whose_resources_are_not_found_yet(t *testing.T) {
	inAccount(t, func(a *account) {
		want := a.want(a.apply(a.spec("app", nil)))
		a.Inject(fakeaws.Fault{Operation: "ListStackResources", Times: 8, Code: "ValidationError", Message: "Stack with id app does not exist"})
		a.Inject(fakeaws.Fault{Operation: "DescribeStacks", Times: 8, Code: "ValidationError", Message: "Stack with id app does not exist"})
		if proof, err := a.Prove(a.Context(), want); err != nil {
			a.Errorf("Prove = %v, %v, want success once the resources are found", proof, err)
		}
	})
}
