package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/release"
)

// style is how a sentence about production is written: in plain text or in Markdown.
type style struct {
	name func(release.Generation) string
	text func(string) string // what others may have written
	code func(string) string
	by   func(locker string) string // a sentence that says who locked production: a run's URL, or a person
}

var plainText = style{
	name: plainName,
	text: func(s string) string { return s },
	code: func(s string) string { return s },
	by: func(locker string) string {
		return "It was locked by " + locker + unless(!isLink(locker), " ") + "." // a full stop beside a URL becomes a part of it
	},
}

// markdown returns the style of the summary and of comments.
func (r *Run) markdown() style {
	return style{name: r.linkedName, text: text, code: code, by: func(locker string) string {
		if isLink(locker) {
			return "It was locked by " + link("another run", locker) + "."
		}
		return "It was locked by " + text(locker) + "."
	}}
}

func plainName(g release.Generation) string {
	s := fmt.Sprintf("generation %d", g.Number)
	if g.Commit != "" {
		s += " (" + short(g.Commit) + ")"
	}
	return s
}

// linkedName names a generation in Markdown, with links to its commit and to its pull request.
func (r *Run) linkedName(g release.Generation) string {
	s := fmt.Sprintf("generation %d", g.Number)
	var parts []string
	if g.Commit != "" {
		parts = append(parts, r.linkTo(g.Commit))
	}
	if g.PullRequest > 0 {
		parts = append(parts, "from "+r.pullLink(g.PullRequest))
	}
	if len(parts) > 0 {
		s += " (" + strings.Join(parts, " ") + ")"
	}
	return s
}

// locked returns sentences that say that merges are not promoted, since when, why, and how to change that.
func (r *Run) locked(environment string, l *release.Locked, w style) []string {
	if l == nil {
		return nil
	}
	s := cmp.Or(environment, "production") + " is locked"
	if !l.Since.IsZero() {
		s += " since " + clock(l.Since)
	}
	list := []string{upperFirst(w.text(s + ": merges are not promoted."))}
	if l.Reason != "" {
		list = append(list, w.text(sentence(l.Reason)))
	}
	if l.By != "" && l.By != r.RunURL { // whoever reads this sees the run itself
		list = append(list, w.by(l.By))
	}
	return append(list, "To unlock it, run "+w.code("promote")+" by hand, on GitHub with "+w.code("workflow_dispatch")+".")
}

func (r *Promotion) locked(w style) []string { return r.Run.locked(r.Environment.Name, r.Locked, w) }

// lockedText returns the same as a paragraph in Markdown; "" if merges are promoted.
func (r *Run) lockedText(environment string, l *release.Locked) string {
	if l == nil {
		return ""
	}
	return "🔒 " + strings.Join(r.locked(environment, l, r.markdown()), " ")
}

// clock returns a time as texts show it.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
