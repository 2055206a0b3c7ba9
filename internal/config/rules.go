package config

import (
	"fmt"
	"slices"

	"github.com/moby/patternmatcher"

	"pr-stack/internal/environment"
)

// Rules say which pull requests get an environment.
type Rules struct {
	Label     string   // that it must have; "" is none
	KeepLabel string   // with which sweep spares it, however old its environment is; "" is none
	Drafts    bool     // whether drafts do
	Bots      bool     // whether those that a bot opened do
	Paths     []string // one of the changed files must match one of these; none is any file
}

func (l *loader) rules() Rules {
	r := Rules{Label: l.text("label"), KeepLabel: l.text("keep-label"), Drafts: l.yes("drafts"), Bots: l.yes("bots"), Paths: words(l.given["paths"])}
	if _, err := patternmatcher.New(r.Paths); err != nil {
		l.addf("paths", "write them as .dockerignore has them, such as src/** or !**/*.md", "%s", err)
	}
	return r
}

// auto follows the event. A pull request that closes takes its own environment with it and no other: what the input
// environment names stays, since production must outlive every pull request that was ever deployed to it.
func (l *loader) auto(e environment.Environment, rules Rules) (command Command, skipReason string) {
	switch {
	case l.event.name == "schedule":
		return Sweep, ""
	case !l.event.ofPullRequest():
		return Deploy, ""
	case l.event.action == "closed" && e.PullRequest != l.event.pullRequest:
		return Skip, fmt.Sprintf("pull request %d was closed, and environment %s is not its own; command: destroy would delete it all the same", l.event.pullRequest, e.Name)
	case l.event.action == "closed":
		return Destroy, ""
	case slices.Contains([]string{"opened", "synchronize", "reopened"}, l.event.action):
		return Deploy, ""
	}
	if e.PullRequest == l.event.pullRequest {
		switch asked := rules.Label != "" && l.event.label == rules.Label; {
		case l.event.action == "labeled" && asked, l.event.action == "ready_for_review" && !rules.Drafts:
			return Deploy, ""
		case l.event.action == "unlabeled" && asked, l.event.action == "converted_to_draft" && !rules.Drafts:
			return Destroy, ""
		}
	}
	return Skip, fmt.Sprintf("the pull request was %s, which changes no code; command: deploy would deploy all the same", l.event.action)
}

// excluded says which rule keeps the pull request from an environment; "" if none does. Rules that GitHub has to be asked
// about are not among these.
func (l *loader) excluded(r Rules) string {
	switch {
	case r.Label != "" && !slices.Contains(l.event.labels, r.Label):
		return fmt.Sprintf("pull request %d does not have the label %s (input label)", l.event.pullRequest, r.Label)
	case !r.Drafts && l.event.draft:
		return fmt.Sprintf("pull request %d is a draft (input drafts)", l.event.pullRequest)
	case !r.Bots && l.event.bot:
		return fmt.Sprintf("pull request %d was opened by %s, a bot (input bots)", l.event.pullRequest, l.event.author)
	}
	return ""
}

// Changes tells whether one of the changed files is one that an environment is for.
func (r Rules) Changes(files []string) bool {
	if len(r.Paths) == 0 {
		return true
	}
	matcher, err := patternmatcher.New(r.Paths)
	if err != nil {
		return true // it was checked
	}
	return slices.ContainsFunc(files, func(file string) bool {
		matches, err := matcher.MatchesOrParentMatches(file)
		return err == nil && matches
	})
}
