package aws

import (
	"errors"
	"strings"

	"pr-stack/internal/fake/aws/identity"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

// unsigned are the operations that need no credentials, and so have no signature that names their
// service.
var unsigned = map[string]string{"AssumeRoleWithWebIdentity": "sts"}

// authenticate returns the caller whose access key signed a call; nil is an administrator.
func (a *AWS) authenticate(q wire.Request) (*account.Principal, *wire.APIError) {
	if q.AccessKey == "" && unsigned[q.Operation] != "" {
		return nil, nil
	}
	if q.AccessKey == "" {
		return nil, &wire.APIError{Status: 403, Code: "MissingAuthenticationToken", Message: "Missing Authentication Token"}
	}
	caller, validity := a.identity.Caller(q.AccessKey)
	switch {
	case q.AccessKey == "EXPIRED", validity == identity.Expired:
		const message = "The security token included in the request is expired"
		switch {
		case q.IsJSON:
			return nil, &wire.APIError{Code: "ExpiredTokenException", Message: message}
		case q.IsObject:
			return nil, &wire.APIError{Code: "ExpiredToken", Message: "The provided token has expired."}
		}
		return nil, &wire.APIError{Status: 403, Code: "ExpiredToken", Message: message}
	case q.AccessKey == "UNKNOWN", validity == identity.Unknown:
		const message = "The security token included in the request is invalid."
		switch {
		case q.IsJSON:
			return nil, &wire.APIError{Code: "UnrecognizedClientException", Message: message}
		case q.IsObject:
			return nil, &wire.APIError{Status: 403, Code: "InvalidAccessKeyId", Message: "The AWS Access Key Id you provided does not exist in our records."}
		}
		return nil, &wire.APIError{Status: 403, Code: "InvalidClientTokenId", Message: message}
	}
	return caller, nil
}

// authorize checks, before the operation does anything, that its caller has all permissions that the
// operation needs.
func (a *AWS) authorize(q wire.Request, caller *account.Principal) *wire.APIError {
	needs := a.permissions[q.Service][q.Operation]
	if caller == nil || needs == nil {
		return nil // an operation that has no entry does not exist
	}
	for _, access := range needs(q) {
		if denied, ok := errors.AsType[*account.Denied](caller.Check(access)); ok {
			return refusal(q, denied)
		}
	}
	return nil
}

// refusal returns the error of a denied call in its service's words. Services that speak JSON name * as
// the resource if there is no other ("is not authorized to perform: ecs:ListTasks on resource: *
// because", construct-hub#1207). The others then name none ("is not authorized to perform:
// cloudformation:ValidateTemplate because", DataDog/cloudformation-template#337). S3 puts the ARN in
// quotation marks.
func refusal(q wire.Request, denied *account.Denied) *wire.APIError {
	message := denied.Error()
	if q.IsObject {
		message = strings.Replace(message, denied.Access.Resource, `"`+denied.Access.Resource+`"`, 1)
	}
	if !q.IsJSON {
		return &wire.APIError{Status: 403, Code: "AccessDenied", Message: message}
	}
	if denied.Access.Resource == "*" {
		performed := "to perform: " + denied.Access.Action
		message = strings.Replace(message, performed, performed+" on resource: *", 1)
	}
	if q.IsREST { // serverless-permission-generator#12 shows the status
		return &wire.APIError{Status: 403, Code: "AccessDeniedException", Message: message}
	}
	return &wire.APIError{Code: "AccessDeniedException", Message: message}
}
