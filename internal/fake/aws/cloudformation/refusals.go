package cloudformation

import (
	"fmt"
	"strconv"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

// HandlerError returns a failure in the words of CloudFormation's newer resource handlers.
func HandlerError(a *account.Account, message, code string) error {
	return wire.Reason(fmt.Sprintf("Resource handler returned message: %s (RequestToken: %s, HandlerErrorCode: %s)",
		strconv.Quote(message), a.UUID(), code))
}

// taggingError precedes the handler's message if an action on tags is denied. Recorded in
// data-dot-all/dataall#1233 and providers-kms#54.
const taggingError = "Encountered a permissions error performing a tagging operation, please add required tag permissions. " +
	"See https://repost.aws/knowledge-center/cloudformation-tagging-permission-error for how to resolve. "

// RefuseAs returns a function for Permissions.Refuse. The handler passes on the message of its
// service's SDK client, such as Ecs or ElasticLoadBalancingV2, whose API answers a denial with that
// HTTP status.
func RefuseAs(a *account.Account, service string, status int) func(*account.Denied, bool) error {
	return func(d *account.Denied, tagging bool) error {
		message := fmt.Sprintf("%s (Service: %s, Status Code: %d, Request ID: %s) (SDK Attempt Count: 1)", d, service, status, a.UUID())
		if tagging {
			return wire.Reason(taggingError + HandlerError(a, message, "UnauthorizedTaggingOperation").Error())
		}
		return HandlerError(a, message, "AccessDenied")
	}
}
