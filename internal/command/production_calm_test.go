package command_test

import (
	"context"
	"fmt"
	"maps"
	"pr-stack/internal/ledger"
	"pr-stack/internal/release"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settle waits until no run is under way.
func (s *productionSimulation) settle() {
	for _, r := range s.running() {
		select {
		case <-r.Done:
		case <-time.After(3 * time.Hour):
			s.complain(r, "it is still running")
			r.lost.Store(true)
			r.Kill()
		}
	}
	<-time.After(time.Millisecond) // for judge
}

// calm ends the history: nothing goes wrong any more, and after one more run the ledger is what AWS has.
func (s *productionSimulation) calm(command string) {
	s.settle()
	s.AWS.Heal()
	s.AWS.SetAlarm("errors", "OK")
	<-time.After(10 * time.Minute)
	before := s.ledger()
	_, hasTarget := before.Target()
	var r *productionRun
	switch {
	case command == "sweep": // which has no rights to change who serves production: the promotion after it restores
		if r = s.command("sweep"); s.waitFor(r) {
			r = s.promoteAnother()
		}
	case command == "rollback" && hasTarget && !s.touched:
		r = s.command("rollback")
	default:
		r = s.promoteAnother()
	}
	s.settle()
	if r.ExitCode != 0 {
		s.complain(r, "nothing went wrong any more")
	}
	s.checkLedger()
}

// waitFor reports whether a run ended well.
func (s *productionSimulation) waitFor(r *productionRun) bool {
	s.settle()
	return r.ExitCode == 0
}

// promoteAnother has a pull request opened, deployed, merged and promoted by hand.
func (s *productionSimulation) promoteAnother() *productionRun {
	n := slices.Max(slices.Collect(maps.Keys(s.pulls))) + 1
	s.pullMove([]string{"open", strconv.Itoa(n)})
	s.settle()
	p := s.pulls[n]
	p.open, p.merged = false, s.commit(false)
	s.GitHub.Merge(n, "squash", p.merged)
	s.main = p.merged
	r := s.promote(p.merged, true)
	if s.settle(); s.touched && r.ExitCode != 0 && strings.Contains(r.Log(), "production is not as it was recorded") {
		r = s.promote(p.merged, true, "INPUT_FORCE=true")
		s.settle()
	}
	if r.Output("status") != "promoted" {
		s.complain(r, "it was to be promoted")
	}
	return r
}

// checkLedger notes how the ledger differs from what AWS has, once the world is calm.
func (s *productionSimulation) checkLedger() {
	s.look()
	l, live := s.ledger(), s.last()
	g, found := l.Live()
	want := g.Image
	if s.movesTraffic() {
		want = g.Stack
	}
	switch {
	case l.Status != release.Stable && l.Next != 0, l.Candidate != 0, l.Goal != 0:
		s.note(fmt.Sprintf("in the end the ledger says that production is %s, from %d to %d", l.Status, l.Stable, l.Candidate))
	case found && want != live.only, !found && live.words != "":
		s.note(fmt.Sprintf("in the end the ledger says that production is %s (generation %d), and it is %s", want, l.Stable, live.words))
	case s.movesTraffic() && found && l.Weights[g.Stack] != 100:
		s.note(fmt.Sprintf("in the end the ledger says %s, and production is %s", l.Weights, live.words))
	}
	if _, locked := s.AWS.Parameter(ledger.Name("hello-world", "production", "lock")); locked {
		s.note("in the end production is still locked by a run")
	}
}

func (s *productionSimulation) checkRights() {
	for _, a := range s.AWS.Accesses() {
		if !a.Allowed {
			s.note(fmt.Sprintf("%s was denied %s on %s", a.Principal, a.Action, a.Resource))
		}
	}
}

// productionURL returns what visitors request; "" if there is nothing yet.
func (s *productionSimulation) productionURL() string {
	if s.movesTraffic() {
		return "https://" + liveHost
	}
	if status, _ := s.AWS.StackNow("hello-world-production"); status != "CREATE_COMPLETE" {
		return ""
	}
	stack, err := s.Stack(context.Background(), "hello-world-production")
	if err != nil {
		return ""
	}
	return stack.Outputs["Url"]
}
