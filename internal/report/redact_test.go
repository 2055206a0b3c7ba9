package report

import (
	"strings"
	"testing"

	"pr-stack/internal/timeline"
)

// The secret is one that rendering changes: it is escaped, capitalized and broken over lines.
func TestRedacted_leaves_no_secret_in_any_text(t *testing.T) {
	secret := "my_secret*" + strings.Repeat("x", 60)
	redact := func(s string) string { return strings.ReplaceAll(s, secret, "***") }
	failure := Failure{Summary: secret, Message: "a\n" + secret, Log: []string{secret}, Hint: secret, NextStep: secret}
	base := run(Failed, "")
	base.Reason, base.Failure = secret, &failure
	base.Phases = []timeline.Phase{{Name: secret, Note: secret}}
	base.Bars = []timeline.Bar{span("Image", secret, 0, 60)}
	skipped := base
	skipped.Ending = Skipped
	ready := base
	ready.Ending, ready.Failure = Up, nil
	for name, r := range map[string]Result{
		"failed":      &Deployment{Run: base},
		"skipped":     &Deployment{Run: skipped, Comment: true},
		"ready":       &Deployment{Run: ready, Proof: []string{secret}, Unproved: []string{secret}},
		"destruction": &Destruction{Run: base},
		"base stack":  &Bootstrap{Run: base},
		"doctor":      &Doctor{Run: ready, Trust: secret, Checks: []Check{{Group: "AWS", Name: secret, Text: secret, Fix: secret, Found: CheckMissing}}},
		"refusal":     &Refusal{Run: base, Failures: []Failure{failure}},
		"sweep":       &Sweep{Run: base, Environments: []Swept{{Why: secret, Outcome: SweepFailed}}},
	} {
		before := Summary(r)
		redacted := Redacted(r, redact, redact)
		for _, text := range []string{Summary(redacted), Comment(redacted, State{}), Line(redacted)} {
			if strings.Contains(strings.ToLower(text), `secret`) || strings.Contains(text, "xxxx") {
				t.Errorf("%s: the secret is in:\n%s", name, text)
			}
		}
		if Summary(r) != before {
			t.Errorf("%s: Redacted changed its caller's result", name)
		}
	}
}
