package cfn

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// hopelessError tells that an operation was cut off because it could not end well.
type hopelessError struct{ why error }

func (e *hopelessError) Error() string { return e.why.Error() }
func (e *hopelessError) Unwrap() error { return e.why }

// alertness is how often it is asked whether an operation can still end well. Half of the three seconds in which a job
// ends once it is known that it cannot are for what comes after.
const alertness = 1500 * time.Millisecond

// guard carries out work while the stack is created or updated, and cuts it off with a *hopelessError as soon as hopeless
// says so.
func (c *Client) guard(ctx context.Context, stack Stack, hopeless func(context.Context, string) error, work func(context.Context) error) error {
	if hopeless == nil || stack.Status != types.StackStatusCreateInProgress && stack.Status != types.StackStatusUpdateInProgress {
		return work(ctx)
	}
	guarded, stop := context.WithCancelCause(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		for range poll.Every(guarded, alertness) {
			if err := hopeless(guarded, stack.ID); err != nil && guarded.Err() == nil {
				stop(&hopelessError{why: err})
			}
		}
	})
	err := work(guarded)
	stop(nil)
	watch.Wait()
	// What work makes of being cut off is not the news.
	if cause, ok := errors.AsType[*hopelessError](context.Cause(guarded)); ok && ctx.Err() == nil {
		return cause
	}
	return err
}
