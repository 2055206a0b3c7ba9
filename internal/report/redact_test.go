package report

import (
	"strings"
	"testing"

	"pr-stack/internal/release"
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
		"promotion":   hidden(secret, &Promotion{Run: base, Back: true}),
		"promoted":    hidden(secret, &Promotion{Run: ready}),
		"locked":      hidden(secret, &Promotion{Run: Run{Ending: Skipped}}),
		"overview": &Overview{
			Run:          ready,
			Environments: []Placed{{URL: secret, Stack: secret}},
			Production: &Served{
				URL: secret, Differs: secret, Weights: release.Weights{secret: 100}, Locked: &release.Locked{Reason: secret, By: secret},
				Generations: []release.Generation{{Number: 1, Stack: secret, StackID: secret, Image: secret}},
			},
		},
		"sweep": &Sweep{Run: base, Environments: []Swept{{Why: secret, Outcome: SweepFailed}}},
	} {
		before := Summary(r)
		redacted := Redacted(r, redact, redact)
		texts := []string{Summary(redacted), Comment(redacted, State{}), Line(redacted)}
		switch r := redacted.(type) {
		case *Promotion:
			texts = append(texts, CommentLive(r), CommentWasLive(r, State{}))
		case *Overview:
			texts = append(texts, r.JSON(), strings.Join(r.Lines(), "\n"))
		}
		for _, text := range texts {
			if strings.Contains(strings.ToLower(text), `secret`) || strings.Contains(text, "xxxx") {
				t.Errorf("%s: the secret is in:\n%s", name, text)
			}
		}
		if Summary(r) != before {
			t.Errorf("%s: Redacted changed its caller's result", name)
		}
	}
}

// hidden puts a secret in every text of a promotion.
func hidden(secret string, r *Promotion) *Promotion {
	g := func(number int) release.Generation {
		return release.Generation{Number: number, Stack: secret, StackID: secret, Image: secret}
	}
	r.Stack, r.URL, r.Live, r.From, r.To = Stack{Name: "s", ID: secret}, secret, g(0), g(4), g(5)
	r.By, r.Weights, r.Locked = release.Listener, release.Weights{secret: 1}, &release.Locked{Reason: secret, By: secret}
	r.Tested, r.Proof, r.Unproved = secret, []string{secret}, []string{secret}
	r.Steps = []Step{{Percent: 5, Verdict: secret}, {Percent: 25, Verdict: secret}}
	if r.Ending == Up {
		r.Live = g(5)
	}
	return r
}
