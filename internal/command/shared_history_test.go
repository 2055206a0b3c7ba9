package command_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
)

// TestShared_many_pull_requests_at_once plays whole histories of 50 pull requests that are opened within
// a minute on one shared load balancer, where somebody else's rules come and have some of their numbers.
// Each environment must come up and answer at its own URL with its own image; closing some leaves the
// others. How priorities are chosen is tested in a thousand histories in package environment.
func TestShared_many_pull_requests_at_once(t *testing.T) {
	t.Parallel()
	histories, pulls := 3, 50
	if raceDetector || testing.Short() {
		histories, pulls = 1, 4
	}
	for seed := range histories {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { playShared(t, rand.New(rand.NewPCG(uint64(seed), 11)), pulls) })
		})
	}
}

func playShared(t *testing.T, random *rand.Rand, pulls int) {
	e := newEnv(t, fakeaws.Options{Scale: 0.2}, "INPUT_PARAMETER-OVERRIDES="+actiontest.SharedBase)
	e.GitHub.Open(7, oneCommit)
	var taken []int
	for range random.IntN(40) {
		taken = append(taken, 101+random.IntN(200))
	}
	slices.Sort(taken)
	taken = slices.Compact(taken)
	before := random.IntN(len(taken) + 1)
	e.check(e.AddRules(t.Context(), "others-before", append(taken[:before:before], 99)...))
	<-time.After(time.Minute)

	started := map[int]run{}
	for _, n := range random.Perm(150)[:pulls] {
		<-time.After(time.Duration(random.IntN(2*60_000/pulls)) * time.Millisecond / 5)
		started[n+1] = e.startShared("opened", n+1, "INPUT_COMMAND=deploy")
		if len(started)%5 == 0 && before < len(taken) { // none if a pull request has it already
			e.check(e.AddRules(t.Context(), fmt.Sprint("others-", before), taken[before]))
			before++
		}
	}
	closed := map[int]run{}
	for _, n := range slices.Sorted(maps.Keys(started)) {
		<-started[n].Done
		started[n].want(t, 0, "created", "")
		if random.IntN(4) == 0 {
			closed[n] = e.startShared("closed", n, "INPUT_COMMAND=destroy")
		}
	}
	for _, r := range closed {
		<-r.Done
		r.want(t, 0, "deleted", "")
	}
	for n, r := range started {
		status, body, err := e.Get(t.Context(), fmt.Sprintf("https://pr-%d.preview.example.com", n))
		e.check(err)
		if _, gone := closed[n]; gone != strings.HasPrefix(status, "404") || !gone && body != r.Output("image") {
			t.Errorf("pr-%d answers %s with %q, want its image %q (closed: %t)", n, status, body, r.Output("image"), gone)
		}
	}
	rules, err := e.Rules(t.Context())
	e.check(err)
	rules = slices.DeleteFunc(rules, func(rule string) bool { return !strings.Contains(rule, " pr-") })
	if want := pulls - len(closed); len(rules) != want {
		t.Errorf("the listener has %d rules of pull requests, want %d: %q", len(rules), want, rules)
	}
}

// startShared starts a run for the environment of another pull request than the event's, with a commit of
// its own.
func (e *env) startShared(action string, number int, environ ...string) run {
	e.t.Helper()
	return e.start(action, fmt.Sprintf("%040x", number), append(environ, fmt.Sprint("INPUT_ENVIRONMENT=pr-", number))...)
}
