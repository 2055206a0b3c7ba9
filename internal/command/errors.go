package command

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"pr-stack/internal/cfn"
	"pr-stack/internal/docker"
	"pr-stack/internal/ecr"
	"pr-stack/internal/github"
	advice "pr-stack/internal/hint" // hint is a function here
	"pr-stack/internal/report"
)

// explained is an error with a hint of its own.
type explained struct {
	message string
	hint    string
	cause   error // may be nil
}

func (e *explained) Error() string { return e.message }
func (e *explained) Hint() string  { return e.hint }
func (e *explained) Unwrap() error { return e.cause }

// explain words an error for the user: what was done, on what, why, and what to change.
func explain(err error) *report.Failure {
	return &report.Failure{Message: brief(err), Hint: strings.Join(hints(err), "; ")}
}

// hints are those of all the errors that were joined.
func hints(err error) []string {
	var all []string
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // this very error, not one in it
		for _, e := range joined.Unwrap() {
			all = append(all, hints(e)...)
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	if h := hint(err); h != "" {
		all = append(all, h)
	}
	return all
}

// failures shows each of joined errors by itself.
func (c *console) failures(err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // this very error, not one in it
		for _, e := range joined.Unwrap() {
			c.failures(e)
		}
		return
	}
	c.failure(explain(err))
}

// brief takes out of an error what the SDK puts around AWS's answer, "operation error ECR: …, https response error
// StatusCode: 400, RequestID: …, api error", and leaves the answer.
func brief(err error) string {
	var operation *smithy.OperationError
	if !errors.As(err, &operation) {
		return err.Error()
	}
	short := operation.Err.Error()
	var api smithy.APIError
	var canceled *aws.RequestCanceledError
	switch {
	case errors.As(operation, &api):
		short = api.ErrorCode() + ": " + api.ErrorMessage()
	case errors.As(operation, &canceled):
		short = canceled.Err.Error()
	}
	return strings.Replace(err.Error(), operation.Error(), strings.TrimSpace(short), 1)
}

// lacking names the permission to add, if its lack is why GitHub refused; else "".
func lacking(permission string, err error) string {
	if errors.Is(err, github.ErrForbidden) || errors.Is(err, github.ErrNotFound) {
		return "add " + permission + " to the permissions of this workflow"
	}
	return ""
}

// withLacking is an error in one line, with the permission to add.
func withLacking(permission string, err error) string {
	message := brief(err)
	if add := lacking(permission, err); add != "" {
		message += "; " + add
	}
	return message
}

// hint names what to change. An error that knows says it itself; the rest is told from what AWS answered.
func hint(err error) string {
	if known := advice.Of(err); len(known) > 0 {
		return strings.Join(known, "; ")
	}
	var own interface{ Hint() string }
	if errors.As(err, &own) {
		return own.Hint()
	}
	var failed *cfn.FailedError
	switch {
	case errors.Is(err, cfn.ErrProtected):
		return "turn its termination protection off in the CloudFormation console, if it is really to go"
	case errors.As(err, &failed) && failed.Operation == "delete":
		return "run the job again; network interfaces that hold a deletion up are gone after some minutes"
	case errors.Is(err, docker.ErrUnavailable):
		return "start Docker, run the job on a machine that has it, or set image to one that exists already"
	case errors.Is(err, ecr.ErrNotFound):
		return "set ecr-repository to one that exists, or run command: bootstrap, which makes the service's own"
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return ""
	}
	switch code := api.ErrorCode(); {
	case strings.HasPrefix(code, "ExpiredToken"):
		return "the credentials ran out: let the step with aws-actions/configure-aws-credentials run later, or raise its role-duration-seconds"
	case code == "InvalidClientTokenId", code == "UnrecognizedClientException", code == "SignatureDoesNotMatch":
		return "AWS does not know these credentials: check the role of the step with aws-actions/configure-aws-credentials"
	case strings.HasPrefix(code, "AccessDenied"), code == "UnauthorizedOperation":
		return "grant it to the role of this job; README.md has the policy that the action needs"
	case code == "Throttling", code == "ThrottlingException":
		return "AWS limits the calls of the whole account; run the job again"
	}
	return ""
}

func notFound(err error) bool { return errors.Is(err, cfn.ErrNotFound) }
