package lambda

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// answers is Lambda: it gives each answer once, and the last one from then on.
type answers []string

func (a *answers) Do(*http.Request) (*http.Response, error) {
	text := (*a)[0]
	if len(*a) > 1 {
		*a = (*a)[1:]
	}
	status := http.StatusOK
	if strings.Contains(text, "Exception") {
		status = http.StatusBadRequest
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
}

func function(list ...string) Function {
	config := aws.Config{
		Region: "eu-north-1", HTTPClient: (*answers)(&list),
		Credentials: credentials.NewStaticCredentialsProvider("AKIAFAKE", "secret", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}
	return Function{API: lambda.NewFromConfig(config), Name: "hello"}
}

func state(configuration string) string {
	return `{"Configuration": {"FunctionName": "hello", "LastModified": "2026-11-24T10:00:00.000+0000", ` + configuration + `},
		"Code": {"ImageUri": "r/hello@sha256:1", "ResolvedImageUri": "r/hello@sha256:1"}}`
}

const active = `"State": "Active", "LastUpdateStatus": "Successful"`

func TestWait(t *testing.T) {
	for name, test := range map[string]struct {
		answers []string
		took    time.Duration
		want    string // the error; "" for none
		is      error
	}{
		"created": {[]string{state(`"State": "Pending", "LastUpdateStatus": "InProgress"`), state(active)}, 2 * time.Second, "", nil},
		"updated": {[]string{state(`"State": "Active", "LastUpdateStatus": "InProgress"`), state(active)}, 2 * time.Second, "", nil},
		"idle":    {[]string{state(`"State": "Inactive", "LastUpdateStatus": "Successful"`)}, 0, "", nil},
		"a failed update": {
			[]string{state(`"State": "Active", "LastUpdateStatus": "Failed", "LastUpdateStatusReason": "no image", "LastUpdateStatusReasonCode": "ImageDeleted"`)},
			0, "function hello: no image (ImageDeleted)", nil,
		},
		"a failed function": {
			[]string{state(`"State": "Failed", "StateReason": "no access", "StateReasonCode": "ImageAccessDenied"`)},
			0, "function hello: no access (ImageAccessDenied)", nil,
		},
		"never created": {[]string{state(`"State": "Pending"`)}, time.Minute, "function hello: it is created: context deadline exceeded", context.DeadlineExceeded},
		"deleted": {
			[]string{`{"__type": "ResourceNotFoundException", "message": "Function not found: x"}`}, 0,
			"describe function hello: it was deleted", ErrGone,
		},
		"not allowed": {[]string{`{"__type": "AccessDeniedException", "message": "no"}`}, 0, "describe function hello: access denied: ", ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				began := time.Now()
				running, err := function(test.answers...).Wait(ctx)
				if took := time.Since(began); took != test.took {
					t.Errorf("Wait took %s, want %s", took, test.took)
				}
				switch {
				case test.want == "" && (err != nil || !running.Runs("r/hello@sha256:1", "sha256:1") || running.LogGroup != "/aws/lambda/hello"):
					t.Errorf("Wait = %+v, %v, want the image and the log", running, err)
				case test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)),
					test.is != nil && !errors.Is(err, test.is):
					t.Errorf("Wait = %v, want %s", err, test.want)
				}
			})
		})
	}
}

func TestTrouble(t *testing.T) {
	trouble, err := function(state(active + `, "LoggingConfig": {"LogGroup": "/pr-stack/hello"}`)).Trouble(t.Context())
	if want := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC); err != nil || trouble.Failed != "" || trouble.LogGroup != "/pr-stack/hello" || !trouble.Modified.Equal(want) {
		t.Errorf("Trouble = %+v, %v, want none", trouble, err)
	}
	trouble, err = function(state(`"State": "Active", "LastUpdateStatus": "Failed", "LastUpdateStatusReason": "no image"`)).Trouble(t.Context())
	if err != nil || trouble.Failed != "no image ()" {
		t.Errorf("Trouble = %+v, %v, want why the update failed", trouble, err)
	}
}

func TestRunning(t *testing.T) {
	r := Running{Image: "r/hello:1", Resolved: "r/hello@sha256:1"}
	for name, is := range map[string]bool{
		"by digest":        r.Runs("r/hello@sha256:1", "sha256:1"),
		"by name":          r.Runs("r/hello:1", ""),
		"not another name": !r.Runs("r/hello:2", ""),
		"not another":      !r.Runs("r/hello@sha256:2", "sha256:2"),
		"its digest":       r.Digest("r/hello:1") == "sha256:1",
		"not another's":    r.Digest("r/other:1") == "",
	} {
		if !is {
			t.Error(name)
		}
	}
}
