package awsconfig

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"pr-stack/internal/hint"
)

// Message returns the error's text, but with AWS's own answer in place of the SDK's long form of it:
// "operation error ECR: …, https response error StatusCode: 400, RequestID: …, api error …".
func Message(err error) string {
	var operation *smithy.OperationError
	if !errors.As(err, &operation) {
		return err.Error()
	}
	return strings.Replace(err.Error(), operation.Error(), answer(operation), 1)
}

// unknown is the code that the SDK makes up for an answer that has none.
const unknown = "UnknownError"

// answer returns what AWS answered, or else the reason why AWS did not answer.
func answer(operation *smithy.OperationError) string {
	var api smithy.APIError
	var unsent *smithyhttp.RequestSendError
	var response *smithyhttp.ResponseError
	var signIn *hint.Error // of the role's credentials, which the call had to renew
	switch {
	case isCanceled(operation):
		return strings.TrimSpace(Innermost(operation).Error())
	case errors.As(operation, &signIn):
		return signIn.Message
	case errors.As(operation, &api) && api.ErrorCode() != "" && api.ErrorCode() != unknown:
		return strings.TrimSpace(api.ErrorCode() + ": " + api.ErrorMessage())
	case errors.As(operation, &unsent): // the SDK wraps it in a response with status 0
		return fmt.Sprintf("%s could not be reached: %s", operation.ServiceID, unsent.Err)
	case errors.As(operation, &response): // from a proxy, for example, in its own format
		code := response.HTTPStatusCode()
		status := strings.TrimSpace(fmt.Sprintf("HTTP status %d %s", code, http.StatusText(code)))
		if code < http.StatusBadRequest {
			return fmt.Sprintf("%s gave an answer that could not be read (%s)", operation.ServiceID, status)
		}
		return fmt.Sprintf("%s answered with %s", operation.ServiceID, status)
	}
	inner := operation.Err
	if exhausted, ok := errors.AsType[*retry.MaxAttemptsError](inner); ok {
		inner = exhausted.Err // without "exceeded maximum number of attempts", which sounds like a quota
	}
	return strings.TrimSpace(inner.Error())
}

// isCanceled reports whether a call ended because its context did. The SDK's retryer has a type for
// that, and its transport another.
func isCanceled(err error) bool {
	var retrying *aws.RequestCanceledError
	var sending *smithy.CanceledError
	return errors.As(err, &retrying) || errors.As(err, &sending)
}

// Innermost returns the error that all others wrap: AWS's own, without the text about the operation
// that failed.
func Innermost(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err
}

// Hint returns what to change after an error that any AWS service may return, or "" if there is no
// advice for this error.
func Hint(err error) string {
	var unsent *smithyhttp.RequestSendError
	if errors.As(err, &unsent) && !isCanceled(err) {
		return "check that the runner can connect to AWS, and that aws-region is right"
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return ""
	}
	switch code := api.ErrorCode(); {
	case strings.HasPrefix(code, "ExpiredToken"):
		return "the credentials expired: set role-to-assume, whose sessions are renewed, or raise role-duration-seconds of " +
			"aws-actions/configure-aws-credentials"
	case code == "InvalidClientTokenId", code == "UnrecognizedClientException", code == "SignatureDoesNotMatch":
		return "the credentials are not valid: check role-to-assume, or the step with aws-actions/configure-aws-credentials"
	case strings.Contains(api.ErrorMessage(), "explicit deny"):
		return "a statement of the policy that AWS names denies it, which no permission outweighs: change that statement"
	case strings.HasPrefix(code, "AccessDenied"), code == "UnauthorizedOperation":
		return "grant it to the role of this job, or run bootstrap again if it made that role (README.md, Permissions)"
	case code == "Throttling", code == "ThrottlingException":
		return "AWS limits the calls of the whole account; run the job again"
	}
	return ""
}
