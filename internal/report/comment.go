package report

import (
	"cmp"
	"fmt"
	"strings"
)

const (
	// maxQuoted is how many bytes a comment quotes of one text by somebody else; GitHub accepts
	// 65,536 characters in the whole comment.
	maxQuoted = 12_000
	// commentColumn is the column at which a comment's quoted lines are broken: a phone that is 390
	// pixels wide shows this many characters.
	commentColumn = 42
)

// Comment renders the comment on a pull request in GitHub's Markdown. Before is the state of the
// comment that it replaces.
func Comment(r Result, before State) string {
	var b strings.Builder
	b.WriteString(marked(r.Common().Environment, stateOf(r, before)))
	fmt.Fprintf(&b, "### %s\n", head(r))
	run := r.Common()
	switch {
	case isGone(r):
		if d, ok := r.(*Destruction); ok && d.StaleFor > 0 {
			again := before.Run
			if run := d.Common(); !strings.HasPrefix(again, run.ServerURL+"/"+run.Repository+"/actions/runs/") {
				again = "" // another bot may have been made to write the comment
			}
			paragraph(&b, "Push a commit, or re-run "+link("the last deployment", again)+", to bring it back.")
		}
		return b.String()
	case run.Ending == Skipped:
		paragraph(&b, text(sentence(truncate(run.Reason, maxQuoted))))
		stillUp(&b, r, "is still up")
		return b.String()
	}
	body(&b, r, commentColumn, maxQuoted)
	paragraph(&b, facts(r, true))
	if len(Failures(r)) > 0 {
		details(&b, r)
	}
	return b.String()
}

// CommentDeploying renders the comment of a run that has begun to deploy. Previous is what stays up
// during the deployment; nil if nothing stays up, or if that is not known.
func CommentDeploying(run Run, previous *Previous, before State) string {
	var b strings.Builder
	s := State{State: Deploying, Commit: run.Commit, Stack: before.Stack, Since: before.Since, Run: run.RunURL}
	if previous != nil {
		s.URL = previous.URL
	}
	b.WriteString(marked(run.Environment, s))
	words := "Deploying"
	if run.Commit != "" {
		words += " " + code(short(run.Commit))
	}
	fmt.Fprintf(&b, "### %s\n", run.headed("🚧", words))
	if isLink(run.RunURL) {
		paragraph(&b, link("Follow the run", run.RunURL))
	}
	stillUp(&b, &Deployment{Run: run, StillUp: previous}, "stays up meanwhile")
	return b.String()
}

// body writes what people have to know: the URL, or why the run failed and what to change.
func body(b *strings.Builder, r Result, column, most int) {
	d, deployed := r.(*Deployment)
	if deployed && d.Ending == Up && d.URL != "" {
		paragraph(b, bold(link(d.URL, d.URL)))
	}
	ending := r.Common().Ending
	for _, f := range Failures(r) {
		if ending == Interrupted {
			// The message of an interruption is in our words, not AWS's.
			f.Summary, f.Message = cmp.Or(f.Summary, f.Message), ""
			f.reason(b, "Next", column, most)
		} else {
			f.reason(b, "Fix", column, most)
		}
	}
	if ending == Failed || ending == Interrupted {
		stillUp(b, r, "is still up")
	}
	if deployed && d.Ending == Up && len(d.Unproved) > 0 {
		paragraph(b, "⚠️ "+text(strings.Join(d.Unproved, " ")))
	}
}

// stillUp says what is up although this run did not deploy, if that is known.
func stillUp(b *strings.Builder, r Result, verb string) {
	if d, ok := r.(*Destruction); ok && d.Kept != nil && d.Kept.URL != "" {
		paragraph(b, bold(link(d.Kept.URL, d.Kept.URL)))
	}
	d, ok := r.(*Deployment)
	switch {
	case !ok:
	case d.StillUp != nil:
		what := "The commit before"
		if d.StillUp.Commit != "" {
			what = code(short(d.StillUp.Commit))
		}
		line := what + " " + verb
		if d.StillUp.URL != "" {
			line += ": " + bold(link(d.StillUp.URL, d.StillUp.URL))
		} else {
			line += "."
		}
		paragraph(b, line)
	case d.NothingUp:
		paragraph(b, "Nothing is up.")
	}
}

// facts returns one line of links and figures. No two links have the same name.
func facts(r Result, withRun bool) string {
	run, stack := r.Common(), stackOf(r)
	var parts []string
	if _, ok := r.(*Deployment); ok && run.Commit != "" {
		parts = append(parts, run.commitLink())
	}
	if p, ok := r.(*Promotion); ok && p.By != "" && p.Ending == Up {
		parts = append(parts, "by "+string(p.By))
	}
	if took := took(run.Took); took != "" {
		parts = append(parts, took)
	}
	for _, l := range []struct{ words, url string }{
		{"run", run.RunURL}, {"logs", logsURL(run.Region, stack)}, {"stack", stackURL(run.Region, stack)},
	} {
		if isLink(l.url) && (withRun || l.words != "run") {
			parts = append(parts, link(l.words, l.url))
		}
	}
	if d, ok := r.(*Deployment); ok && d.Ending == Up && d.Cost != nil {
		parts = append(parts, text(cost(d.Cost)))
	}
	return upperFirst(strings.Join(parts, " · "))
}
