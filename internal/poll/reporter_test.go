package poll_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/poll"
)

func TestReporter_says_what_is_missing_when_it_changes_and_every_30_seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var lines []string
		r := poll.Reporter{Logf: func(format string, args ...any) {
			lines = append(lines, fmt.Sprintf("%s ", time.Since(began))+fmt.Sprintf(format, args...))
		}}
		for n := range poll.Every(t.Context(), time.Second) {
			switch {
			case n < 15:
				r.Waiting("a task")
			case n < 80:
				r.Waiting("a target")
			default:
				r.Waiting("%d of 2 targets", n%2)
			}
			if n == 100 {
				break
			}
		}
		want := []string{
			"10s a task (10s)",
			"20s a target (20s)", // it changed at 15 s, less than 10 s after the last line
			"50s a target (50s)",
			"1m20s 0 of 2 targets (1m20s)",
			"1m31s 1 of 2 targets (1m31s)", // it changes every second, and at most one line in 10 s is logged
		}
		if diff := cmp.Diff(want, lines[:min(len(want), len(lines))]); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

// If the next round would end more than 30 seconds after the last line, a line is logged before it.
func TestReporter_keeps_to_30_seconds_when_rounds_are_long(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		last, longest, lines := time.Now(), time.Duration(0), 0
		r := poll.Reporter{Logf: func(string, ...any) {
			longest, last = max(longest, time.Since(last)), time.Now()
			lines++
		}}
		for n := range poll.Every(t.Context(), 11*time.Second) {
			if r.Waiting("x"); n == 20 {
				break
			}
		}
		if longest > 30*time.Second || lines > 10 {
			t.Errorf("it logged %d lines in 220 seconds, with up to %s between two, want at most 10 and 30s", lines, longest)
		}
	})
}

func TestReporter_without_Logf_does_not_panic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r poll.Reporter
		for n := range poll.Every(t.Context(), time.Second) {
			if r.Waiting("x"); n == 40 {
				return
			}
		}
	})
}
