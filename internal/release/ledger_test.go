package release

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func promoted(l Ledger, stack string) Ledger {
	l = l.Begin(Listener, Generation{Stack: stack}, "run")
	now = now.Add(time.Hour)
	return l.Complete(now)
}

func back(t *testing.T, l Ledger) Ledger {
	t.Helper()
	target, found := l.Target()
	if !found {
		t.Fatalf("%s has no target", l)
	}
	now = now.Add(time.Hour)
	return l.Return(target.Number, "run").Returned(target.Number, now, &Locked{Since: now, Reason: "bad"})
}

func TestLedger_goes_back_to_what_ran_before_and_never_to_what_was_taken_back(t *testing.T) {
	var l Ledger
	for _, stack := range []string{"a", "b", "c", "d"} {
		l = promoted(l, stack)
	}
	l = back(t, back(t, l)) // d is bad, and so is c
	l = promoted(l.Unlocked(), "e")
	var ran []string
	for {
		live, _ := l.Live()
		ran = append(ran, live.Stack)
		if _, found := l.Target(); !found {
			break
		}
		l = back(t, l)
	}
	if got := strings.Join(ran, " "); got != "e b a" {
		t.Errorf("production ran %s, want e b a", got)
	}
	if l.Locked == nil {
		t.Error("production is not locked after a rollback")
	}
}

func TestLedger_while_requests_are_shifted_goes_back_to_the_stable_generation(t *testing.T) {
	l := promoted(Ledger{}, "a").Begin(Listener, Generation{Stack: "b"}, "run").Shifted(Between("a", "b", 5))
	if target, _ := l.Target(); target.Stack != "a" {
		t.Errorf("target is %q, want a", target.Stack)
	}
	l = back(t, l)
	if live, _ := l.Live(); live.Stack != "a" || !live.Until.IsZero() {
		t.Errorf("live is %+v, want a, which never ended", live)
	}
	if b, _ := l.Find(2); b.Until.IsZero() {
		t.Error("the candidate that was taken back has no end, so nothing would retire it")
	}
	if got := l.Compare(Only("a")); got != "" {
		t.Errorf("weights differ: %s", got)
	}
	if got, want := l.Compare(Between("a", "b", 5)), "the ledger says a 100 %, and AWS says a 95 %, b 5 %"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLedger_of_a_rollback_that_did_not_end_goes_on_with_it(t *testing.T) {
	l := promoted(promoted(promoted(Ledger{}, "a"), "b"), "c").Return(2, "run")
	if target, _ := l.Target(); target.Number != 2 {
		t.Errorf("target is generation %d, want 2", target.Number)
	}
	if l.Serves("b") != 2 || l.Serves("c") != 3 {
		t.Errorf("b serves %d and c %d, want 2 and 3: both may have requests", l.Serves("b"), l.Serves("c"))
	}
	l = promoted(Ledger{}, "a").Begin(Listener, Generation{Stack: "b"}, "run").Return(1, "run")
	if target, _ := l.Target(); target.Number != 1 {
		t.Errorf("target is generation %d, want 1", target.Number)
	}
	l = l.Returned(1, now, nil)
	if b, _ := l.Find(2); l.Goal != 0 || l.Candidate != 0 || b.Until.IsZero() {
		t.Errorf("got %s, want it settled", l)
	}
}

func TestLedger_without_a_candidate_that_never_had_requests(t *testing.T) {
	l := promoted(Ledger{}, "a").Begin(Digest, Generation{Stack: "a"}, "run").Dropped()
	if len(l.Generations) != 1 || l.Status != Stable || l.Candidate != 0 {
		t.Errorf("got %s", l)
	}
	if l.Next != 2 {
		t.Errorf("the next generation is %d, want 2", l.Next)
	}
}

func TestLedger_fits_a_parameter_and_keeps_what_can_be_rolled_back_to(t *testing.T) {
	var l Ledger
	for i := range 60 {
		l = l.Begin(Listener, Generation{
			Stack: fmt.Sprintf("a-service-with-a-long-name-pr-%d", i), StackID: strings.Repeat("s", 150),
			Image: strings.Repeat("i", 140), Commit: strings.Repeat("c", 40), Tree: strings.Repeat("t", 40),
		}, "https://github.com/octo-org/hello-world/actions/runs/1").Complete(now)
	}
	text := l.String()
	if len(text) > MaxSize {
		t.Fatalf("%d bytes, want at most %d", len(text), MaxSize)
	}
	read, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if live, _ := read.Live(); live.Number != 60 {
		t.Errorf("live is generation %d, want 60", live.Number)
	}
	if target, _ := read.Target(); target.Number != 59 {
		t.Errorf("target is generation %d, want 59", target.Number)
	}
	if len(read.Generations) < 4 {
		t.Errorf("only %d generations fit", len(read.Generations))
	}
}

func TestParse_refuses_what_it_does_not_know(t *testing.T) {
	for _, text := range []string{`{`, `{"format":2}`, `{"format":1,"stable":3}`, `[]`} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
	if l, err := Parse(" "); err != nil || l.Next != 0 {
		t.Errorf("no text: %v, %v", l, err)
	}
}

// A random walk through everything that can happen, each step of which must leave a ledger that holds.
func TestLedger_holds_whatever_happens(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var l Ledger
		for step := range 30 {
			switch random.IntN(5) {
			case 0, 1:
				if l.Candidate == 0 {
					l = l.Begin(Listener, Generation{Stack: fmt.Sprint("s", step)}, "run")
				}
			case 2:
				if l.Candidate != 0 {
					l = l.Complete(now)
				}
			case 3:
				if l.Candidate != 0 && l.Status == Shifting {
					l = l.Dropped()
				}
			case 4:
				if _, found := l.Target(); found {
					l = back(t, l)
				}
			}
			check(t, l)
		}
	}
}

func check(t *testing.T, l Ledger) {
	t.Helper()
	read, err := Parse(l.String())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, g := range read.Generations {
		if seen[g.Number] {
			t.Fatalf("generation %d is twice in %s", g.Number, l)
		}
		seen[g.Number] = true
		live := g.Number == l.Stable
		if live && !g.Until.IsZero() || !live && g.Number != l.Candidate && g.Until.IsZero() {
			t.Fatalf("generation %d: Until is %v in %s", g.Number, g.Until, l)
		}
		if g.Number >= l.Next {
			t.Fatalf("generation %d is not below the next, in %s", g.Number, l)
		}
	}
	if target, found := l.Target(); found && l.Candidate == 0 && target.Number >= l.Stable {
		t.Fatalf("the target %d is not before %d", target.Number, l.Stable)
	}
}

func TestWeights(t *testing.T) {
	for want, w := range map[string]Weights{
		"a 100 %": Between("a", "b", 0), "b 100 %": Between("a", "b", 100), "a 75 %, b 25 %": Between("a", "b", 25),
		"that no stack gets requests": {},
	} {
		if got := w.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
