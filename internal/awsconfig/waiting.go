package awsconfig

import (
	"context"
	"sync"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// waitingGap is the time after which the log says that a call still waits, and then says it again.
const waitingGap = 30 * time.Second

// waitingCall is one call of the SDK, with all its retries.
type waitingCall struct {
	lock  sync.Mutex
	timer *time.Timer
	last  error // of the last attempt
	done  bool
}

type waitingKey struct{}

// logWaiting makes the SDK log each call that waits for more than half a minute, with AWS's last answer.
// By itself, the SDK repeats a call silently while AWS throttles it.
func logWaiting(logf func(format string, args ...any)) func(*middleware.Stack) error {
	call := func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
		middleware.InitializeOutput, middleware.Metadata, error,
	) {
		c := &waitingCall{}
		defer c.start(ctx, logf)()
		return next.HandleInitialize(middleware.WithStackValue(ctx, waitingKey{}, c), in)
	}
	attempt := func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
		middleware.FinalizeOutput, middleware.Metadata, error,
	) {
		out, metadata, err := next.HandleFinalize(ctx, in)
		if c, ok := middleware.GetStackValue(ctx, waitingKey{}).(*waitingCall); ok {
			c.lock.Lock()
			defer c.lock.Unlock()
			c.last = err
		}
		return out, metadata, err
	}
	return func(stack *middleware.Stack) error {
		note := middleware.FinalizeMiddlewareFunc("NoteAttempt", attempt)
		if err := stack.Finalize.Insert(note, "Retry", middleware.After); err != nil {
			return err
		}
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("LogWaiting", call), middleware.After)
	}
}

// start begins to log, until the function that it returns is called.
func (c *waitingCall) start(ctx context.Context, logf func(format string, args ...any)) (stop func()) {
	began, service, name := time.Now(), awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
	c.lock.Lock()
	defer c.lock.Unlock()
	c.timer = time.AfterFunc(waitingGap, func() {
		c.lock.Lock()
		defer c.lock.Unlock()
		if c.done {
			return
		}
		why := "no answer yet"
		if c.last != nil {
			why = answer(&smithy.OperationError{ServiceID: service, OperationName: name, Err: c.last})
		}
		logf("  waiting for %s to answer %s: %s (%s)", service, name, why, time.Since(began).Round(time.Second))
		c.timer.Reset(waitingGap)
	})
	return func() {
		c.lock.Lock()
		defer c.lock.Unlock()
		c.done = true
		c.timer.Stop()
	}
}
