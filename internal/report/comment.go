package report

import (
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/environment"
)

// maxQuoted is how much of a failure a comment shows, in bytes; GitHub takes 65,536 characters in all.
const maxQuoted = 20_000

// Marker begins an environment's comment, by which it is found again. It shows nothing.
func Marker(e environment.Environment) string {
	return fmt.Sprintf("<!-- pr-stack %s %s -->", e.Service, e.Name)
}

// Comment renders the comment on a pull request in GitHub's Markdown, with its marker. runURL is that of the workflow's
// run, where the log is; "" leaves it out.
func Comment(r Result, runURL string, now time.Time) string {
	var b strings.Builder
	b.WriteString(Marker(r.Environment) + "\n")
	switch {
	case r.Status == Skipped && !r.Gone:
		fmt.Fprintf(&b, "### ⏭️ %s %s is not deployed\n\n%s\n\n", text(r.Environment.Service), text(r.Environment.Name), text(r.Reason))
	case r.Status == Deleted, r.Status == Absent, r.Status == Skipped:
		fmt.Fprintf(&b, "### %s\n\n", gone(r))
	default:
		story(&b, r, maxQuoted)
		facts(&b, r)
	}
	last := "Last change " + now.UTC().Format("2006-01-02 15:04 UTC")
	if took := r.took(); took > 0 {
		last += ", after " + Duration(took)
	}
	if runURL != "" {
		last += ", " + link("log", runURL)
	}
	fmt.Fprintf(&b, "<sub>%s</sub>\n", last)
	return b.String()
}

func gone(r Result) string {
	return fmt.Sprintf("🧹 %s %s is gone", text(r.Environment.Service), text(r.Environment.Name))
}
