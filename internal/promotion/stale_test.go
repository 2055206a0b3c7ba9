package promotion

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

// Reads of rules may be older than the last change, now and then.
func TestShift_waits_for_reads_that_show_its_change(t *testing.T) {
	n, ages := 0, []time.Duration{0, 7 * time.Second, 0, time.Second, 5 * time.Second, 2 * time.Second}
	stale := func() time.Duration {
		n++
		return ages[n%len(ages)]
	}
	inAccount(t, fakeaws.Options{RuleStaleness: stale}, func(a *account) {
		a.serve()
		if err := a.Shift(a.Context(), a.unjudged()); err != nil || a.calls.writes() != 3 {
			a.Fatalf("Shift = %v after %d changes, want 3\n%s", err, a.calls.writes(), a.log)
		}
		<-time.After(time.Minute)
		if got := sorted(a.ask(20)); got != "hello-pr-9 20" {
			a.Errorf("the requests were answered by %s", got)
		}
	}, "listener")
}

// The run that is interrupted as soon as it has changed the weights may read them as they were before.
func TestShift_goes_back_though_reads_do_not_show_its_change(t *testing.T) {
	for age := range 6 {
		n := 0
		stale := func() time.Duration {
			n++
			return time.Duration(age*(n%2)) * time.Second
		}
		inAccount(t, fakeaws.Options{RuleStaleness: stale}, func(a *account) {
			a.serve()
			ctx, cancel := context.WithCancelCause(a.Context())
			defer cancel(nil)
			a.calls.before = func(int, string) {
				if a.calls.writes() == 1 {
					cancel(errSignal)
				}
			}
			err := a.Shift(ctx, a.unjudged())
			a.calls.before = nil
			<-time.After(time.Minute)
			if got := sorted(a.ask(20)); got != "hello-pr-7 20" || a.calls.writes() != 2 {
				a.Errorf("each second read is %d seconds old: the requests were answered by %s after %d changes; Shift = %v", age, got, a.calls.writes(), err)
			}
		}, "listener")
	}
}

func TestShift_goes_back_if_no_read_shows_its_change(t *testing.T) {
	var began time.Time
	stale := func() time.Duration {
		if began.IsZero() {
			return 0
		}
		return time.Since(began)
	}
	inAccount(t, fakeaws.Options{RuleStaleness: stale}, func(a *account) {
		a.serve()
		began = time.Now()
		<-time.After(time.Second)
		err := a.Shift(a.Context(), a.unjudged())
		want := "ELB has accepted hello-pr-7 95 %, hello-pr-9 5 %, and still says hello-pr-7 100 %"
		returned, ok := errors.AsType[*ReturnedError](err)
		if !ok || !strings.Contains(err.Error(), want) || returned.Cause != nil || a.calls.writes() != 2 {
			a.Errorf("Shift = %v (%+v) after %d changes, want a return: %s", err, returned, a.calls.writes(), want)
		}
		<-time.After(time.Minute)
		if got := sorted(a.ask(20)); got != "hello-pr-7 20" {
			a.Errorf("the requests were answered by %s", got)
		}
	}, "listener")
}
