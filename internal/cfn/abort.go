package cfn

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// abortedError is that an operation was ended early because it could not succeed.
type abortedError struct{ why error }

func (e *abortedError) Error() string { return e.why.Error() }
func (e *abortedError) Unwrap() error { return e.why }

// checkInterval is how often it is checked whether an operation can still succeed. Half of the three
// seconds in which a job ends once it is known that it cannot are for what comes after.
const checkInterval = 1500 * time.Millisecond

// abortWhen runs work while the stack is created or updated, and ends it with an *abortedError as
// soon as the watch says that the operation cannot succeed.
func (c *Client) abortWhen(ctx context.Context, stack Stack, watch Watch, work func(context.Context) error) error {
	if watch == nil || stack.Status != types.StackStatusCreateInProgress && stack.Status != types.StackStatusUpdateInProgress {
		return work(ctx)
	}
	watched, stop := context.WithCancelCause(ctx)
	var checks sync.WaitGroup
	checks.Go(func() {
		for range poll.Every(watched, checkInterval) {
			if err := watch.Check(watched, stack.ID); err != nil && watched.Err() == nil {
				stop(&abortedError{why: err})
			}
		}
	})
	err := work(watched)
	stop(nil)
	checks.Wait()
	// The error that ending it early caused in work is not reported.
	if cause, ok := errors.AsType[*abortedError](context.Cause(watched)); ok && ctx.Err() == nil {
		return cause
	}
	return err
}
