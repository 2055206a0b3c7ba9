package command_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/ledger"
	"pr-stack/internal/release"
)

// productionState is what production was like from a moment on.
type productionState struct {
	at time.Time
	// only is the stack that has all requests or, by digest, the image that production runs; "" if they are
	// shared, or if nobody has them.
	only  string
	words string
}

func (p productionState) String() string { return p.at.Format(time.TimeOnly) + " " + p.words }

// look compares production with what must hold at every instant, and keeps what it is like.
func (s *productionSimulation) look() {
	now := productionState{at: time.Now()}
	if s.movesTraffic() {
		backends := s.AWS.Backends(liveHost)
		now.only, now.words = s.lookAtWeights(backends)
	} else {
		status, values := s.AWS.StackNow("hello-world-production")
		now.words = status + " " + values["ImageUri"]
		if settled.MatchString(status) {
			now.only = values["ImageUri"]
		}
		if strings.HasPrefix(status, "DELETE") && !strings.HasPrefix(s.last().words, "DELETE") && s.last().only != "" {
			s.note("production's stack is in " + status)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.states); n == 0 || s.states[n-1].words != now.words {
		s.states = append(s.states, now)
	}
}

// settled are the statuses of a stack that runs what its parameters say. An update that is rolled back has
// left the tasks before it running.
var settled = regexp.MustCompile(`^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE(_CLEANUP_IN_PROGRESS)?$|^UPDATE_ROLLBACK_IN_PROGRESS$`)

func (s *productionSimulation) movesTraffic() bool { return s.by == "listener" || s.by == "record" }

// lookAtWeights checks that there is one full set of weights, and that what has requests can answer them.
func (s *productionSimulation) lookAtWeights(backends []fakeaws.Backend) (only, words string) {
	slices.SortFunc(backends, func(a, b fakeaws.Backend) int { return strings.Compare(a.Target, b.Target) })
	sum := 0
	var list []string
	for _, b := range backends {
		sum += b.Weight
		list = append(list, fmt.Sprintf("%s %d", b.Stack, b.Weight))
		switch {
		case b.Weight == 0:
		case b.Stack == "":
			s.note("requests go to " + b.Target + ", which no stack has made")
		case strings.HasPrefix(b.Status, "DELETE"):
			s.note(fmt.Sprintf("stack %s has %d of the requests, and is in %s", b.Stack, b.Weight, b.Status))
		case b.Tasks == 0:
			s.note(fmt.Sprintf("stack %s has %d of the requests, and is to run no task", b.Stack, b.Weight))
		}
		if b.Weight == 100 {
			only = b.Stack
		}
	}
	words = strings.Join(list, ", ")
	if sum != 100 && len(backends) > 0 || len(backends) > 2 || len(backends) == 0 && s.last().words != "" && s.everServed() {
		s.note("the weights are no full set: " + words)
	}
	return only, words
}

// everServed reports whether a promotion has succeeded, after which production is never empty again.
func (s *productionSimulation) everServed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.all, func(r *productionRun) bool {
		return r.over.Load() && !r.lost.Load() && r.Output("status") == "promoted"
	})
}

func (s *productionSimulation) last() productionState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.states) == 0 {
		return productionState{}
	}
	return s.states[len(s.states)-1]
}

// during returns what production was like between two moments.
func (s *productionSimulation) during(from, to time.Time) (list []productionState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, state := range s.states {
		if !state.at.After(to) && (i+1 == len(s.states) || !s.states[i+1].at.Before(from)) {
			list = append(list, state)
		}
	}
	return list
}

func (s *productionSimulation) timeline() string {
	var b strings.Builder
	for _, state := range s.states {
		fmt.Fprintf(&b, "%s %s\n", state.at, state.words)
	}
	return b.String()
}

// note keeps what was wrong, once.
func (s *productionSimulation) note(wrong string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.ContainsFunc(s.wrong, func(w string) bool { return strings.HasSuffix(w, wrong) }) {
		s.wrong = append(s.wrong, fmt.Sprintf("%s: %s", time.Now().Format(time.DateTime), wrong))
	}
}

func (s *productionSimulation) complain(r *productionRun, format string, args ...any) {
	s.note(fmt.Sprintf("%s, which began at %s, ended with exit code %d and status %q: %s",
		r.what, r.began.Format(time.TimeOnly), r.ExitCode, r.Output("status"), fmt.Sprintf(format, args...)))
}

// claim is a sentence that says which generation has all requests, and named is the generation that it names.
var (
	claim = regexp.MustCompile(`(?m)^.* (?:has|got|had) all `)
	named = regexp.MustCompile(`(according to the ledger, )?[Gg]eneration (\d+) \(`)
)

// claims returns the numbers of the generations that a text says have all requests, whatever the ledger says.
func claims(text string) (numbers []int) {
	for _, sentence := range claim.FindAllString(text, -1) {
		all := named.FindAllStringSubmatch(strings.ToLower(sentence), -1)
		if len(all) > 0 && all[len(all)-1][1] == "" {
			numbers = append(numbers, number(all[len(all)-1][2]))
		}
	}
	return numbers
}

// judge compares what a run says at its end with what was there.
func (s *productionSimulation) judge(r *productionRun) {
	s.look()
	status := r.Output("status")
	rolledBack := r.production && status == "rolled-back" && r.ExitCode == 0
	s.mu.Lock()
	wasLocked := s.locked
	if rolledBack {
		s.locked = r.ended
	}
	hand := s.byHand
	s.mu.Unlock()
	switch {
	case r.lost.Load():
		return
	case r.ExitCode != 0 && len(r.Errors()) == 0:
		s.complain(r, "it does not say why")
	case !r.hand && status == "promoted" && !wasLocked.IsZero() && wasLocked.Before(r.began):
		s.complain(r, "it was rolled back at %s, and nobody has promoted by hand", wasLocked)
	}
	alone := !slices.ContainsFunc(s.all, func(o *productionRun) bool {
		return o != r && o.production && (!o.over.Load() || o.ended.After(r.began))
	})
	then := s.during(r.began, r.ended)
	if alone && hand.Before(r.began) {
		then = then[len(then)-1:]
	}
	for _, n := range slices.Concat(claims(r.Log()), claims(r.Summary())) {
		if !s.held(n, then) {
			s.complain(r, "it says that generation %d has all requests, and production was %v", n, then)
		}
	}
}

// held reports whether a generation had all requests in one of the states.
func (s *productionSimulation) held(n int, states []productionState) bool {
	l := s.ledger()
	g, _ := l.Find(n)
	want := g.Image
	if s.movesTraffic() {
		want = g.Stack
	}
	return slices.ContainsFunc(states, func(state productionState) bool { return state.only == want })
}

func (s *productionSimulation) ledger() release.Ledger {
	text, _ := s.AWS.Parameter(ledger.Name("hello-world", "production", "ledger"))
	l, err := release.Parse(text)
	if err != nil {
		s.note(err.Error())
	}
	return l
}
