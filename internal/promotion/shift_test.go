package promotion

import (
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

func TestShift_steps_are_measured_by_requests(t *testing.T) {
	inAccount(t, fakeaws.Options{}, func(a *account) {
		a.serve()
		s := a.shift()
		s.Limits.MinRequests = 0
		var got []string
		s.OnStep = func(step Step) {
			if step.Ended.IsZero() {
				<-time.After(5 * time.Second) // a rule's weights are in effect a little later
				got = append(got, sorted(a.ask(100)))
			}
		}
		if err := a.Shift(a.Context(), s); err != nil {
			a.Fatalf("Shift = %v\n%s", err, a.log)
		}
		want := []string{"hello-pr-7 95, hello-pr-9 5", "hello-pr-7 50, hello-pr-9 50", "hello-pr-9 100"}
		for i := range want {
			if i >= len(got) || got[i] != want[i] {
				a.Errorf("the requests were answered by %q, want %q", got, want)
				break
			}
		}
		if writes := a.calls.writes(); writes != 3 {
			a.Errorf("%d calls changed the weights, want 3: %q", writes, a.calls.made)
		}
		a.Logf("%s", a.log)
	})
}
