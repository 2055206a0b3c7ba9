package cfn

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// What CloudFormation's codes and texts mean here. Ask with errors.Is.
var (
	ErrNotFound      = errors.New("stack does not exist")
	ErrAlreadyExists = errors.New("a stack of that name exists already")
	ErrNoUpdates     = errors.New("no updates are to be performed")
	ErrBusy          = errors.New("stack is being changed")
	ErrInFlight      = errors.New("the call was cut off, and may still take effect")
	ErrProtected     = errors.New("its termination protection is on")
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
	case strings.Contains(text, "cannot be deleted while TerminationProtection is enabled"):
		return ErrProtected
	case strings.Contains(text, " state and can not "),
		strings.Contains(text, "cannot be deleted while in status"),
		strings.Contains(text, "cannot be called from current stack status"):
		return fmt.Errorf("%w: %s", ErrBusy, text)
	}
	return errors.New(text) // its code says no more than that something was wrong
}

var retryables = retry.IsErrorRetryables(retry.DefaultRetryables)

// transient tells whether asking again may help: throttling, a broken connection, a fault on the far side.
func transient(err error) bool {
	return retryables.IsErrorRetryable(err) == aws.TrueTernary
}

// FailedError tells that CloudFormation ended an operation without doing what was asked for, or will.
type FailedError struct {
	Operation   string // create, update, roll back or delete
	Stack       Stack
	Cause       Event   // what it began with, in a nested stack if need be; zero if no resource failed
	All         []Event // everything in the stack that failed by itself, oldest first
	Stuck       error   // why it was given up before CloudFormation did; nil if CloudFormation was first
	Explanation error
	NextStep    NextStep // what becomes of the stack; "" if it rests
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

// cancelled tells whether an update ended without anything in it having failed: somebody cancelled it.
func (e *FailedError) cancelled() bool {
	return e.Operation == "update" && e.Stuck == nil && e.Cause.LogicalID == "" && !strings.Contains(e.Stack.StatusReason, "validation")
}

func (e *FailedError) Unwrap() error { return e.Stuck }
