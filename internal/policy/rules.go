package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"
)

// Rules say which pull requests get an environment.
type Rules struct {
	Label     string   // that it must have; "" is none
	KeepLabel string   // that keeps a sweep from deleting it for its age; "" is none
	Drafts    bool     // whether drafts get one
	Bots      bool     // whether those that a bot opened get one
	Paths     []string // one of the changed files must match one of these; none is any file
}

// Excludes returns the rule that keeps the pull request from an environment, or "". Excluded has the
// rules about its commit and its files.
func (r Rules) Excludes(pull PullRequest) string {
	switch {
	case r.Label != "" && !slices.Contains(pull.Labels, r.Label):
		return fmt.Sprintf("pull request %d does not have the label %s (input label)", pull.Number, r.Label)
	case !r.Drafts && pull.Draft:
		return fmt.Sprintf("pull request %d is a draft (input drafts)", pull.Number)
	case !r.Bots && pull.AuthorIsBot:
		return fmt.Sprintf("pull request %d was opened by %s, a bot (input bots)", pull.Number, pull.Author)
	}
	return ""
}

// Changes reports whether one of the changed files is one that an environment is for.
func (r Rules) Changes(files []string) bool {
	if len(r.Paths) == 0 {
		return true
	}
	matcher, err := patternmatcher.New(r.Paths)
	if err != nil {
		return true // config has checked it
	}
	return slices.ContainsFunc(files, func(file string) bool {
		matches, err := matcher.MatchesOrParentMatches(file)
		return err == nil && matches
	})
}

// skipPreview, in the message of the newest commit, keeps it from being deployed.
const skipPreview = "[skip preview]"

// Change is what a pull request's newest commit brings.
type Change struct {
	PullRequest int
	Commit      string
	Message     string // of the commit; "" if GitHub could not be asked
	Files       []string
	FilesKnown  bool // GitHub could be asked for Files
}

// Excluded returns why the change is not deployed, or nil. If GitHub could not be asked for the message
// or the files, their rules exclude nothing.
func Excluded(r Rules, c Change) *Skip {
	switch {
	case strings.Contains(c.Message, skipPreview):
		return &Skip{Reason: fmt.Sprintf("the message of commit %.12s has %s", c.Commit, skipPreview)}
	case c.FilesKnown && !r.Changes(c.Files):
		return &Skip{Reason: fmt.Sprintf("pull request %d changes no file that matches the input paths", c.PullRequest)}
	}
	return nil
}
