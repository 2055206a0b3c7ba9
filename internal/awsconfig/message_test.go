package awsconfig

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func TestMessage_is_AWSs_own_words(t *testing.T) {
	operation := func(err error) error {
		return &smithy.OperationError{ServiceID: "ECR", OperationName: "PutImage", Err: err}
	}
	response := func(code int, err error) error {
		return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: code}}, Err: err}
	}
	const denied = "User: arn is not authorized to perform: ecr:PutImage"
	for name, test := range map[string]struct {
		err           error
		message, hint string // the hint's beginning
	}{
		"a refusal": {
			fmt.Errorf("push image x: %w", operation(response(400, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: denied}))),
			"push image x: AccessDeniedException: " + denied, "grant it to the role of this job",
		},
		"an explicit deny": {
			operation(&smithy.GenericAPIError{Code: "AccessDenied", Message: denied + " with an explicit deny in a service control policy"}),
			"AccessDenied: " + denied + " with an explicit deny in a service control policy", "a statement of the policy that AWS names denies it",
		},
		"expired credentials": {
			operation(&smithy.GenericAPIError{Code: "ExpiredToken", Message: "The security token included in the request is expired"}),
			"ExpiredToken: The security token included in the request is expired", "the credentials expired",
		},
		"credentials that AWS does not know": {
			operation(&smithy.GenericAPIError{Code: "InvalidClientTokenId", Message: "no"}), "InvalidClientTokenId: no", "the credentials are not valid",
		},
		"throttling to the end": {
			operation(&retry.MaxAttemptsError{Attempt: 20, Err: &smithy.GenericAPIError{Code: "Throttling", Message: "Rate exceeded"}}),
			"Throttling: Rate exceeded", "AWS limits the calls",
		},
		"a proxy's page instead of an answer": {
			operation(response(503, &smithy.DeserializationError{Err: errors.New("error while deserializing xml: EOF")})),
			"ECR answered with HTTP status 503 Service Unavailable", "",
		},
		"no connection, to the end": {
			operation(&retry.MaxAttemptsError{Attempt: 20, Err: errors.New("dial tcp: connection refused")}), "dial tcp: connection refused", "",
		},
		"cancelled": {operation(&aws.RequestCanceledError{Err: context.Canceled}), "context canceled", ""},
		"not AWS's": {errors.New("it broke"), "it broke", ""},
	} {
		got, advice := Message(test.err), Hint(test.err)
		if got != test.message || !strings.HasPrefix(advice, test.hint) || (advice == "") != (test.hint == "") {
			t.Errorf("%s: Message = %q, Hint = %q\nwant %q, %q", name, got, advice, test.message, test.hint)
		}
		for _, noise := range []string{"deserializ", "RequestID", "maximum number of attempts"} {
			if strings.Contains(got, noise) {
				t.Errorf("%s: Message = %q, want it without %q", name, got, noise)
			}
		}
	}
}

func TestSignIn_names_what_is_missing_and_masks_the_credentials(t *testing.T) {
	provider := credentials.NewStaticCredentialsProvider("id", "the secret key", "the session token")
	broken := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, errors.New("no EC2 IMDS role found")
	})
	for name, test := range map[string]struct {
		config aws.Config
		err    string
		none   bool // ErrNoCredentials
		masked int
	}{
		"nothing":          {aws.Config{}, "sign in to AWS: no credentials found", true, 0},
		"none to be found": {aws.Config{Credentials: broken, Region: "eu-north-1"}, "sign in to AWS: no credentials found", true, 0},
		"no region":        {aws.Config{Credentials: provider}, "sign in to AWS: no region is set", false, 2},
		"complete":         {aws.Config{Credentials: provider, Region: "eu-north-1"}, "", false, 2},
	} {
		masked := 0
		_, err := SignIn(t.Context(), Options{
			Mask: func(string) { masked++ },
			Load: func(context.Context, string) (aws.Config, error) { return test.config, nil },
		})
		if message := fmt.Sprint(err); (err == nil) != (test.err == "") || err != nil && message != test.err {
			t.Errorf("%s: SignIn = %v, want %q", name, err, test.err)
		}
		if errors.Is(err, ErrNoCredentials) != test.none || masked != test.masked {
			t.Errorf("%s: SignIn = %v, masked %d values, want ErrNoCredentials: %t and %d", name, err, masked, test.none, test.masked)
		}
	}
}

func TestSignIn_that_is_cancelled_does_not_say_that_there_are_no_credentials(t *testing.T) {
	interrupted := errors.New("interrupt signal received")
	ctx, cancel := context.WithCancelCause(t.Context())
	waiting := aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		cancel(interrupted)
		return aws.Credentials{}, ctx.Err()
	})
	_, err := SignIn(ctx, Options{Load: func(context.Context, string) (aws.Config, error) {
		return aws.Config{Credentials: waiting, Region: "eu-north-1"}, nil
	}})
	if !errors.Is(err, interrupted) || errors.Is(err, ErrNoCredentials) {
		t.Errorf("SignIn = %v, want %v", err, interrupted)
	}
}
