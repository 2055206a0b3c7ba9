package release

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// history is a ledger with four generations, of which the third is stable: it had all requests from noon on,
// and the fourth was not good.
func history() Ledger {
	return Ledger{By: Listener, Status: Stable, Stable: 3, Next: 5, KeepFor: 2 * time.Hour, Weights: Only("hello-pr-3"), Generations: []Generation{
		{Number: 4, Stack: "hello-pr-4", PullRequest: 4, Previous: 3, Until: noon.Add(10 * time.Minute)},
		{Number: 3, Stack: "hello-pr-3", PullRequest: 3, Previous: 2, Since: noon},
		{Number: 2, Stack: "hello-pr-2", PullRequest: 2, Previous: 1, Since: noon.Add(-time.Hour), Until: noon},
		{Number: 1, Stack: "hello-pr-3", PullRequest: 3, Since: noon.Add(-2 * time.Hour), Until: noon.Add(-time.Hour)},
	}}
}

func TestLedger_Retire(t *testing.T) {
	shifting := history()
	shifting.Status, shifting.Candidate = Shifting, 4
	half := history()
	half.Weights = Between("hello-pr-3", "hello-pr-2", 5)
	short := history()
	short.KeepFor = 0
	unknown := history()
	unknown.Generations[2].Until = time.Time{}
	for _, test := range []struct {
		name   string
		ledger Ledger
		stack  string
		after  time.Duration // noon
		want   Retirement
		number int
	}{
		{"nothing was promoted", Ledger{}, "hello-pr-2", 999 * time.Hour, NotRetired, 0},
		{"it never served", history(), "hello-pr-9", 999 * time.Hour, NotRetired, 0},
		{"it serves again", history(), "hello-pr-3", 999 * time.Hour, NotRetired, 3},
		{"it is the candidate", shifting, "hello-pr-4", 999 * time.Hour, NotRetired, 4},
		{"it has a weight", half, "hello-pr-2", 999 * time.Hour, NotRetired, 2},
		{"right after the promotion", history(), "hello-pr-2", 0, Standby, 2},
		{"until keep-for is over", history(), "hello-pr-2", 2*time.Hour - 1, Standby, 2},
		{"then it rests", history(), "hello-pr-2", 2 * time.Hour, Resting, 2},
		{"for a day", history(), "hello-pr-2", 26*time.Hour - 1, Resting, 2},
		{"and is over", history(), "hello-pr-2", 26 * time.Hour, Retired, 2},
		{"one that was not good, too", history(), "hello-pr-4", 26*time.Hour + 10*time.Minute, Retired, 4},
		{"and no sooner", history(), "hello-pr-4", 26 * time.Hour, Resting, 4},
		{"an hour at least", short, "hello-pr-2", time.Hour - 1, Standby, 2},
		{"an hour without keep-for", short, "hello-pr-2", time.Hour, Resting, 2},
		{"its end is not known", unknown, "hello-pr-2", 999 * time.Hour, Standby, 2},
	} {
		got, g := test.ledger.Retire(test.stack, noon.Add(test.after))
		if got != test.want || g.Number != test.number {
			t.Errorf("%s: Retire(%s, noon + %s) = %q, generation %d, want %q, generation %d",
				test.name, test.stack, test.after, got, g.Number, test.want, test.number)
		}
	}
}

func TestGeneration_Out(t *testing.T) {
	g, _ := history().Find(2)
	if got, want := g.Out(), "generation 2, out of production since 2026-11-24 12:00 UTC"; got != want {
		t.Errorf("Out = %q, want %q", got, want)
	}
}

func TestLedger_Promoted(t *testing.T) {
	l := Ledger{By: Digest, Stable: 1, Candidate: 2, Generations: []Generation{
		{Number: 2, Stack: "hello-production", PullRequest: 8},
		{Number: 1, Stack: "hello-production", PullRequest: 7, Since: noon},
		{Number: 0, Stack: "hello-production", Since: noon},
	}}
	for _, test := range []struct {
		number int
		stack  string
		want   bool
	}{
		{7, "hello-pr-7", true},
		{8, "hello-pr-8", false}, // it is not in production yet, and may have to be promoted again
		{9, "hello-pr-9", false},
		{0, "hello-x", false},
	} {
		if got := l.Promoted(test.number, test.stack); got != test.want {
			t.Errorf("Promoted(%d) = %v, want %v", test.number, got, test.want)
		}
	}
	if history().Promoted(2, "hello-pr-2") {
		t.Error("an environment that served production itself counts as promoted by its image")
	}
}
