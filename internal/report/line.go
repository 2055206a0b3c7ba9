package report

import (
	"fmt"

	"pr-stack/internal/timeline"
)

// Line returns the result of the run as one line of plain text.
func Line(r Result) string {
	run := r.Common()
	what := run.Environment.Service + " " + run.Environment.Name
	after := ""
	if run.Took >= minTook {
		after = ", after " + timeline.Duration(run.Took)
	}
	if doctor, ok := r.(*Doctor); ok && run.Failure == nil {
		return doctor.line() + "."
	}
	if p, ok := r.(*Promotion); ok && run.Ending != Skipped {
		return p.line(after)
	}
	switch run.Ending {
	case Skipped:
		return "Skipped: " + sentence(SkipReason(r))
	case Failed:
		return "Failed" + after + "."
	case Interrupted:
		return "Interrupted" + after + "."
	}
	switch r := r.(type) {
	case *Overview:
		return r.line() + "."
	case *Sweep:
		return r.line() + "."
	case *Bootstrap:
		return fmt.Sprintf("Base stack %s: %s.", r.Stack.Name, r.Status)
	case *Destruction:
		if r.Status == Absent {
			return what + ": there was nothing to delete."
		}
		return what + " is deleted" + after + "."
	case *Deployment:
		if r.URL != "" {
			return fmt.Sprintf("%s is up (%s)%s: %s", what, r.Status, after, r.URL)
		}
	}
	return fmt.Sprintf("%s is up (%s)%s.", what, run.Status, after)
}
