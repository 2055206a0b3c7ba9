package awsconfig

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// server answers every request in the same way.
type server struct {
	status int
	body   string
	err    error // instead of an answer
	hangs  bool
}

func (f server) Do(r *http.Request) (*http.Response, error) {
	if f.hangs {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if f.err != nil {
		return nil, f.err
	}
	return &http.Response{StatusCode: f.status, Body: io.NopCloser(strings.NewReader(f.body)), Header: http.Header{}}, nil
}

// The SDK has its own words for an answer that is not AWS's, and for none: "StatusCode: 0", "api error
// UnknownError", "error while deserializing xml". CloudFormation answers in XML, ECS in JSON.
func TestMessage_of_what_the_SDK_cannot_read(t *testing.T) {
	for name, test := range map[string]struct {
		server
		want, hint string // {} is the service; the hint's beginning
	}{
		"a proxy's page":          {server{status: 503, body: "<html>Service Unavailable</html>"}, "{} answered with HTTP status 503 Service Unavailable", ""},
		"no body":                 {server{status: 502}, "{} answered with HTTP status 502 Bad Gateway", ""},
		"a page of another login": {server{status: 200, body: "<html><b>Sign in</html>"}, "{} gave an answer that could not be read (HTTP status 200 OK)", ""},
		"an answer that is cut":   {server{status: 200, body: "<DescribeStacksResponse><Desc"}, "{} gave an answer that could not be read (HTTP status 200 OK)", ""},
		"broken XML":              {server{status: 400, body: "no <"}, "{} answered with HTTP status 400 Bad Request", ""},
		"no connection":           {server{err: io.ErrUnexpectedEOF}, "{} could not be reached: unexpected EOF", "check that the runner can connect to AWS"},
		"cancelled":               {server{hangs: true}, "context deadline exceeded", ""},
	} {
		inBubble(t, name, func(t *testing.T) {
			account := aws.Config{
				HTTPClient: test.server, Region: "eu-north-1", Retryer: func() aws.Retryer { return newRetryer() },
				Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
			}
			_, cfn := cloudformation.NewFromConfig(account).DescribeStacks(limited(t), &cloudformation.DescribeStacksInput{})
			_, containers := ecs.NewFromConfig(account).ListClusters(limited(t), &ecs.ListClustersInput{})
			for service, err := range map[string]error{"CloudFormation": cfn, "ECS": containers} {
				if err == nil {
					t.Errorf("%s returns no error", service)
					continue
				}
				want := strings.ReplaceAll(test.want, "{}", service)
				if got := Message(err); got != want {
					t.Errorf("Message = %q, want %q, of %q", got, want, err)
				}
				if got := Hint(err); !strings.HasPrefix(got, test.hint) || (got == "") != (test.hint == "") {
					t.Errorf("Hint = %q, want %q", got, test.hint)
				}
			}
		})
	}
}

func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	t.Cleanup(cancel)
	return ctx
}
