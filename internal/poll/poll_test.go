package poll

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestEvery_yields_immediately_and_then_after_each_interval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		for n := range Every(t.Context(), time.Minute) {
			if got, want := time.Since(start), time.Duration(n)*time.Minute; got != want {
				t.Fatalf("round %d began after %v, want %v", n, got, want)
			}
			if n == 3 {
				return
			}
		}
		t.Fatal("the loop ended without a reason")
	})
}

func TestEvery_ends_when_the_context_is_done(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("time limit")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 90*time.Second, cause)
		defer cancel()
		start, rounds := time.Now(), 0
		for range Every(ctx, time.Minute) {
			rounds++
		}
		if rounds != 2 || time.Since(start) != 90*time.Second {
			t.Errorf("Every ran %d rounds in %v, want 2 in 1m30s", rounds, time.Since(start))
		}
		if err := context.Cause(ctx); err != cause {
			t.Errorf("Cause = %v, want %v", err, cause)
		}
	})
}

func TestPaced_waits_for_each_pause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		for n := range Paced(t.Context(), func(round int) time.Duration { return time.Second << round }) {
			if n == 3 {
				break
			}
		}
		if got, want := time.Since(start), 7*time.Second; got != want {
			t.Errorf("three pauses took %v, want %v", got, want)
		}
	})
}
