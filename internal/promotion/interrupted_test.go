package promotion

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/release"
)

// errSignal is why a run ends, as main says it.
var errSignal = errors.New("got the signal interrupt")

// The runner kills a job 7.5 seconds after it has interrupted it.
const killed = 7500 * time.Millisecond

// Whenever a run is interrupted, all requests are with the stack that had them, or will be: no call that
// changes weights is cut off.
func TestShift_gives_the_requests_back_whenever_it_is_interrupted(t *testing.T) {
	inAccount(t, fakeaws.Options{}, func(a *account) {
		a.serve()
		a.SetAlarm("errors", "OK")
		for n, ended := 0, false; !ended; n++ {
			ended = a.interruptAt(n)
			<-time.After(2 * time.Minute) // Route 53 has the change
			if got := a.weights(); got != "hello-pr-7 100 %" {
				a.Fatalf("interrupted at call %d: the weights are %s\n%s", n, got, a.log)
			}
			if got := sorted(a.ask(20)); got != "hello-pr-7 20" {
				a.Fatalf("interrupted at call %d: the requests were answered by %s", n, got)
			}
		}
	})
}

// interruptAt interrupts a shift at its n-th call, and reports whether it has fewer. Then it takes the
// requests back by hand.
func (a *account) interruptAt(n int) (ended bool) {
	a.Helper()
	ctx, cancel := context.WithCancelCause(a.Context())
	defer cancel(nil)
	var at time.Time
	var during string
	a.calls.made, a.calls.late = nil, func(call int, operation string) time.Duration {
		if call != n {
			return 0
		}
		at, during = time.Now(), operation
		cancel(errSignal)
		return time.Second // so that a call that is cut off takes effect after those that follow it
	}
	s := a.shift()
	s.Limits.MinRequests, s.Bake, s.Steps, s.Alarms = 0, 15*time.Second, []int{5, 50}, []string{"errors"}
	err := a.Shift(ctx, s)
	took, writes := time.Since(at), a.calls.writes()
	a.calls.late = nil
	if at.IsZero() {
		if err != nil || writes != 3 {
			a.Errorf("Shift = %v after %d changes, want none and 3", err, writes)
		}
		if _, err := a.Back(a.Context(), a.traffic(), release.Only(a.old.Stack)); err != nil {
			a.Errorf("Back = %v", err)
		}
		return true
	}
	returned, back := errors.AsType[*ReturnedError](err)
	want := fmt.Sprintf("interrupted (%s)", errSignal)
	if !errors.Is(err, errSignal) || !strings.Contains(err.Error(), want) || took > killed-time.Second {
		a.Errorf("interrupted at call %d, %s: Shift = %v after %s, want %s within %s", n, during, err, took, want, killed-time.Second)
	}
	// Route 53 takes longer than the run may, and the error says so.
	unknown := back && returned.Cause != nil && (a.listener != "" || !errors.Is(returned.Cause, ErrUnconfirmed))
	if back != (writes > 0) || unknown {
		a.Errorf("interrupted at call %d, %s: Shift = %T %+v after %d changes, want a return after a change\n%s", n, during, err, returned, writes, a.calls.made)
	}
	return false
}
