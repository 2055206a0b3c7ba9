package report

import (
	"fmt"
	"strings"

	"pr-stack/internal/timeline"
)

// maxLog is how many of a log's last lines are shown.
const maxLog = 20

// reason writes why the run failed and what to change. If there is no plain sentence, it writes
// AWS's words. The quoted texts may come from anybody, for example from a container's log: none of
// them acts as markup.
func (f Failure) reason(b *strings.Builder, advice string, column, most int) {
	switch message := strings.TrimSpace(truncate(f.Message, most)); {
	case f.Summary != "":
		paragraph(b, text(sentence(truncate(f.Summary, most/4))))
	case strings.Contains(message, "\n"):
		b.WriteString("\n" + block(wrap(message, column)))
	default:
		paragraph(b, text(sentence(message))) // a paragraph breaks at any width
	}
	if len(f.Log) > 0 {
		lines := strings.Join(f.Log[max(0, len(f.Log)-maxLog):], "\n")
		b.WriteString("\n" + block(wrap(truncate(lines, most), column)))
	}
	if f.Hint != "" {
		paragraph(b, "**"+advice+":** "+text(sentence(truncate(f.Hint, most/4))))
	}
}

// details writes a folded part with what few people need: AWS's words, the image and the phases.
func details(b *strings.Builder, r Result) {
	var inner strings.Builder
	words := "Details"
	for _, f := range Failures(r) {
		if f.precise(&inner, commentColumn, maxQuoted) {
			words = "What AWS said"
		}
	}
	if d, ok := r.(*Deployment); ok && d.Image != "" {
		paragraph(&inner, "Image: "+code(shortImage(d.Image)))
	}
	phases(&inner, r)
	if inner.Len() > 0 {
		fold(b, words, inner.String())
	}
}

// precise writes what reason leaves out: AWS's own words, if there is a plain sentence as well, and
// what happens now. It reports whether it wrote AWS's words.
func (f Failure) precise(b *strings.Builder, column, most int) bool {
	quoted := f.Summary != "" && f.Message != ""
	if quoted {
		b.WriteString("\n" + block(wrap(truncate(f.Message, most), column)))
	}
	if f.NextStep != "" {
		paragraph(b, text(sentence(truncate(f.NextStep, most/4))))
	}
	return quoted
}

// shortImage returns an image without the registry's host, which holds an account's number, and with
// only the beginning of its digest.
func shortImage(image string) string {
	_, path, ok := strings.Cut(image, "/")
	if !ok {
		path = image
	}
	name, digest, ok := strings.Cut(path, "@sha256:")
	if !ok {
		return path
	}
	return name + "@sha256:" + digest[:min(12, len(digest))]
}

// Text returns a failure in plain text, as the log shows it, without the hint.
func (f Failure) Text() string {
	var lines []string
	for _, line := range []string{f.Summary, f.Message} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	for _, line := range f.Log {
		lines = append(lines, "  | "+line)
	}
	if f.NextStep != "" {
		lines = append(lines, f.NextStep)
	}
	return strings.Join(lines, "\n")
}

// phases writes a table of the run's phases.
func phases(b *strings.Builder, r Result) {
	run := r.Common()
	if len(run.Phases) == 0 {
		return
	}
	b.WriteString("\n| Phase | Took | |\n|:--|--:|:--|\n")
	for _, p := range run.Phases {
		fmt.Fprintf(b, "| %s | %s | %s |\n", text(p.Name), timeline.Duration(p.Took), text(p.Note))
	}
	if took(run.Took) != "" {
		fmt.Fprintf(b, "| **Whole run** | **%s** | |\n", timeline.Duration(run.Took))
	}
}
