// Package poll is the loop that asks again. It knows nothing of what is asked.
package poll

import (
	"context"
	"iter"
	"time"
)

// Every yields at once and then each d, until ctx is done or the loop is left. What it yields is the number of times
// asked before. After the loop, context.Cause(ctx) tells why it ended.
func Every(ctx context.Context, d time.Duration) iter.Seq[int] {
	return Paced(ctx, func(int) time.Duration { return d })
}

// Paced is Every with a pause that may change: pause is asked after each round how long to wait before the next.
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

// Pause waits for d. It returns context.Cause(ctx) if ctx is done before.
func Pause(ctx context.Context, d time.Duration) error {
	for n := range Every(ctx, d) {
		if n == 1 {
			return nil
		}
	}
	return context.Cause(ctx)
}
