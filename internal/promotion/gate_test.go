package promotion

import (
	"errors"
	"strings"
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/hint"
	"pr-stack/internal/release"
)

// What a candidate does with the requests that it gets decides whether it gets more. Each case begins with
// the old stack, which alone has the requests.
func TestShift_judges_by_what_was_measured(t *testing.T) {
	for name, test := range map[string]struct {
		perSecond int
		before    func(a *account, s *Shift)
		want      string // in the error; "": none
		changes   int
		longest   time.Duration
	}{
		"good":        {10, func(*account, *Shift) {}, "", 3, 20 * time.Minute},
		"answers 500": {10, func(a *account, _ *Shift) { a.fail[a.new.Stack] = true }, "stack hello-pr-9 was not good at 5 %: ", 2, 6 * time.Minute},
		"is slow": {10, func(a *account, _ *Shift) {
			a.slow[a.old.Stack], a.slow[a.new.Stack] = 100*time.Millisecond, 300*time.Millisecond
		}, "95 of 100 requests were answered within 300ms; of the generation before within 100ms", 2, 6 * time.Minute},
		"both are bad": {10, func(a *account, _ *Shift) { a.fail[a.new.Stack], a.fail[a.old.Stack] = true, true }, "", 3, 20 * time.Minute},
		"no requests": {
			0, func(*account, *Shift) {},
			"stack hello-pr-9 could not be judged at 5 %: it got ", 2, 13 * time.Minute,
		},
		"no requests, which are not judged": {0, func(_ *account, s *Shift) { s.Limits.MinRequests = 0 }, "", 3, 11 * time.Minute},
		"bad from 50 percent on": {10, func(a *account, s *Shift) {
			s.OnStep = after(0, 50, func() { a.set(a.fail, a.new.Stack) })
		}, "stack hello-pr-9 was not good at 50 %: ", 3, 15 * time.Minute},
		"bad with all requests": {10, func(a *account, s *Shift) {
			s.OnStep = after(0, 100, func() { a.set(a.fail, a.new.Stack) })
		}, "stack hello-pr-9 was not good at 100 %: ", 4, 20 * time.Minute},
		"one error among the first requests": {4, func(a *account, s *Shift) {
			s.Bake = 20 * time.Minute
			s.OnStep = after(0, 5, func() { a.set(a.hiccup, a.new.Stack) })
		}, "", 3, 70 * time.Minute},
		"the URL does not answer": {0, func(a *account, s *Shift) {
			s.Limits.MinRequests, s.Path = 0, "/"
			s.OnStep = after(0, 100, func() { a.set(a.fail, a.new.Stack) })
		}, "the URL does not answer well: request http://" + host + "/: the last answer was 500 Internal Server Error: not twice in a row within 10s", 4, 11 * time.Minute},
		"AWS does not answer twice": {0, func(a *account, s *Shift) {
			s.Limits.MinRequests = 0
			a.Inject(fakeaws.Fault{Operation: "DescribeTargetHealth", Skip: 1, Times: 2, Code: "AccessDenied", Message: "no"})
		}, "", 3, 11 * time.Minute},
		"AWS does not answer": {0, func(a *account, s *Shift) {
			s.Limits.MinRequests = 0
			a.Inject(fakeaws.Fault{Operation: "DescribeTargetHealth", Skip: 1, Times: 3, Code: "AccessDenied", Message: "no"})
		}, "AWS could not be asked whether the candidate is good: describe the health of target group ", 2, 2 * time.Minute},
		"metrics cannot be read": {10, func(a *account, s *Shift) {
			a.Inject(fakeaws.Fault{Operation: "GetMetricData", Skip: 4, Code: "AccessDenied", Message: "no"})
		}, "AWS could not be asked whether the candidate is good: read the metrics of target group ", 2, 5 * time.Minute},
		"bad in a long step": {10, func(a *account, s *Shift) {
			s.Bake = time.Hour
			a.fail[a.new.Stack] = true
		}, "stack hello-pr-9 was not good at 5 %: ", 2, 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			inAccount(t, fakeaws.Options{}, func(a *account) {
				a.serve()
				s := a.shift()
				test.before(a, &s)
				leave := a.crowd(test.perSecond)
				defer leave()
				<-time.After(3 * time.Minute)
				a.calls.made = nil
				began := time.Now()
				err := a.Shift(a.Context(), s)
				took := time.Since(began)
				a.checkEnd(err, test.want)
				if writes := a.calls.writes(); writes != test.changes || took > test.longest {
					a.Errorf("Shift took %s and made %d changes, want at most %s and %d", took, writes, test.longest, test.changes)
				}
			})
		})
	}
}

