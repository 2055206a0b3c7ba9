package report

import (
	"fmt"
	"strings"
)

// status returns Deleted if the sweep deleted any environment, else Updated if it scaled any, else Unchanged,
// and Absent if there were none.
func (s *Sweep) status() Status {
	switch {
	case s.count(SweepDeleted) > 0:
		return Deleted
	case s.count(SweepScaled) > 0:
		return Updated
	case len(s.Environments) > 0:
		return Unchanged
	}
	return Absent
}

func (s *Sweep) count(o Outcome) (n int) {
	for _, swept := range s.Environments {
		if swept.Outcome == o {
			n++
		}
	}
	return n
}

// line returns how many environments the sweep deleted and kept, and how many it could not delete.
func (s *Sweep) line() string {
	begin := "Environments of " + s.Environment.Service
	if s.DryRun {
		begin += " (dry run)"
	}
	if len(s.Environments) == 0 {
		return begin + ": none"
	}
	first := SweepDeleted
	if s.DryRun {
		first = SweepWouldDelete
	}
	var parts []string
	for _, o := range []Outcome{first, SweepKept, SweepScaled, SweepWouldScale, SweepFailed} {
		if n := s.count(o); n > 0 || o == first || o == SweepKept {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	return begin + ": " + strings.Join(parts, ", ")
}

func (s *Sweep) head() string {
	mark := "✅"
	switch s.Ending {
	case Failed:
		mark = "❌"
	case Interrupted:
		mark = "⏹️"
	case Skipped:
		return "⏭️ Nothing to do"
	}
	return mark + " " + text(s.line())
}

// table writes a table of the environments that the sweep looked at.
func (s *Sweep) table(b *strings.Builder) {
	if len(s.Environments) == 0 {
		if s.Failure == nil {
			paragraph(b, "There is no environment of a pull request.")
		}
		return
	}
	b.WriteString("\n| Environment | Last deployed | USD a day | |\n|:--|--:|--:|:--|\n")
	for i, swept := range s.Environments {
		if b.Len() > maxSummary/2 {
			fmt.Fprintf(b, "\n… and %d more\n", len(s.Environments)-i)
			return
		}
		daily := ""
		if swept.Cost != nil {
			daily = fmt.Sprintf("%.2f", swept.Cost.Daily)
		}
		fmt.Fprintf(b, "| %s | %s ago | %s | %s: %s |\n",
			text(swept.Environment.Name), Age(swept.Age), daily, swept.Outcome, text(swept.Why))
	}
	if s.Cost != nil {
		paragraph(b, "The remaining environments cost "+text(cost(s.Cost))+" ("+text(priceSource)+").")
	}
}
