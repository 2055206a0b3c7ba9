package policy

import (
	"fmt"
	"time"
)

// promotableFor is how long the environment of a merged pull request waits to be promoted.
const promotableFor = 24 * time.Hour

// AfterMerge returns why an environment stays although its pull request was closed, or nil: it was merged,
// and what was tested may be promoted from there. The event of the close and the promotion come in any
// order. Promotable says that environments of pull requests may become production.
func AfterMerge(number int, merged, promotable bool) *Skip {
	if !merged || !promotable {
		return nil
	}
	return &Skip{Comment: true, Reason: fmt.Sprintf("pull request %d was merged, and may be promoted: its environment stays; "+
		"sweep deletes it %d hours after the merge unless it serves production", number, int(promotableFor.Hours()))}
}

// Standing is what an environment is to production, as far as its pull request alone does not decide.
type Standing struct {
	Stays    string // why it is not deleted, in words: it serves production, or may be rolled back to; ""
	Retired  string // in words: it served production, and is not needed any more, protected or not; ""
	Promoted bool   // its image was brought to production, which does not need the environment any more
}

// afterMerge decides about the environment of a merged pull request.
func afterMerge(c Candidate, l SweepLimits, pull PullRequest, now time.Time) (expired bool, why string) {
	switch since := now.Sub(pull.MergedAt); {
	case c.Retired != "":
		return true, "it was " + c.Retired
	case !l.Promotable:
		return true, fmt.Sprintf("pull request %d is merged", c.Number)
	case c.Promoted:
		return true, fmt.Sprintf("pull request %d is merged, and its image was promoted", c.Number)
	case since < promotableFor:
		return false, fmt.Sprintf("pull request %d was merged %s ago, and may be promoted until %s after that", c.Number, age(since), age(promotableFor))
	}
	return true, fmt.Sprintf("pull request %d was merged more than %s ago, and was not promoted", c.Number, age(promotableFor))
}