// set says that a stack has some property from now on.
func (a *account) set(of map[string]bool, stack string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	of[stack] = true
}

// checkEnd checks that the new stack has all requests, or that it has none and the error says why.
func (a *account) checkEnd(err error, want string) {
	a.Helper()
	stack := a.new.Stack
	if want != "" {
		stack = a.old.Stack
	}
	returned, ok := errors.AsType[*ReturnedError](err)
	switch {
	case want == "" && err != nil:
		a.Errorf("Shift = %v, want no error\n%s", err, a.log)
	case want != "" && (!ok || returned.Cause != nil || !strings.Contains(err.Error(), want)):
		a.Errorf("Shift = %v (%+v), want it to go back: %s\n%s", err, returned, want, a.log)
	}
	if got := a.weights(); got != release.Only(stack).String() {
		a.Errorf("the weights are %s, want %s 100 %%", got, stack)
	}
	<-time.After(2 * time.Minute) // in effect everywhere
	if got := sorted(a.ask(20)); got != stack+" 20" {
		a.Errorf("the requests were answered by %s, want %s 20", got, stack)
	}
}

// The alarms that somebody names must be there, and must not be in ALARM before a shift and during it.
func TestShift_watches_alarms(t *testing.T) {
	for name, test := range map[string]struct {
		before  func(a *account, s *Shift)
		want    string
		changes int
	}{
		"at the start": {func(a *account, _ *Shift) { a.SetAlarm("errors", "ALARM") }, "no requests were shifted to stack hello-pr-9: alarm errors is in ALARM: ", 0},
		"a composite one at the start": {func(a *account, s *Shift) {
			a.AddAlarm(fakeaws.Alarm{Name: "all", State: "ALARM", Composite: true})
			s.Alarms = append(s.Alarms, "all")
		}, "no requests were shifted to stack hello-pr-9: alarm all is in ALARM: ", 0},
		"that is missing": {func(_ *account, s *Shift) { s.Alarms = append(s.Alarms, "eror") }, "no requests were shifted to stack hello-pr-9: read the state of alarm eror: there is no such alarm in the account and region", 0},
		"in the second step": {func(a *account, s *Shift) {
			s.OnStep = after(time.Minute, 50, func() { a.SetAlarm("errors", "ALARM") })
		}, "alarm errors is in ALARM: ", 3},
		"without data": {func(a *account, _ *Shift) { a.SetAlarm("errors", "INSUFFICIENT_DATA") }, "", 3},
	} {
		t.Run(name, func(t *testing.T) {
			inAccount(t, fakeaws.Options{}, func(a *account) {
				a.serve()
				a.SetAlarm("errors", "OK")
				s := a.unjudged()
				s.Alarms = []string{"errors"}
				test.before(a, &s)
				err := a.Shift(a.Context(), s)
				writes := a.calls.writes()
				if test.changes != 0 {
					a.checkEnd(err, test.want)
				} else if _, returned := errors.AsType[*ReturnedError](err); returned || err == nil || !strings.HasPrefix(err.Error(), test.want) || len(hint.Of(err)) != 1 {
					a.Errorf("Shift = %v with the hints %q, want %s and one hint", err, hint.Of(err), test.want)
				}
				if writes != test.changes {
					a.Errorf("Shift made %d changes, want %d", writes, test.changes)
				}
			})
		})
	}
}

// Rules, records, metrics and alarms come in pages.
func TestShift_reads_all_pages(t *testing.T) {
	inAccount(t, fakeaws.Options{PageSize: 1}, func(a *account) {
		a.serve()
		s := a.shift()
		for _, name := range []string{"a", "b", "c"} {
			a.SetAlarm(name, "OK")
			s.Alarms = append(s.Alarms, name)
		}
		a.fail[a.new.Stack] = true
		defer a.crowd(10)()
		err := a.Shift(a.Context(), s)
		a.checkEnd(err, "stack hello-pr-9 was not good at 5 %: ")
	})
}
