package report

import (
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/release"
)

// Lines returns the tables for the log: first production, then every environment.
func (r *Overview) Lines() (lines []string) {
	if p := r.Production; p != nil {
		lines = append(lines, strings.TrimSpace(p.Environment+" "+p.URL), p.sentence())
		lines = append(lines, r.locked(p.Environment, p.Locked, plainText)...)
		lines = append(append(lines, columns(r.generations(short))...), "")
	}
	if len(r.Environments) > 0 {
		lines = append(lines, columns(r.places(short))...)
	}
	return lines
}

// summary writes the same as Markdown.
func (r *Overview) summary(b *strings.Builder) {
	if r.Ending == Skipped {
		paragraph(b, text(sentence(r.Reason)))
		return
	}
	for _, f := range Failures(r) {
		f.reason(b, "Fix", summaryColumn, maxSummary/8)
	}
	if p := r.Production; p != nil {
		mark := unless(p.Differs == "", "⚠️ ")
		if p.URL != "" {
			paragraph(b, text(p.Environment)+": "+bold(link(p.URL, p.URL)))
		}
		paragraph(b, mark+text(p.sentence()))
		paragraph(b, r.lockedText(p.Environment, p.Locked))
		markdownTable(b, r.generations(r.linkTo))
	}
	switch {
	case len(r.Environments) > 0:
		markdownTable(b, r.places(r.linkTo))
	case r.Failure == nil:
		paragraph(b, "There is no environment.")
	}
}

// generations returns the rows of the table of production's generations. Commit renders a commit.
func (r *Overview) generations(commit func(string) string) [][]string {
	p := r.Production
	rows := [][]string{{"Generation", "Requests", "Commit", "Pull request", "Stack", "Live since", "Until"}}
	at := func(t time.Time) string { return unless(t.IsZero(), clock(t)) }
	for _, g := range p.Generations {
		rows = append(rows, []string{
			fmt.Sprint(g.Number) + p.role(g), p.requests(g), commit(g.Commit), numbered(g.PullRequest), g.Stack, at(g.Since), at(g.Until),
		})
	}
	for _, name := range p.others() {
		rows = append(rows, []string{"unknown", fmt.Sprintf("%d %%", p.Weights[name]), "", "", name, "", ""})
	}
	return rows
}

func (s *Served) role(g release.Generation) string {
	if g.Number == s.Candidate {
		return " (candidate)"
	}
	return ""
}

// places returns the rows of the table of environments.
func (r *Overview) places(commit func(string) string) [][]string {
	rows := [][]string{{"Environment", "State", "Commit", "Age", "USD a day", "Generation", "URL"}}
	for _, p := range r.Environments {
		rows = append(rows, []string{
			p.Environment, p.State, commit(p.Commit), r.age(p), p.price(), numbered(p.Generation), p.URL,
		})
	}
	return rows
}

// markdownTable writes rows, of which the first is the heading. Commits come as Markdown; all other cells
// are text.
func markdownTable(b *strings.Builder, rows [][]string) {
	b.WriteString("\n| " + strings.Join(rows[0], " | ") + " |\n" + strings.Repeat("|:--", len(rows[0])) + "|\n")
	for i, cells := range rows[1:] {
		if b.Len() > maxSummary/2 {
			fmt.Fprintf(b, "\n… and %d more\n", len(rows)-1-i)
			return
		}
		b.WriteString("|")
		for column, cell := range cells {
			b.WriteString(" " + shown(rows[0][column], cell) + " |")
		}
		b.WriteString("\n")
	}
}

// shown returns a cell as Markdown shows it.
func shown(heading, cell string) string {
	switch heading {
	case "Commit":
		return cell
	case "URL":
		return link(cell, cell)
	}
	return text(cell)
}
