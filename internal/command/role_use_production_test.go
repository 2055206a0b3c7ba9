package command_test

import (
	"fmt"
	"slices"
	"time"

	"pr-stack/internal/actiontest"
	"pr-stack/internal/fake/github"
)

// test opens a pull request, deploys its environment, and merges it as another commit, which it returns.
func (r *roleTest) test(number int, environ ...string) (merged string) {
	r.t.Helper()
	commit := fmt.Sprintf("%d123456789abcdef0123456789abcdef01234567", number)
	r.GitHub.Open(number, commit)
	r.run("opened", commit, slices.Concat([]string{fmt.Sprint("INPUT_ENVIRONMENT=pr-", number), "INPUT_COMMAND=deploy"}, environ)...).want(r.t, 0, "created", "")
	merged = fmt.Sprintf("%da23456789abcdef0123456789abcdef01234567", number)
	r.GitHub.Merge(number, github.Squash, merged)
	return merged
}

// on runs a command about production, after a push or by hand.
func (r *roleTest) on(event, command, commit string, environ ...string) bool {
	r.t.Helper()
	return r.onWhile(event, command, commit, func() {}, environ...)
}

// onWhile is on while something else happens.
func (r *roleTest) onWhile(event, command, commit string, meanwhile func(), environ ...string) bool {
	r.t.Helper()
	read, err := actiontest.ReadEvent(event, "")
	r.check(err)
	own := []string{"INPUT_COMMAND=" + command, "GITHUB_REF_NAME=main", "GITHUB_SHA=" + commit, "INPUT_MIN-REQUESTS=0", "INPUT_BAKE-TIME=1m"}
	started, err := r.Start(r.t.Context(), actiontest.Step{Event: read, Commit: commit, Environ: slices.Concat(own, r.environ, environ)})
	r.check(err)
	meanwhile()
	<-started.Done
	return r.ended(fmt.Sprintf("%s %.2s on %s", command, commit, event), run{started})
}

// promotions are two promotions, and the way back from the second.
func (r *roleTest) promotions(environ ...string) {
	// The second environment is smaller than the first, and is brought to its size.
	if !r.on("push", "promote", r.test(7, append(environ, "INPUT_PARAMETER-OVERRIDES=DesiredCount=2")...)) {
		return
	}
	second := r.test(8, environ...)
	_ = r.judged(second) &&
		r.on("workflow_dispatch", "status", second) &&
		r.on("workflow_dispatch", "rollback", second) &&
		r.on("push", "promote", second) && // which is locked
		r.on("workflow_dispatch", "promote", second)
}

// judged promotes a commit while people visit production, and an alarm watches.
func (r *roleTest) judged(commit string) bool {
	r.AWS.SetAlarm("errors", "OK")
	visitors := r.Visit("https://production.preview.example.com", time.Second)
	defer visitors.Leave()
	return r.on("push", "promote", commit, "INPUT_MIN-REQUESTS=2", "INPUT_STEPS=50", "INPUT_ALARMS=errors")
}

// promotesDigest: the image of an environment is copied, and production's stack gets it.
func (r *roleTest) promotesDigest() { r.promotions() }

// promotesCanary: of two new versions the second is bad.
func (r *roleTest) promotesCanary() {
	r.environ = []string{"INPUT_STRATEGY=canary", "INPUT_ALARMS=errors"}
	r.AWS.SetAlarm("errors", "OK")
	if r.on("push", "promote", r.test(7)) && r.on("push", "promote", r.test(8)) {
		r.onWhile("push", "promote", r.test(9), func() {
			<-time.After(100 * time.Second)
			r.AWS.SetAlarm("errors", "ALARM")
		})
	}
}

func (r *roleTest) promotesListener() {
	r.offerPromotion("listener")
	r.promotions()
}

// promotesBadly: the first promotion is bad, so that nothing has production's requests again.
func (r *roleTest) promotesBadly() {
	r.offerPromotion("listener")
	r.AWS.SetAlarm("errors", "OK")
	r.onWhile("push", "promote", r.test(7), func() {
		<-time.After(40 * time.Second)
		r.AWS.SetAlarm("errors", "ALARM")
	}, "INPUT_ALARMS=errors")
}

func (r *roleTest) promotesRecord() {
	r.offerPromotion("record")
	r.promotions("INPUT_INGRESS=dedicated")
}

func (r *roleTest) offerPromotion(by string) {
	r.run("opened", oneCommit, "INPUT_COMMAND=bootstrap", "INPUT_PROMOTE-BY="+by).want(r.t, 0, "updated", "")
}
