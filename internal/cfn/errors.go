package cfn

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// What CloudFormation's codes and texts mean here. Ask with errors.Is.
var (
	ErrNotFound      = errors.New("stack does not exist")
	ErrAlreadyExists = errors.New("a stack of that name exists already")
	ErrNoUpdates     = errors.New("no updates are to be performed")
	ErrBusy          = errors.New("stack is being changed")
)

// translate adds one of this package's errors to what CloudFormation answered, if it means one. CloudFormation has few
// codes; most answers are a ValidationError, told apart by its text.
func translate(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	text := api.ErrorMessage()
	switch {
	case api.ErrorCode() == "AlreadyExistsException":
		return fmt.Errorf("%w: %s", ErrAlreadyExists, text)
	case api.ErrorCode() != "ValidationError":
		return err
	case strings.HasSuffix(text, "does not exist") && strings.HasPrefix(text, "Stack "):
		return fmt.Errorf("%w: %s", ErrNotFound, text)
	case text == "No updates are to be performed.":
		return ErrNoUpdates
	case strings.Contains(text, "_IN_PROGRESS state and can not be updated"),
		strings.Contains(text, "cannot be deleted while in status"):
		return fmt.Errorf("%w: %s", ErrBusy, text)
	}
	return errors.New(text) // its code says no more than that something was wrong
}

var retryables = retry.IsErrorRetryables(retry.DefaultRetryables)

// transient tells whether asking again may help: throttling, a broken connection, a fault on the far side.
func transient(err error) bool {
	return retryables.IsErrorRetryable(err) == aws.TrueTernary
}

// FailedError tells that CloudFormation ended an operation without doing what was asked for.
type FailedError struct {
	Operation string // create, update or delete
	Stack     Stack  // at rest
	Cause     Event  // the first event that failed by itself; zero if none did
}

func (e *FailedError) Error() string {
	why := e.Stack.StatusReason
	if e.Cause.LogicalID != "" {
		why = fmt.Sprintf("%s (%s): %s", e.Cause.LogicalID, e.Cause.Type, e.Cause.Reason)
	}
	if why == "" {
		why = "CloudFormation gives no reason"
	}
	return fmt.Sprintf("%s stack %s: %s: %s", e.Operation, e.Stack.Name, e.Stack.Status, strings.TrimSpace(why))
}

// cause returns the event that a failure began with. What CloudFormation cancels because something else failed is none,
// and neither is the stack's own event, which only counts the failures.
func cause(events []Event) Event {
	for _, e := range events {
		if !e.Failed() || e.OfStack() || strings.HasSuffix(e.Reason, " cancelled") {
			continue
		}
		return e
	}
	return Event{}
}

// broken tells whether this is one of the statuses in which a stack did not become what was asked for.
func broken(status types.StackStatus) bool {
	s := string(status)
	return strings.HasSuffix(s, "_FAILED") || strings.Contains(s, "ROLLBACK")
}
