package cfn_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
)

// Creating a load balancer takes minutes, and no event comes during that time.
func TestDeploy_says_what_it_waits_for_in_silence(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		w.FailResource(name, "Network", fakeaws.Failure{Operation: "CREATE", Never: true, Times: 1})
		ctx, cancel := context.WithTimeout(t.Context(), 95*time.Second)
		defer cancel()
		_, _, _ = w.client.Deploy(ctx, deployment(network))
		if n := strings.Count(w.log.String(), "waiting for Network (AWS::EC2::VPC)"); n < 3 || n > 4 {
			t.Errorf("it is said %d times, want 3 or 4 times in 95 seconds:\n%s", n, &w.log)
		}
	})
}

// silences returns the longest time in which nothing was logged while f ran.
func (w *env) silences(f func()) time.Duration {
	last, longest := time.Now(), time.Duration(0)
	logged := func() { longest, last = max(longest, time.Since(last)), time.Now() }
	logf, onEvent := w.client.Logf, w.client.OnEvent
	w.client.Logf = func(format string, args ...any) { logf(format, args...); logged() }
	w.client.OnEvent = func(e cfn.Event) { onEvent(e); logged() }
	f()
	logged()
	return longest
}

// Nothing takes longer than half a minute without a line in the log.
func TestClient_is_not_silent(t *testing.T) {
	for what, wait := range map[string]func(t *testing.T, w *env){
		"a deletion is tried again minutes later": func(t *testing.T, w *env) {
			stack := w.deploy(t, deployment(network), cfn.Created)
			w.FailResource(name, "Network", fakeaws.Failure{Operation: "DELETE", Reason: "resource sg-0 has a dependent object", Times: 3})
			if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID}); err != nil {
				t.Error(err)
			}
		},
		"the events cannot be read": func(t *testing.T, w *env) {
			w.Inject(fakeaws.Fault{Operation: "DescribeStackEvents", Times: 12, Code: "Throttling", Message: "Rate exceeded"})
			w.deploy(t, deployment(network), cfn.Created)
		},
		"the events are late": func(t *testing.T, w *env) {
			w.deploy(t, deployment(network), cfn.Created)
		},
	} {
		t.Run(what, func(t *testing.T) {
			options := fakeaws.Options{}
			if what == "the events are late" {
				options.EventDelay = func(string, string) time.Duration { return 90 * time.Second }
			}
			inBubble(t, options, func(t *testing.T, w *env) {
				if silent := w.silences(func() { wait(t, w) }); silent > 31*time.Second {
					t.Errorf("nothing was logged for %s:\n%s", silent, &w.log)
				}
			})
		})
	}
}
