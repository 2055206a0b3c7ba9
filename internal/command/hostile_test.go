package command

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"pr-stack/internal/diagnosis"
	"pr-stack/internal/publish"
	"pr-stack/internal/report"
	"pr-stack/internal/rollout"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// A container's log reaches the job's log inside an annotation: it stays one command, ours, shows no
// secret of ours, and cannot be taken for a line that we wrote.
func FuzzFailure_of_a_hostile_container(f *testing.F) {
	for _, seed := range []string{"x", "::add-mask::a", "##[add-path]/evil", "a\r\n::error::b", "%0A::error::c", "the secret is hunter2!", "\x1b[2J\u202e"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var out bytes.Buffer
		log := runner.New(&out, []string{"GITHUB_ACTIONS=true"})
		log.Mask("hunter2!")
		out.Reset()
		finding := diagnosis.Explain(diagnosis.Facts{Action: "create stack s", Service: diagnosis.Service{
			Crashes: 2, Last: diagnosis.Crash{Reason: "Essential container in task exited", Container: text, Detail: text, Log: []string{text}},
		}})
		result := &report.Deployment{}
		conclude(context.Background(), result, &rollout.Diagnosed{Finding: finding}, time.Now(), &timeline.Recorder{})
		publish.Local(log, result)
		_, wrote, found := strings.Cut(out.String(), "::error::")
		if !found || strings.Count(wrote, "\n") != 1 || strings.Contains(out.String(), "##[") || strings.Contains(out.String(), "\r") {
			t.Errorf("a log that says %q became %q", text, out.String())
		}
		if strings.Contains(out.String(), "hunter2!") {
			t.Errorf("a log that says %q was shown with the secret", text)
		}
		for i, line := range strings.Split(strings.TrimSpace(wrote), "%0A") {
			if i > 1 && !strings.HasPrefix(line, "  | ") && !strings.HasPrefix(line, "hint: ") {
				t.Errorf("a log that says %q became the line %q of the message", text, line)
			}
		}
	})
}
