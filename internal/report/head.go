package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// head returns the one line that a reader in a hurry reads, in Markdown.
func head(r Result) string {
	run := r.Common()
	switch r := r.(type) {
	case *Sweep:
		return r.head()
	case *Promotion:
		return r.head()
	case *Overview:
		return r.head()
	}
	if doctor, ok := r.(*Doctor); ok && run.Failure == nil {
		return doctor.head()
	}
	if isGone(r) {
		return run.headed("💤", goneHead(r))
	}
	switch run.Ending {
	case Skipped:
		return run.headed("⏭️", skippedHead(r))
	case Interrupted:
		return run.headed("⏹️", "The run was cancelled while it "+doing(r))
	case Failed:
		return run.headed("❌", failedHead(r))
	}
	if b, ok := r.(*Bootstrap); ok {
		return fmt.Sprintf("✅ Base stack %s: %s", text(b.Stack.Name), b.Status)
	}
	return run.headed("✅", run.subject()+" is ready")
}

// headed puts a mark before a heading. It adds the service's name if the repository has a different
// name, since such a repository may have several services.
func (r *Run) headed(mark, words string) string {
	service := r.Environment.Service
	if _, name, ok := strings.Cut(r.Repository, "/"); !ok || service == "" || strings.EqualFold(name, service) {
		return mark + " " + words
	}
	return fmt.Sprintf("%s %s: %s", mark, text(service), lowerFirst(words))
}

// subject returns how a text names the environment. Only a pull request's environment is a preview.
func (r *Run) subject() string {
	if r.Environment.PullRequest > 0 {
		return "Preview"
	}
	return text(r.Environment.Name)
}

func goneHead(r Result) string {
	run := r.Common()
	switch d, ok := r.(*Destruction); {
	case ok && d.StaleFor > 0:
		return fmt.Sprintf("%s was deleted: not deployed to for %s (`max-age`)", run.subject(), Age(d.StaleFor))
	case ok && d.Status == Absent:
		if run.Environment.PullRequest > 0 {
			return "There is no preview"
		}
		return "There is no environment " + run.subject()
	}
	return run.subject() + " deleted"
}

func skippedHead(r Result) string {
	run := r.Common()
	if _, ok := r.(*Bootstrap); ok {
		return "Nothing was changed"
	}
	if d, ok := r.(*Destruction); ok && d.Kept != nil {
		return run.subject() + " stays"
	}
	switch d, ok := r.(*Deployment); {
	case ok && d.Comment && d.StillUp == nil && run.Environment.PullRequest > 0:
		return "No preview"
	case ok && run.Commit != "":
		return code(short(run.Commit)) + " was not deployed"
	}
	return "Nothing to do"
}

func failedHead(r Result) string {
	run := r.Common()
	switch r := r.(type) {
	case *Deployment:
		what, where := run.subject(), ""
		if run.Commit != "" {
			what = code(short(run.Commit))
			if run.Environment.PullRequest == 0 {
				where = " to " + run.subject()
			}
		}
		return what + " could not be deployed" + where
	case *Destruction:
		if r.Deleted {
			return run.subject() + " deleted, but `before-destroy` failed"
		}
		return run.subject() + " could not be deleted"
	case *Bootstrap:
		return "Bootstrap did not come to its end"
	case *Doctor:
		return "The checks could not be made"
	case *Refusal:
		if r.Command != "" {
			return code(r.Command) + " could not begin"
		}
	}
	return "The run could not begin"
}

// doing returns what a cancelled run was doing, in the past tense: "deployed the preview".
func doing(r Result) string {
	run := r.Common()
	object := run.subject()
	if run.Environment.PullRequest > 0 {
		object = "the preview"
	}
	switch r.(type) {
	case *Deployment:
		if run.Commit != "" {
			return "deployed " + code(short(run.Commit))
		}
		return "deployed " + object
	case *Destruction:
		return "deleted " + object
	case *Bootstrap:
		return "deployed the base stack"
	case *Doctor:
		return "checked what a deployment needs"
	}
	return "began"
}

func lowerFirst(s string) string {
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}

func upperFirst(s string) string {
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
