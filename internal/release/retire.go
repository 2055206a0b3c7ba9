package release

import (
	"fmt"
	"time"
)

// Retirement is how far a stack is on its way out of production.
type Retirement string

// The steps of a retirement, in their order. Before the first one, a stack serves production or never did.
const (
	NotRetired Retirement = ""
	Standby    Retirement = "standby" // it is kept as it is: a rollback may give it all requests at once
	Resting    Retirement = "resting" // it is kept with 0 tasks
	Retired    Retirement = "retired" // it is not needed any more
)

const (
	// minStandby is how long a generation stands by at least, whatever the ledger says.
	minStandby = time.Hour
	// restFor is how long a generation is kept with 0 tasks.
	restFor = 24 * time.Hour
)

// Retire returns how far a stack is on its way out of production, and the newest of its generations. A
// stack that serves production is not retired, and neither is one of which the ledger does not say until
// when it did.
func (l Ledger) Retire(stack string, now time.Time) (Retirement, Generation) {
	var newest Generation
	for _, g := range l.Generations {
		if g.Stack == stack && g.Number > newest.Number {
			newest = g
		}
	}
	if newest.Number == 0 || l.Weights[stack] > 0 || l.Serves(stack) != 0 {
		return NotRetired, newest
	}
	standby := newest.Until.Add(max(l.KeepFor, minStandby))
	switch {
	case newest.Until.IsZero() || now.Before(standby):
		return Standby, newest
	case now.Before(standby.Add(restFor)):
		return Resting, newest
	}
	return Retired, newest
}

// Out returns a generation that does not serve production any more in a few words.
func (g Generation) Out() string {
	if g.Until.IsZero() {
		return fmt.Sprintf("generation %d, which is not in production", g.Number)
	}
	return fmt.Sprintf("generation %d, out of production since %s", g.Number, g.Until.UTC().Format("2006-01-02 15:04 UTC"))
}

// Promoted reports whether the image of a pull request was brought to production from that stack: another
// stack runs it, or did. The environment in which it was tested is then not needed for that any more.
func (l Ledger) Promoted(pullRequest int, stack string) bool {
	for _, g := range l.Generations {
		if g.PullRequest == pullRequest && pullRequest != 0 && g.Stack != stack && !g.Since.IsZero() {
			return true
		}
	}
	return false
}
