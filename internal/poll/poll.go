// Package poll repeats a check at intervals, and logs what the check waits for. It knows nothing
// about the check itself.
package poll

import (
	"context"
	"iter"
	"time"
)

// Every yields immediately, and again after each pause of d, until ctx is done or the caller leaves
// the loop. It yields the number of earlier rounds. If ctx ended the loop, context.Cause(ctx) says
// why.
func Every(ctx context.Context, d time.Duration) iter.Seq[int] {
	return Paced(ctx, func(int) time.Duration { return d })
}

// Paced is Every with a pause that may change: after each round, pause returns the time to wait
// before the next one.
func Paced(ctx context.Context, pause func(round int) time.Duration) iter.Seq[int] {
	return func(yield func(int) bool) {
		for n := 0; ctx.Err() == nil && yield(n); n++ {
			timer := time.NewTimer(pause(n))
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				return
			}
		}
	}
}

// Pause waits for d. It returns context.Cause(ctx) if ctx is done first.
func Pause(ctx context.Context, d time.Duration) error {
	for n := range Every(ctx, d) {
		if n == 1 {
			return nil
		}
	}
	return context.Cause(ctx)
}
