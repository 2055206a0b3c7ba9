package report

import (
	"cmp"
	"strings"
	"time"

	"pr-stack/internal/timeline"
)

// outcome is who has the requests after a run.
type outcome string

const (
	arrived  outcome = "arrived"  // To has all of them
	returned outcome = "returned" // From has all of them
	another  outcome = "another"  // a generation that is neither has all of them
	unclear  outcome = "unclear"  // it is not known, and the run may have changed it
	nothing  outcome = "nothing"  // it is not known, and the run has not changed it
)

func (r *Promotion) outcome() outcome {
	switch n := r.Live.Number; {
	case n == 0 && r.Untouched:
		return nothing
	case n == 0:
		return unclear
	case n == r.To.Number:
		return arrived
	case n == r.From.Number:
		return returned
	}
	return another
}

// wentBack reports whether the generation before has all requests again.
func (r *Promotion) wentBack() bool {
	if r.Back {
		return r.outcome() == arrived && !r.Untouched
	}
	return r.outcome() == returned && !r.Untouched && (len(r.Steps) > 0 || r.Seconds > 0)
}

// isLocked reports whether the lock is why nothing was promoted.
func (r *Promotion) isLocked() bool { return r.Ending == Skipped && r.Locked != nil && r.Reason == "" }

// head returns what the run was about and how it ended, as a heading in Markdown.
func (r *Promotion) head() string {
	where := r.subject()
	what := code(short(cmp.Or(r.To.Commit, r.Commit)))
	if r.Back {
		what = code(short(r.To.Commit))
	}
	what = cmp.Or(what, "the new version")
	switch r.Ending {
	case Skipped:
		return r.skippedHead(what, where)
	case Interrupted:
		if r.Back {
			return r.headed("⏹️", "The run was cancelled while it rolled back "+where)
		}
		return r.headed("⏹️", "The run was cancelled while it promoted "+what)
	case Failed:
		return r.headed("❌", upperFirst(r.failedHead(what, where)))
	}
	switch {
	case r.Status == Unchanged:
		return r.headed("✅", upperFirst(what+" was live in "+where+" already"))
	case r.Back:
		return r.headed("✅", upperFirst(where+" was rolled back to "+what))
	}
	return r.headed("✅", upperFirst(what+" is live in "+where))
}

func (r *Promotion) skippedHead(what, where string) string {
	switch {
	case r.Back:
		return r.headed("⏭️", upperFirst(where+" was not rolled back"))
	case r.isLocked():
		return r.headed("🔒", upperFirst(what+" was not promoted: "+where+" is locked"))
	}
	return r.headed("⏭️", upperFirst(what+" was not promoted"))
}

func (r *Promotion) failedHead(what, where string) string {
	const lost = ", and it is not known what is live"
	switch live := r.outcome() == arrived && !r.Untouched; {
	case r.Back && r.outcome() == unclear:
		return where + " could not be rolled back" + lost
	case r.outcome() == unclear:
		return what + " could not be promoted" + lost
	case r.Back && live:
		return where + " was rolled back to " + what + ", but the run did not come to its end"
	case r.Back:
		return where + " could not be rolled back"
	case live:
		return what + " is live in " + where + ", but its promotion did not come to its end"
	case r.wentBack():
		return what + " did not stay in " + where + ": it was rolled back"
	}
	return what + " could not be promoted"
}

// line returns the result as one line of plain text.
func (r *Promotion) line(after string) string {
	s := r.Environment.Service + " " + r.Environment.Name + ": " + r.live(plainText)
	switch {
	case r.Ending == Failed:
		s = "Failed" + after + ". " + upperFirst(r.live(plainText))
	case r.Ending == Interrupted:
		s = "Interrupted" + after + ". " + upperFirst(r.live(plainText))
	case r.Status == Promoted:
		s = strings.TrimSuffix(s, ".") + after + "."
	}
	if r.Ending == Up && r.URL != "" {
		s += " " + r.URL
	}
	return strings.Join(append([]string{s}, r.locked(plainText)...), " ")
}

// live returns a sentence that says which generation has production's requests, as far as it is known.
func (r *Promotion) live(w style) string {
	switch r.outcome() {
	case nothing:
		return "this run did not change which generation has the requests."
	case unclear:
		return r.unclear(w)
	}
	s := w.name(r.Live)
	switch {
	case r.Ending == Up && r.Status == Unchanged:
		return s + " had all requests already."
	case r.Ending == Skipped: // it did not look at what AWS has
		return "according to the ledger, " + s + " has all requests."
	case r.Untouched:
		return "this run did not change which generation has the requests: according to the ledger, " + s + " has all of them."
	case r.wentBack():
		s += " got all requests again"
		if r.Seconds > 0 {
			s += ", " + timeline.Duration(time.Duration(r.Seconds*float64(time.Second))) + " after the decision to go back"
		}
		return s + "."
	}
	return s + " has all requests."
}

// unclear says that it is not known who has the requests, and what was last seen.
func (r *Promotion) unclear(w style) string {
	s := "it is not known which generation has all requests."
	if r.By.MovesTraffic() {
		s = "it is not known which weights are in effect"
		if r.From.Number > 0 && r.To.Number > 0 {
			s += ": the requests may be shared between " + w.name(r.From) + " and " + w.name(r.To)
		}
		s += "."
	}
	switch {
	case r.Weights == nil:
	case len(r.Weights) == 0:
		s += " AWS last said that no stack gets requests."
	default:
		s += " AWS last said: " + w.text(r.Weights.String()) + "."
	}
	return s + " The command " + w.code("status") + " shows what AWS says now."
}

// SkipReason returns why a run was skipped, in plain text.
func SkipReason(r Result) string {
	if p, ok := r.(*Promotion); ok && p.isLocked() {
		return strings.Join(p.locked(plainText), " ")
	}
	return r.Common().Reason
}
