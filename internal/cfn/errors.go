package cfn

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"pr-stack/internal/hint"
)

// The errors that CloudFormation's codes and messages are translated to. Test for them with errors.Is.
var (
	ErrNotFound        = errors.New("stack does not exist")
	ErrAlreadyExists   = errors.New("a stack of that name exists already")
	ErrNoUpdates       = errors.New("no updates are to be performed")
	ErrBusy            = errors.New("stack is being changed")
	ErrProtected       = errors.New("its termination protection is on")
	ErrInvalidTemplate = errors.New("the template is not valid")

	// ErrInFlight means that the context ended before CloudFormation had answered a call that changes
	// a stack. The call may have arrived, and may still take effect.
	ErrInFlight = errors.New("the call was cut off, and may still take effect")
)

// translate returns this package's error for CloudFormation's answer, if there is one. Most answers
// have the code ValidationError, so they are told apart by their message.
func translate(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	text := api.ErrorMessage()
	switch {
	case api.ErrorCode() == "AlreadyExistsException":
		return fmt.Errorf("%w: %s", ErrAlreadyExists, text)
	case api.ErrorCode() == "TokenAlreadyExistsException":
		// The answer to a call was lost, and the SDK repeated the call with the same token. So the first
		// call has begun the operation.
		return fmt.Errorf("%w: %s", ErrBusy, text)
	case api.ErrorCode() != "ValidationError":
		return err
	case strings.HasSuffix(text, "does not exist") && strings.HasPrefix(text, "Stack "):
		return fmt.Errorf("%w: %s", ErrNotFound, text)
	case text == "No updates are to be performed.":
		return ErrNoUpdates
	case strings.Contains(text, "cannot be deleted while TerminationProtection is enabled"):
		return protectedError()
	case strings.Contains(text, " state and can not "),
		strings.Contains(text, "cannot be deleted while in status"),
		strings.Contains(text, "cannot be called from current stack status"):
		return fmt.Errorf("%w: %s", ErrBusy, text)
	}
	return errors.New(text) // the code ValidationError adds nothing to the message
}

// readError is translate for a call that changes nothing. If ctx is done it returns the cause, which
// is more precise than "context deadline exceeded".
func readError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return translate(err)
}

// changeError is translate for a call that changes a stack. If ctx is done and CloudFormation has not
// answered, it returns ErrInFlight and the cause.
func changeError(ctx context.Context, err error) error {
	var answer smithy.APIError
	if ctx.Err() != nil && !errors.As(err, &answer) {
		return fmt.Errorf("%w: %w", ErrInFlight, context.Cause(ctx))
	}
	return translate(err)
}

func protectedError() error {
	return hint.Wrap(ErrProtected, "to delete the stack, first turn off its termination protection in the CloudFormation console")
}

// message returns an error's text for the log. It replaces the SDK's long text ("operation error
// CloudFormation: …, https response error StatusCode: 400, …") by CloudFormation's code and message.
func message(err error) string {
	operation, ok := errors.AsType[*smithy.OperationError](err)
	if !ok {
		return err.Error()
	}
	answer := "no valid answer from CloudFormation"
	if api, ok := errors.AsType[smithy.APIError](operation); ok && api.ErrorCode() != "" && api.ErrorCode() != "UnknownError" {
		answer = api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return strings.Replace(err.Error(), operation.Error(), answer, 1)
}

var retryables = retry.IsErrorRetryables(retry.DefaultRetryables)

// transient reports whether trying again may help: after throttling, a broken connection or a server
// error of AWS.
func transient(err error) bool {
	return retryables.IsErrorRetryable(err) == aws.TrueTernary
}

// FailedError means that an operation has not done, or will not do, what was asked for: it failed in
// CloudFormation, or it was ended early.
type FailedError struct {
	Operation   string // create, update, roll back or delete
	Stack       Stack
	Cause       Event    // the first failure, perhaps in a nested stack; zero if no resource failed
	All         []Event  // the failures that no other failure caused, oldest first
	Stuck       error    // why the operation was ended early; nil if CloudFormation ended it
	NextStep    NextStep // what happens to the stack now; "" if nothing does, or nothing is known
	Explanation error    // what Watch.Explain returned
}

func (e *FailedError) Error() string {
	why := e.Stack.StatusReason
	switch {
	case e.Stuck != nil:
		return fmt.Sprintf("%s stack %s: %s", e.Operation, e.Stack.Name, e.Stuck)
	case e.Cause.LogicalID != "":
		why = fmt.Sprintf("%s (%s): %s", e.Cause.LogicalID, e.Cause.Type, e.Cause.Reason)
	case why == "":
		why = fmt.Sprintf("%s, and CloudFormation gives no reason", e.Stack.Status)
	}
	return fmt.Sprintf("%s stack %s: %s", e.Operation, e.Stack.Name, strings.TrimSpace(why))
}

// cancelled reports whether somebody cancelled an update: it ended, and no resource failed. If its
// validation failed, no resource failed either, and the status says so.
func (e *FailedError) cancelled() bool {
	return e.Operation == "update" && e.Stuck == nil && e.Cause.LogicalID == "" && !strings.Contains(e.Stack.StatusReason, "validation")
}

func (e *FailedError) Unwrap() error { return e.Stuck }
