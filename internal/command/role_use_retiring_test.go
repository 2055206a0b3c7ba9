package command_test

import (
	"slices"
	"time"

	"pr-stack/internal/ledger"
	"pr-stack/internal/release"
)

// looks: before the environment of a closed pull request is deleted, what serves production is looked at.
func (r *roleTest) looks(environ ...string) {
	if r.push("create", environ...) {
		r.GitHub.Close(7, false)
		r.step("close", "closed", oneCommit)
	}
}

func (r *roleTest) looksAtRule() {
	r.offerPromotion("listener")
	r.looks()
}

func (r *roleTest) looksAtRecord() {
	r.offerPromotion("record")
	r.looks("INPUT_INGRESS=dedicated")
}

// sweepPromoted: the image of an environment was promoted, so it goes before its day is over.
func (r *roleTest) sweepPromoted() {
	r.offerPromotion("digest")
	r.test(7)
	r.record(release.Ledger{By: release.Digest, Stable: 1, Generations: []release.Generation{
		{Number: 1, Stack: "hello-world-production", PullRequest: 7, Since: time.Now()},
	}})
	r.step("sweep", "closed", oneCommit, "INPUT_COMMAND=sweep")
}

// retires: an environment that has served production gets 0 tasks, and goes a day later.
func (r *roleTest) retires(by release.Way, environ ...string) {
	r.offerPromotion(string(by))
	r.test(7, environ...)
	r.check(r.Protect(r.t.Context(), stackName))
	r.record(release.Ledger{By: by, Stable: 2, Generations: []release.Generation{
		{Number: 2, Stack: "hello-world-pr-8", PullRequest: 8, Since: time.Now()},
		{Number: 1, Stack: stackName, PullRequest: 7, Until: time.Now().Add(-2 * time.Hour)},
	}})
	sweep := []string{"INPUT_COMMAND=sweep"}
	if r.step("sweep, for 0 tasks", "closed", oneCommit, sweep...) {
		<-time.After(24 * time.Hour)
		r.step("sweep a day later", "closed", oneCommit, slices.Clone(sweep)...)
	}
}

func (r *roleTest) retiresByRule() { r.retires(release.Listener) }

func (r *roleTest) retiresByRecord() { r.retires(release.Record, "INPUT_INGRESS=dedicated") }

// record writes the ledger of production.
func (r *roleTest) record(l release.Ledger) {
	r.AWS.PutParameter(ledger.Name("hello-world", "production", "ledger"), l.String())
}
