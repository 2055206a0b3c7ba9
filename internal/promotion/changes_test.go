package promotion

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/release"
)

// unjudged is a shift whose requests are not judged.
func (a *account) unjudged() Shift {
	s := a.shift()
	s.Limits.MinRequests = 0
	return s
}

// after runs something once a step has begun and a time has passed.
func after(d time.Duration, percent int, do func()) func(Step) {
	return func(s Step) {
		if s.Percent == percent && s.Ended.IsZero() {
			go func() {
				<-time.After(d)
				do()
			}()
		}
	}
}

// What somebody else has changed is left alone: who it was may have had a reason.
func TestShift_leaves_weights_alone_that_others_have_changed(t *testing.T) {
	inAccount(t, fakeaws.Options{}, func(a *account) {
		a.serve()
		s := a.unjudged()
		var at time.Time
		s.OnStep = after(time.Minute, 50, func() {
			at = time.Now()
			if err := a.traffic().Write(context.WithoutCancel(a.Context()), release.Between(a.old.Stack, a.new.Stack, 50), release.Between(a.old.Stack, a.new.Stack, 70)); err != nil {
				a.Error(err)
			}
		})
		err := a.Shift(a.Context(), s)
		want := "expected hello-pr-7 50 %, hello-pr-9 50 %, and AWS says hello-pr-7 30 %, hello-pr-9 70 %"
		if _, returned := errors.AsType[*ReturnedError](err); returned || !errors.Is(err, ErrChanged) || !strings.HasSuffix(err.Error(), want) || time.Since(at) > 2*time.Minute {
			a.Errorf("Shift = %v after %s, want ErrChanged and %s", err, time.Since(at), want)
		}
		if got := a.weights(); a.calls.writes() != 3 || got != "hello-pr-7 30 %, hello-pr-9 70 %" {
			a.Errorf("%d changes, and the weights are %s, want 3, of which the last was not the shift's", a.calls.writes(), got)
		}
		<-time.After(time.Minute) // the other's change is in effect
	})
}

func TestShift_goes_back_when_it_is_told_to_stop(t *testing.T) {
	inAccount(t, fakeaws.Options{}, func(a *account) {
		a.serve()
		s, stop, began := a.unjudged(), errors.New("somebody rolls back"), time.Now()
		var told time.Time
		s.Stop = func(context.Context) error {
			if time.Since(began) < 4*time.Minute {
				return nil
			}
			told = time.Now()
			return stop
		}
		var steps []Step
		s.OnStep = func(step Step) { steps = append(steps, step) }
		err := a.Shift(a.Context(), s)
		took := time.Since(told)
		returned, ok := errors.AsType[*ReturnedError](err)
		if !ok || returned.Cause != nil || !errors.Is(returned.Stop, stop) || returned.Took > took {
			a.Fatalf("Shift = %v (%+v) after %s, want it to go back", err, returned, took)
		}
		if got := a.weights(); a.calls.writes() != 3 || got != "hello-pr-7 100 %" {
			a.Errorf("%d changes, and the weights are %s, want 3, the last to hello-pr-7 100 %%", a.calls.writes(), got)
		}
		if last := steps[len(steps)-1]; len(steps) != 4 || !last.Failed || last.Percent != 50 || last.Verdict != stop.Error() {
			a.Errorf("the steps are %+v, want two, of which the second failed", steps)
		}
		a.Logf("back after %s\n%s", took, a.log)
	})
}

// With the first generation there is nobody to go back to.
func TestShift_of_a_first_generation_has_one_step(t *testing.T) {
	for name, good := range map[string]bool{"good": true, "bad": false} {
		t.Run(name, func(t *testing.T) {
			inAccount(t, fakeaws.Options{}, func(a *account) {
				s := a.unjudged()
				s.From = Backend{}
				s.Path = "/"
				a.fail[a.new.Stack] = !good
				err := a.Shift(a.Context(), s)
				want := map[bool]string{true: "hello-pr-9 100 %", false: "that no stack gets requests"}[good]
				if got := a.weights(); got != want || (err == nil) != good {
					a.Errorf("Shift = %v, and the weights are %s, want %s\n%s", err, got, want, a.log)
				}
			})
		})
	}
}
