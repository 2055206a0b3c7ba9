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
		r.standing(b, r.lockedText(r.Environment.Name, r.Locked))
		return
	}
	r.body(b, summaryColumn, maxSummary/8, r.lockedText(r.Environment.Name, r.Locked))
	paragraph(b, text(sentence(r.Tested)))
	if r.Ending == Up && len(r.Proof) > 0 {
		paragraph(b, "Checked: "+text(strings.Join(r.Proof, " ")))
	}
	paragraph(b, facts(r, false))
	r.steps(b)
	if chart := r.weights(); chart != "" {
		b.WriteString("\n" + chart)
	}
	plan(b, r.Changes)
	closing(b, r)
}

// body writes what people have to know: what is live, why the run failed, and that merges are not promoted.
func (r *Promotion) body(b *strings.Builder, column, most int, locked string) {
	if r.Ending == Up && r.URL != "" {
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
	r.standing(b, locked)
	if r.Ending == Up && len(r.Unproved) > 0 {
		paragraph(b, "⚠️ "+text(strings.Join(r.Unproved, " ")))
	}
}

// standing writes which generation has the requests, and that merges are not promoted.
func (r *Promotion) standing(b *strings.Builder, locked string) {
	if r.Ending != Skipped || r.Live.Number > 0 {
		mark := ""
		if r.outcome() == unclear {
			mark = "⚠️ "
		}
		live := r.live(r.markdown())
		if r.Ending != Up && r.URL != "" && r.Live.Number > 0 {
			live = strings.TrimSuffix(live, ".") + ": " + bold(link(r.URL, r.URL))
		}
		paragraph(b, mark+upperFirst(live))
	}
	paragraph(b, locked)
}

// audit writes the rows for auditors that only a promotion has.
func (r *Promotion) audit(t *strings.Builder) {
	row(t, "Moved by", string(r.By))
	for _, g := range []struct {
		name string
		release.Generation
	}{{"Live generation", r.Live}, {"Generation before", r.From}, {"To be live", r.To}} {
		if g.Number == 0 || g.name == "To be live" && g.Number == r.Live.Number {
			continue
		}
		parts := []string{fmt.Sprint(g.Number), code(g.Stack), code(g.Commit), code(g.Image)}
		parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
		row(t, g.name, strings.Join(parts, " "))
	}
}

// steps writes a table of the steps.
func (r *Promotion) steps(b *strings.Builder) {
	if len(r.Steps) == 0 || len(r.Steps) == 1 && r.Steps[0].Verdict == "" {
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
			if s.Ended.After(s.Began) && s.Percent > 0 {
				held = timeline.Duration(s.Ended.Sub(s.Began))
			}
		}
		verdict := text(sentence(s.Verdict))
		switch {
		case s.Percent == 0 && s.Verdict == "" && r.From.Number > 0:
			verdict = fmt.Sprintf("Back to generation %d", r.From.Number)
		case s.Failed:
			verdict = strings.TrimSpace("🔴 " + verdict)
		}
		fmt.Fprintf(b, "| %d %% | %s | %s | %s |\n", s.Percent, began, held, verdict)
	}
}
