package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/release"
	"pr-stack/internal/timeline"
)

// summary writes the job summary of a promotion below its heading.
func (r *Promotion) summary(b *strings.Builder) {
	if r.Ending == Skipped {
		if !r.isLocked() {
			paragraph(b, text(sentence(r.Reason)))
		}
		r.standing(b)
		return
	}
	r.body(b, summaryColumn, maxSummary/8)
	paragraph(b, text(sentence(r.Tested)))
	if r.Ending == Up && len(r.Proof) > 0 {
		paragraph(b, "Checked: "+text(strings.Join(r.Proof, " ")))
	}
	paragraph(b, facts(r, false))
	r.steps(b)
	if chart := r.weights(); chart != "" {
		b.WriteString("\n" + chart)
	}
	changeSet(b, r.Changes)
	closing(b, r)
}

// body writes what people have to know: what is live, why the run failed, and what is locked.
func (r *Promotion) body(b *strings.Builder, column, most int) {
	if r.URL != "" && r.outcome() != unclear && r.outcome() != nothing {
		paragraph(b, bold(link(r.URL, r.URL)))
	}
	for _, f := range Failures(r) {
		advice := "Fix"
		if r.Ending == Interrupted {
			f.Summary, f.Message = cmp.Or(f.Summary, f.Message), ""
			advice = "Next"
		}
		f.reason(b, advice, column, most)
	}
	r.standing(b)
	if r.Ending == Up && len(r.Unproved) > 0 {
		paragraph(b, "⚠️ "+text(strings.Join(r.Unproved, " ")))
	}
}

// standing writes which generation has the requests, and whether merges are promoted.
func (r *Promotion) standing(b *strings.Builder) {
	if r.Ending != Skipped || r.Live.Number > 0 {
		mark := ""
		if r.outcome() == unclear {
			mark = "⚠️ "
		}
		live := strings.Replace(r.live(r.linkedName), "The command status ", "The command `status` ", 1)
		paragraph(b, mark+upperFirst(live))
	}
	paragraph(b, lockedText(r.Environment.Name, r.Locked, &r.Run))
}

// lockedText returns that merges are not promoted, since when, why, and how to change that, in Markdown.
func lockedText(environment string, l *release.Locked, run *Run) string {
	if l == nil {
		return ""
	}
	plain := *l
	plain.By = ""
	sentences := lockedSentences(environment, &plain)
	end := len(sentences) - 1
	s := "🔒 " + text(strings.Join(sentences[:end], " "))
	switch {
	case l.By == "" || l.By == run.RunURL: // this run locked it
	case isLink(l.By):
		s += " " + link("The run that locked it", l.By) + "."
	default:
		s += " It was locked by " + text(l.By) + "."
	}
	return s + " To unlock it, run `promote` by hand, on GitHub with `workflow_dispatch`."
}

// audit writes the rows for auditors that only a promotion has.
func (r *Promotion) audit(t *strings.Builder) {
	row(t, "Moved by", string(r.By))
	for _, g := range []struct {
		name string
		release.Generation
	}{{"Live", r.Live}, {"Before", r.From}, {"Chosen", r.To}} {
		if g.Number == 0 {
			continue
		}
		parts := []string{fmt.Sprint(g.Number), code(g.Stack), code(g.Commit), code(g.Image)}
		parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
		row(t, g.name+" generation", strings.Join(parts, " "))
	}
}

// steps writes a table of the steps.
func (r *Promotion) steps(b *strings.Builder) {
	if len(r.Steps) == 0 {
		return
	}
	to := "Requests"
	if r.To.Number > 0 {
		to = fmt.Sprintf("To generation %d", r.To.Number)
	}
	fmt.Fprintf(b, "\n| %s | Began (UTC) | Held | |\n|--:|:--|--:|:--|\n", to)
	for _, s := range r.Steps {
		began, held := "", ""
		if !s.Began.IsZero() {
			began = s.Began.UTC().Format(time.TimeOnly)
			if s.Ended.After(s.Began) {
				held = timeline.Duration(s.Ended.Sub(s.Began))
			}
		}
		verdict := text(sentence(s.Verdict))
		if s.Failed {
			verdict = strings.TrimSpace("🔴 " + verdict)
		}
		fmt.Fprintf(b, "| %d %% | %s | %s | %s |\n", s.Percent, began, held, verdict)
	}
}
