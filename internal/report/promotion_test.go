package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/environment"
	"pr-stack/internal/release"
)

const liveURL = "https://www.example.com"

func after(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

// generation returns the generation of that number; its pull request has twice the number.
func generation(number int, sha string) release.Generation {
	return release.Generation{
		Number: number, Stack: "hello-world-pr-" + numbered(2*number), Commit: sha, PullRequest: 2 * number, Previous: number - 1,
		Image: "123456789012.dkr.ecr.eu-north-1.amazonaws.com/hello-world@" + digest,
		Since: noon.Add(time.Duration(number-5) * 48 * time.Hour),
	}
}

func productionRun(ending Ending, status Status) Run {
	r := run(ending, status)
	r.Environment = environment.Permanent("hello-world", "production")
	return r
}

func ofStack(name string) Stack {
	s := stack()
	s.Name, s.Outputs = name, nil
	s.ID = strings.ReplaceAll(s.ID, "hello-world-pr-7", name)
	return s
}

// promoted returns a promotion of generation 5 that succeeded, by listener.
func promoted() *Promotion {
	to, from := generation(5, commit), generation(4, earlier)
	to.Since = after(540)
	r := productionRun(Up, Promoted)
	r.Took = 12 * time.Minute
	return &Promotion{
		Run: r, Stack: ofStack(to.Stack), By: release.Listener, Live: to, From: from, To: to,
		Weights: release.Only(to.Stack), URL: liveURL,
		Steps: []Step{
			{5, after(0), after(180), "40 requests, 0 of them answered 5xx", false},
			{25, after(180), after(360), "212 requests, 0 of them answered 5xx", false},
			{50, after(360), after(540), "431 requests, 1 of them answered 5xx", false},
			{100, after(540), after(720), "863 requests, 1 of them answered 5xx", false},
		},
		Tested: "the merged code is the code that was tested: both are the tree 9f2c11d",
		Proof:  []string{"The tasks run the tested image.", "The URL answers."},
	}
}

// badRelease returns a promotion of generation 5 that went back at its second step.
func badRelease() *Promotion {
	return with(promoted(), func(r *Promotion) {
		r.Ending, r.Status, r.Live, r.Proof = Failed, "", r.From, nil
		r.Weights, r.Stack = release.Only(r.From.Stack), ofStack(r.From.Stack)
		r.Steps = []Step{
			r.Steps[0], {25, after(180), after(241), "18 of 102 requests were answered 5xx (17.6 %); of the generation before 0 of 311 (0.0 %)", true},
			{0, after(243), after(244), "", false},
		}
		r.Took, r.Seconds = 5*time.Minute, 2.1
		r.Locked = &release.Locked{Since: after(243), By: runURL, Reason: "generation 5 was not good at 25 percent"}
		r.Failure = &Failure{
			Summary: "Generation 5 was not good at 25 % of the requests: 18 of 102 were answered 5xx",
			Hint:    "look at its log, and merge a fix",
		}
	})
}

// rolledBack returns a rollback from generation 5 to 4.
func rolledBack() *Promotion {
	return with(promoted(), func(r *Promotion) {
		r.Back, r.Status, r.Steps, r.Tested = true, RolledBack, []Step{{100, after(900), after(901), "", false}}, ""
		r.From, r.To = r.To, r.From
		r.To.Since = after(900)
		r.Live, r.Took, r.Seconds = r.To, 9*time.Second, 3.4
		r.Stack, r.Weights = ofStack(r.To.Stack), release.Only(r.To.Stack)
		r.Locked = &release.Locked{Since: after(900), By: runURL, Reason: "generation 5 was rolled back"}
		r.Proof = []string{"The URL answers."}
	})
}

// lockedOut returns a promotion that a locked production skipped.
func lockedOut() *Promotion {
	return &Promotion{
		Run: productionRun(Skipped, ""), Live: generation(4, earlier), URL: liveURL,
		Locked: &release.Locked{Since: after(900), By: runURL + "1", Reason: "generation 5 was rolled back"},
	}
}

func cancelled(r *Promotion) *Promotion {
	r.Ending, r.Status, r.Proof = Interrupted, "", nil
	r.Failure = &Failure{Message: "interrupted (the job was cancelled)", Hint: "run the job again"}
	return r
}

func failed(r *Promotion) *Promotion {
	r.Ending, r.Status, r.Proof = Failed, "", nil
	r.Failure = &Failure{Message: "read the rule: throttled"}
	return r
}

// unknown makes a promotion one of which it is not known who has the requests.
func unknown(r *Promotion) *Promotion {
	r.Live, r.Weights = release.Generation{}, release.Weights{"hello-world-pr-8": 75, "hello-world-pr-10": 25}
	return r
}

func TestPromotion_says_what_is_true_in_every_ending(t *testing.T) {
	const (
		four, five = "generation 4 (abc1234)", "generation 5 (def5678)"
		status     = " The command status shows what AWS says now."
		record     = "according to the ledger, "
		untouched  = "this run did not change which generation has the requests"
	)
	for name, test := range map[string]struct {
		result     *Promotion
		head, live string
	}{
		"promoted": {promoted(), "✅ `def5678` is live in production", five + " has all requests."},
		"unchanged": {
			with(promoted(), func(r *Promotion) { r.Status, r.Steps, r.Untouched = Unchanged, nil, true }),
			"✅ `def5678` was live in production already", five + " had all requests already.",
		},
		"locked": {lockedOut(), "🔒 `def5678` was not promoted: production is locked", record + four + " has all requests."},
		"skipped": {
			with(lockedOut(), func(r *Promotion) { r.Locked, r.Reason = nil, "pull request 10 is a draft" }),
			"⏭️ `def5678` was not promoted", record + four + " has all requests.",
		},
		"went back": {
			badRelease(), "❌ `def5678` did not stay in production: it was rolled back",
			four + " got all requests again, 2.1s after the decision to go back.",
		},
		"refused": {
			failed(with(promoted(), func(r *Promotion) { r.Steps, r.Live, r.Untouched = nil, r.From, true })),
			"❌ `def5678` could not be promoted", untouched + ": " + record + four + " has all of them.",
		},
		"refused before anything was read": {
			failed(&Promotion{Run: productionRun(Failed, ""), Untouched: true}),
			"❌ `def5678` could not be promoted", untouched + ".",
		},
		"the stack's update failed": {
			failed(with(promoted(), func(r *Promotion) { r.By, r.Steps, r.Live, r.Weights = release.Digest, nil, r.From, nil })),
			"❌ `def5678` could not be promoted", four + " has all requests.",
		},
		"live, but not written down": {
			failed(promoted()), "❌ `def5678` is live in production, but its promotion did not come to its end",
			five + " has all requests.",
		},
		"failed, weights unknown": {
			failed(unknown(promoted())), "❌ `def5678` could not be promoted, and it is not known what is live",
			"it is not known which weights are in effect: the requests may be shared between " + four + " and " + five +
				". AWS last said: hello-world-pr-10 25 %, hello-world-pr-8 75 %." + status,
		},
		"failed, by digest": {
			failed(with(unknown(promoted()), func(r *Promotion) { r.By, r.Weights = release.Digest, nil })),
			"❌ `def5678` could not be promoted, and it is not known what is live", "it is not known which generation has all requests." + status,
		},
		"the first, with no rule in the end": {
			failed(with(unknown(promoted()), func(r *Promotion) { r.From, r.Weights = release.Generation{}, release.Weights{} })),
			"❌ `def5678` could not be promoted, and it is not known what is live",
			"it is not known which weights are in effect. AWS last said that no stack gets requests." + status,
		},
		"cancelled, went back": {
			cancelled(badRelease()), "⏹️ The run was cancelled while it promoted `def5678`",
			four + " got all requests again, 2.1s after the decision to go back.",
		},
		"cancelled, unknown": {
			cancelled(with(unknown(promoted()), func(r *Promotion) { r.Weights = nil })),
			"⏹️ The run was cancelled while it promoted `def5678`",
			"it is not known which weights are in effect: the requests may be shared between " + four + " and " + five + "." + status,
		},
		"rolled back": {
			rolledBack(), "✅ Production was rolled back to `abc1234`",
			four + " got all requests again, 3.4s after the decision to go back.",
		},
		"nothing to roll back to": {
			failed(with(rolledBack(), func(r *Promotion) {
				r.To, r.Live, r.Untouched, r.Steps, r.Seconds, r.Locked = release.Generation{}, r.From, true, nil, 0, nil
			})),
			"❌ Production could not be rolled back", untouched + ": " + record + five + " has all of them.",
		},
		"rollback failed": {
			failed(with(rolledBack(), func(r *Promotion) { r.Live, r.Steps, r.Seconds = r.From, nil, 0 })),
			"❌ Production could not be rolled back", five + " has all requests.",
		},
		"rolled back, but not written down": {
			failed(rolledBack()), "❌ Production was rolled back to `abc1234`, but the run did not come to its end",
			four + " got all requests again, 3.4s after the decision to go back.",
		},
		"rollback cancelled": {
			cancelled(unknown(rolledBack())), "⏹️ The run was cancelled while it rolled back production",
			"it is not known which weights are in effect: the requests may be shared between " + five + " and " + four +
				". AWS last said: hello-world-pr-10 25 %, hello-world-pr-8 75 %." + status,
		},
		"rollback skipped": {
			with(lockedOut(), func(r *Promotion) { r.Back, r.Locked, r.Reason = true, nil, "nothing was promoted yet" }),
			"⏭️ Production was not rolled back", record + four + " has all requests.",
		},
	} {
		if got := test.result.head(); got != test.head {
			t.Errorf("%s: head = %q, want %q", name, got, test.head)
		}
		if diff := cmp.Diff(test.live, test.result.live(plainText)); diff != "" {
			t.Errorf("%s: live (-want +got):\n%s", name, diff)
		}
		for where, text := range map[string]string{"Summary": Summary(test.result), "Line": Line(test.result)} {
			if locked := strings.Contains(text, "is locked"); locked != (test.result.Locked != nil) {
				t.Errorf("%s: %s says that production is locked: %t\n%s", name, where, locked, text)
			}
		}
		url := valueOf(t, test.result, "url")
		if known := test.result.Live.Number > 0 && test.result.Ending != Skipped; known && url != liveURL {
			t.Errorf("%s: output url = %q, want %q", name, url, liveURL)
		}
		if got := valueOf(t, test.result, "generation"); got != numbered(test.result.Live.Number) {
			t.Errorf("%s: output generation = %q, want %d", name, got, test.result.Live.Number)
		}
	}
}

func valueOf(t *testing.T, r Result, output string) string {
	t.Helper()
	outputs, _ := Outputs(r)
	at := slices.IndexFunc(outputs, func(o Output) bool { return o.Name == output })
	if at < 0 {
		t.Fatalf("there is no output %s", output)
	}
	return outputs[at].Value
}

func TestPromotion_outputs(t *testing.T) {
	for want, r := range map[string]*Promotion{
		"promoted production hello-world-pr-10 5 " + digest:   promoted(),
		"rolled-back production hello-world-pr-8 4 " + digest: rolledBack(),
	} {
		var got []string
		for _, name := range []string{"status", "environment", "stack-name", "generation", "image-digest"} {
			got = append(got, valueOf(t, r, name))
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("outputs (-want +got):\n%s", diff)
		}
	}
}

func TestLine_of_a_promotion(t *testing.T) {
	const unlock = "To unlock it, run promote by hand, on GitHub with workflow_dispatch."
	for want, r := range map[string]*Promotion{
		"hello-world production: generation 5 (def5678) has all requests, after 12m00s. " + liveURL: promoted(),
		"hello-world production: generation 4 (abc1234) got all requests again, 3.4s after the decision to go back. " + liveURL +
			" Production is locked since 2026-11-24 12:15 UTC: merges are not promoted. Generation 5 was rolled back. " + unlock: rolledBack(),
		"Skipped: Production is locked since 2026-11-24 12:15 UTC: merges are not promoted. Generation 5 was rolled back. " +
			"It was locked by " + runURL + "1 . " + unlock: lockedOut(),
		"Failed, after 12m00s. This run did not change which generation has the requests.": failed(
			with(promoted(), func(r *Promotion) { *r = Promotion{Run: r.Run, Untouched: true} })),
	} {
		if diff := cmp.Diff(want, Line(r)); diff != "" {
			t.Errorf("Line (-want +got):\n%s", diff)
		}
	}
}

// A lock is the reason only if nothing else is.
func TestPromotion_skipped_for_another_reason_than_the_lock(t *testing.T) {
	r := with(lockedOut(), func(r *Promotion) { r.Reason = "pull request 10 is a draft" })
	if got, want := Line(r), "Skipped: Pull request 10 is a draft."; got != want {
		t.Errorf("Line = %q, want %q", got, want)
	}
	for _, want := range []string{"### ⏭️ `def5678` was not promoted\n", "Pull request 10 is a draft.", "🔒 Production is locked since"} {
		if got := Summary(r); !strings.Contains(got, want) {
			t.Errorf("Summary has no %q:\n%s", want, got)
		}
	}
}
