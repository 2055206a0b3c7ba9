package cfn

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// abortedError means that an operation was ended early because it could no longer succeed.
type abortedError struct{ why error }

func (e *abortedError) Error() string { return e.why.Error() }
func (e *abortedError) Unwrap() error { return e.why }

// checkInterval is the time between two checks whether an operation can still succeed. A job ends
// within three seconds after it can be known that it fails; half of that is left for the report.
const checkInterval = 1500 * time.Millisecond

// watched runs work. If the stack is being created or updated, it cancels work and returns an
// *abortedError as soon as watch.Check says that the operation cannot succeed. Without a watch, and
// for every other operation, it only runs work.
func (c *Client) watched(ctx context.Context, stack Stack, watch Watch, work func(context.Context) error) error {
	if watch == nil || stack.Status != types.StackStatusCreateInProgress && stack.Status != types.StackStatusUpdateInProgress {
		return work(ctx)
	}
	running, stop := context.WithCancelCause(ctx)
	var checks sync.WaitGroup
	checks.Go(func() {
		for range poll.Every(running, checkInterval) {
			if err := watch.Check(running, stack.ID); err != nil && running.Err() == nil {
				stop(&abortedError{why: err})
			}
		}
	})
	err := work(running)
	stop(nil)
	checks.Wait()
	// After an abort, err only says that the context was cancelled.
	if cause, ok := errors.AsType[*abortedError](context.Cause(running)); ok && ctx.Err() == nil {
		return cause
	}
	return err
}
