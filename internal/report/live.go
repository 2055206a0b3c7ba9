package report

import (
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/release"
)

// The states of the comment that says whether a pull request is live.
const (
	live    = "live"
	wasLive = "was live"
)

// CommentLive renders the comment on the pull request of the generation that a promotion or a rollback was
// about: it is live, or why it is not. It is not the comment about the preview: its marker is that of the
// environment that is promoted to.
func CommentLive(r *Promotion) string {
	var b strings.Builder
	g := r.Live
	if r.outcome() != arrived {
		g = r.To
		b.WriteString(marked(r.Environment, r.liveState(string(r.Ending), g)))
		fmt.Fprintf(&b, "### %s\n", r.head())
		r.body(&b, commentColumn, maxQuoted, r.lockedThen())
		paragraph(&b, facts(r, true))
		return b.String()
	}
	b.WriteString(marked(r.Environment, r.liveState(live, g)))
	again := unless(!r.Back, " again")
	fmt.Fprintf(&b, "### %s\n", r.headed("🚀", "Live in "+r.subject()+again))
	if r.URL != "" {
		paragraph(&b, bold(link(r.URL, r.URL)))
	}
	parts := []string{fmt.Sprintf("Generation %d", g.Number)}
	for _, part := range []string{r.linkTo(g.Commit), facts(r, true)} {
		if part != "" {
			parts = append(parts, lowerFirst(part))
		}
	}
	paragraph(&b, strings.Join(parts, " · "))
	for _, f := range Failures(r) {
		paragraph(&b, "⚠️ The run did not come to its end:")
		f.reason(&b, "Fix", commentColumn, maxQuoted)
	}
	paragraph(&b, r.lockedThen())
	if !r.Back {
		paragraph(&b, r.wayBack(g))
	}
	return b.String()
}

// lockedThen says that the run locked production. Nobody edits the comment when it is unlocked, so it does
// not say that it is locked now.
func (r *Promotion) lockedThen() string {
	l := r.Locked
	if l == nil {
		return ""
	}
	s := "🔒 " + upperFirst(r.subject()) + " was locked"
	if !l.Since.IsZero() {
		s += " at " + clock(l.Since)
	}
	return s + ": merges are not promoted until somebody runs `promote` by hand, on GitHub with `workflow_dispatch`. " +
		text(sentence(truncate(l.Reason, maxQuoted)))
}

// wayBack says how to roll a generation back.
func (r *Promotion) wayBack(g release.Generation) string {
	if g.Previous == 0 {
		return "It is the first generation: there is none to roll back to."
	}
	workflows := ""
	if r.Repository != "" && isLink(r.ServerURL) {
		workflows = " (" + link("workflows", r.ServerURL+"/"+r.Repository+"/actions") + ")"
	}
	return fmt.Sprintf("To go back to generation %d, run the command `rollback`%s.", g.Previous, workflows)
}

// CommentWasLive renders the comment on the pull request whose generation had the requests before. Before is
// the state of the comment that it replaces.
func CommentWasLive(r *Promotion, before State) string {
	var b strings.Builder
	g := r.From
	if from, err := time.Parse(time.RFC3339, before.LiveFrom); err == nil && g.Since.IsZero() && before.Generation == g.Number {
		g.Since = from
	}
	if g.Until.IsZero() {
		g.Until = r.Live.Since
	}
	b.WriteString(marked(r.Environment, r.liveState(wasLive, g)))
	mark, words := "🕑", "No longer live in "+r.subject()
	if r.Back {
		mark, words = "↩️", "Rolled back: no longer live in "+r.subject()
	}
	fmt.Fprintf(&b, "### %s\n", r.headed(mark, words))
	s := fmt.Sprintf("Generation %d", g.Number)
	if g.Commit != "" {
		s += ", " + r.linkTo(g.Commit) + ","
	}
	paragraph(&b, s+" was live"+period(g.Since, g.Until)+".")
	next := "It was replaced by "
	if r.Back {
		next = "It was rolled back to "
	}
	next += r.linkedName(r.Live)
	if isLink(r.RunURL) {
		next += " · " + link("run", r.RunURL)
	}
	paragraph(&b, next)
	paragraph(&b, r.lockedThen())
	return b.String()
}

// period returns from when until when something was, as far as it is known.
func period(from, until time.Time) string {
	day := func(t time.Time) string { return t.UTC().Format(time.DateOnly) }
	switch {
	case from.IsZero() && until.IsZero():
		return ""
	case from.IsZero():
		return " until " + clock(until)
	case until.IsZero():
		return " from " + clock(from)
	case day(from) == day(until):
		return " from " + from.UTC().Format("2006-01-02 15:04") + " to " + until.UTC().Format("15:04 UTC")
	}
	return " from " + clock(from) + " to " + clock(until)
}

func (r *Promotion) liveState(state string, g release.Generation) State {
	s := State{State: state, Commit: g.Commit, Stack: g.Stack, Run: r.RunURL, Generation: g.Number}
	at := func(t time.Time) string { return unless(t.IsZero(), t.UTC().Format(time.RFC3339)) }
	if state == live || state == wasLive {
		s.LiveFrom, s.LiveUntil = at(g.Since), at(g.Until)
	}
	if state == live {
		s.URL, s.LiveUntil = r.URL, ""
	}
	return s
}
