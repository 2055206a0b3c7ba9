package report

import (
	"fmt"
	"strings"
)

// maxSummary is how many bytes GitHub accepts as one step's summary; it drops a longer one
// completely.
const maxSummary = 1 << 20

// summaryColumn is the column at which a summary's quoted lines are broken: GitHub does not break
// them.
const summaryColumn = 100

// Summary renders the job summary in GitHub's Markdown. It is never longer than GitHub accepts.
func Summary(r Result) string {
	const forNote = 20 // bytes of room for the note that truncate adds
	return truncate(summary(r), maxSummary-forNote)
}

func summary(r Result) string {
	var b strings.Builder
	run := r.Common()
	fmt.Fprintf(&b, "### %s\n", head(r))
	switch r := r.(type) {
	case *Promotion:
		r.summary(&b)
		return b.String()
	case *Overview:
		r.summary(&b)
		return b.String()
	}
	if run.Ending == Skipped {
		paragraph(&b, text(sentence(run.Reason)))
		stillUp(&b, r, "is still up")
		if bootstrap, ok := r.(*Bootstrap); ok {
			bootstrap.ground(&b)
		}
		return b.String()
	}
	if doctor, ok := r.(*Doctor); ok && run.Failure == nil {
		doctor.table(&b)
		return b.String()
	}
	body(&b, r, summaryColumn, maxSummary/8)
	if sweep, ok := r.(*Sweep); ok {
		sweep.table(&b)
		return b.String()
	}
	paragraph(&b, facts(r, false))
	if bootstrap, ok := r.(*Bootstrap); ok {
		bootstrap.ground(&b)
	}
	proof(&b, r)
	if d, ok := r.(*Deployment); ok {
		plan(&b, d.Changes)
	}
	closing(&b, r)
	return b.String()
}

// closing writes the end of a summary: AWS's own words, where the time went, and the table for auditors.
func closing(b *strings.Builder, r Result) {
	for _, f := range Failures(r) {
		var precise strings.Builder
		if f.precise(&precise, summaryColumn, maxSummary/8) {
			paragraph(b, "What AWS said:")
		}
		b.WriteString(precise.String())
	}
	if chart := gantt(r.Common().Bars); chart != "" {
		paragraph(b, "Timeline (critical path highlighted):\n\n"+strings.TrimSuffix(chart, "\n"))
	}
	phases(b, r)
	audit(b, r)
}

// plan writes what was to change in stacks, as it was shown before.
func plan(b *strings.Builder, stacks []PlannedStack) {
	if len(stacks) > 0 {
		paragraph(b, "The plan:")
	}
	changeSet(b, stacks)
}

// changeSet writes what was to change in stacks.
func changeSet(b *strings.Builder, stacks []PlannedStack) {
	for _, s := range stacks {
		paragraph(b, text("Stack "+s.Name+" "+s.What+".")+table(s.Changes))
	}
}

// proof says what was checked.
func proof(b *strings.Builder, r Result) {
	if d, ok := r.(*Deployment); ok && d.Ending == Up && len(d.Proof) > 0 {
		paragraph(b, "Checked: "+text(strings.Join(d.Proof, " ")))
	}
}

// audit writes a folded table for auditors: all that identifies what was deployed or deleted.
func audit(b *strings.Builder, r Result) {
	run, stack := r.Common(), stackOf(r)
	var t strings.Builder
	row(&t, "Service", text(run.Environment.Service))
	row(&t, "Environment", text(run.Environment.Name))
	row(&t, "Status", OutputStatus(r))
	row(&t, "Commit", code(run.Commit))
	if d, ok := r.(*Deployment); ok {
		row(&t, "Image", code(d.Image))
		if !strings.HasSuffix(d.Image, d.ImageDigest) {
			row(&t, "Image digest", code(d.ImageDigest))
		}
		row(&t, "Parameters", text(strings.Join(d.Parameters, ", ")))
		if d.Cost != nil {
			row(&t, "Price", text(cost(d.Cost)+" ("+priceSource+")"))
		}
	}
	if p, ok := r.(*Promotion); ok {
		p.audit(&t)
	}
	if d, ok := r.(*Destruction); ok && d.Images > 0 {
		row(&t, "Images deleted", fmt.Sprint(d.Images))
	}
	row(&t, "Stack", code(stack.Name))
	row(&t, "Stack ID", code(stack.ID))
	if !stack.Created.IsZero() {
		row(&t, "Stack created", stack.Created.UTC().Format("2006-01-02 15:04 UTC"))
	}
	row(&t, "Log group", code(stack.Outputs["LogGroupName"]))
	row(&t, "Region", code(run.Region))
	row(&t, "pr-stack", text(run.Version))
	if first, rest, ok := strings.Cut(t.String(), "\n"); ok {
		fold(b, "For the record", "\n"+first+"\n|:--|:--|\n"+rest)
	}
}
