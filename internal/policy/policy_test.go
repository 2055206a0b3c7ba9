package policy

import (
	"errors"
	"testing"
	"time"

	"pr-stack/internal/environment"
)

// A run that GitHub gives no credentials is skipped without them. For all others their lack is a
// mistake. A fork's run that has some, on a machine with its own, uses them for its own environment
// only.
func TestCredentials(t *testing.T) {
	for _, test := range []struct {
		event, words  string
		verb          Verb
		without, with bool // whether it is skipped
	}{
		{"pull_request/opened", "", Deploy, false, false},
		{"pull_request/opened", "fork", Deploy, true, true},
		{"pull_request/opened", "fork allow-forks", Deploy, true, false},
		{"pull_request/opened", "fork allow-forks production", Deploy, true, false},
		{"pull_request/closed", "fork", Destroy, true, false},
		{"pull_request/closed", "fork production", Destroy, true, true},
		{"pull_request/closed", "fork production allow-forks", Destroy, true, true},
		{"pull_request/opened", "fork", Sweep, true, true},
		{"pull_request/opened", "fork allow-forks", Sweep, true, true},
		{"pull_request/opened", "fork", Bootstrap, true, true},
		{"pull_request_review/submitted", "fork", Deploy, true, true},
		{"pull_request_review_comment/created", "fork", Deploy, true, true},
		{"pull_request/opened", "dependabot", Deploy, true, false},
		{"pull_request_review/submitted", "dependabot", Deploy, true, false},
		{"pull_request/opened", "dependabot", Sweep, true, false},
		{"pull_request_target/opened", "dependabot", Deploy, false, false},
		{"pull_request_target/opened", "fork", Destroy, false, false},
		{"workflow_run/pull_request", "fork archive", Deploy, false, false},
		{"issue_comment/created", "fork archive", Deploy, false, false},
		{"push", "production", Deploy, false, false},
		{"", "production", Deploy, false, false},
	} {
		r := asked(t, test.event, test.words)
		if got := WithoutCredentials(r.Trigger); (got != nil) != test.without {
			t.Errorf("WithoutCredentials(%s %s) = %v, want it skipped: %v", test.event, test.words, got, test.without)
		}
		if got := WithCredentials(r.Trigger, test.verb, r.Environment, r.AllowForks); (got != nil) != test.with {
			t.Errorf("WithCredentials(%s %s, %s) = %v, want it skipped: %v", test.event, test.words, test.verb, got, test.with)
		}
	}
}

func TestWithoutCredentials_names_who(t *testing.T) {
	const rest = ", and GitHub gives its runs no credentials; to deploy it, review the code and push it to a branch of this repository, or deploy its image from a second workflow, as README.md shows for forks"
	for words, who := range map[string]string{"fork": "a fork", "dependabot": "Dependabot", "fork dependabot": "a fork"} {
		got := WithoutCredentials(asked(t, "pull_request/opened", words).Trigger)
		if want := "the pull request is from " + who + rest; got == nil || got.Reason != want {
			t.Errorf("WithoutCredentials(%s) = %v\nwant %s", words, got, want)
		}
	}
}

// A template on disk is the repository's own unless an artifact of unknown origin could have replaced
// it.
func TestTrigger_TemplateFromBase(t *testing.T) {
	for _, test := range []struct {
		event, words string
		want         bool
	}{
		{"pull_request/opened", "archive", false},
		{"workflow_run/pull_request", "archive", false},
		{"workflow_run/pull_request", "fork archive", true},
		{"workflow_run/pull_request", "fork image", false},
		{"workflow_run/pull_request", "fork", false},
		{"workflow_run/push", "archive", false},
		{"workflow_run/workflow_run", "archive", true},
		{"issue_comment/created", "archive", false},
		{"issue_comment/created", "fork archive", true},
		{"workflow_dispatch", "named fork archive", true},
		{"workflow_dispatch", "named archive", false},
		{"workflow_dispatch", "pr-7 unchecked archive", true},
		{"pull_request/opened", "fork archive", false}, // the checkout is the fork's, too
		{"push", "archive", false},
	} {
		r := asked(t, test.event, test.words)
		if got := r.Trigger.TemplateFromBase(r.Source); got != test.want {
			t.Errorf("TemplateFromBase of %s %s = %v, want %v", test.event, test.words, got, test.want)
		}
	}
}

func TestCurrent(t *testing.T) {
	const newer = "1123456789abcdef0123456789abcdef01234567"
	open, pushed := &PullRequest{Number: 7, Open: true, Head: sha}, &PullRequest{Number: 7, Open: true, Head: newer}
	closed := &PullRequest{Number: 7, Head: sha}
	const gone = "pull request 7 was closed while this ran"
	const late = "pull request 7 has a newer commit, 1123456789ab, and its run deploys that; this one was for 0123456789ab"
	for _, test := range []struct {
		event  string
		pull   *PullRequest
		want   string
		remove bool
	}{
		{"pull_request/opened", open, "", false},
		{"pull_request/opened", nil, "", false},
		{"pull_request/opened", closed, gone, true},
		{"pull_request/opened", pushed, late, false},
		{"workflow_run/pull_request", pushed, late, false},
		{"pull_request/opened", &PullRequest{Number: 7, Open: true}, "", false},
		{"workflow_dispatch", closed, gone, true},
		{"workflow_dispatch", pushed, "", false}, // no other run deploys that
		{"issue_comment/created", pushed, "", false},
	} {
		got := Current(asked(t, test.event, "").Trigger, sha, test.pull)
		if reason(got) != test.want || got != nil && got.RemoveEnvironment != test.remove {
			t.Errorf("Current(%s, %+v) = %+v, want %q", test.event, test.pull, got, test.want)
		}
	}
}

func TestStillClosed(t *testing.T) {
	open, closed := &PullRequest{Number: 7, Open: true}, &PullRequest{Number: 7}
	for _, test := range []struct {
		closing bool
		pull    *PullRequest
		want    string
	}{
		{true, open, "pull request 7 was reopened, and its environment stays"},
		{true, closed, ""},
		{true, nil, ""},
		{false, open, ""},
	} {
		if got := StillClosed(test.closing, test.pull); reason(got) != test.want {
			t.Errorf("StillClosed(%v, %+v) = %v, want %q", test.closing, test.pull, got, test.want)
		}
	}
}

func TestLimit(t *testing.T) {
	const full = " for pull requests, as many as max-environments allows; close a pull request whose environment is not needed, and run this job again"
	for _, test := range []struct {
		limit, count int
		exists       bool
		want         string
	}{
		{0, 100, false, ""},
		{2, 1, false, ""},
		{2, 2, true, ""},
		{2, 2, false, "the service has 2 environments" + full},
		{1, 1, false, "the service has 1 environment" + full},
	} {
		got := Limit(test.limit, test.count, test.exists)
		if reason(got) != test.want || got != nil && !got.Comment {
			t.Errorf("Limit(%d, %d, %v) = %+v, want %q, said in the comment", test.limit, test.count, test.exists, got, test.want)
		}
	}
}

func TestExcluded(t *testing.T) {
	paths := Rules{Paths: []string{"src/**", "!**/*.md"}}
	for _, test := range []struct {
		rules  Rules
		change Change
		want   string
	}{
		{Rules{}, Change{Message: "Words\n\n[skip preview]", Commit: sha}, "the message of commit 0123456789ab has [skip preview]"},
		{Rules{}, Change{Message: "Words", FilesKnown: true}, ""},
		{paths, Change{PullRequest: 7}, ""}, // GitHub could not be asked
		{paths, Change{PullRequest: 7, FilesKnown: true}, "pull request 7 changes no file that matches the input paths"},
		{paths, Change{PullRequest: 7, FilesKnown: true, Files: []string{"src/README.md", "docs/x"}}, "pull request 7 changes no file that matches the input paths"},
		{paths, Change{PullRequest: 7, FilesKnown: true, Files: []string{"src/README.md", "src/a/main.go"}}, ""},
	} {
		if got := Excluded(test.rules, test.change); reason(got) != test.want {
			t.Errorf("Excluded(%+v, %+v) = %v, want %q", test.rules, test.change, got, test.want)
		}
	}
}

func TestExpired(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	limits := SweepLimits{Repository: environment.Repository{Name: "octo-org/hello"}}
	week, keep := limits, limits
	week.MaxAge = 7 * 24 * time.Hour
	keep.MaxAge, keep.KeepLabel = week.MaxAge, "keep"
	young := Candidate{Number: 7, Stack: "hello-pr-7", Repository: environment.Repository{Name: "Octo-Org/hello"}, Changed: now.Add(-time.Hour)}
	old, protected, other, none := young, young, young, young
	old.Changed, protected.Protected, other.Repository, none.Repository = now.Add(-8*24*time.Hour), true, environment.Repository{Name: "other-org/hello"}, environment.Repository{}
	open := Pull{Pull: &PullRequest{Number: 7, Open: true}}
	kept := Pull{Listed: true, Pull: &PullRequest{Number: 7, Open: true, Labels: []string{"keep"}}}
	closed, merged := Pull{Pull: &PullRequest{Number: 7}}, Pull{Pull: &PullRequest{Number: 7, Merged: true}}
	never := Pull{None: true, Err: errors.New("404 Not Found")}
	listed, failed := Pull{Listed: true}, Pull{Err: errors.New("502 Bad Gateway")}
	for _, test := range []struct {
		candidate Candidate
		limits    SweepLimits
		pull      Pull
		expired   bool
		why       string
		needs     bool // to know the pull request by itself
	}{
		{young, limits, listed, false, "pull request 7 is open", false},
		{young, limits, open, false, "pull request 7 is open", true},
		{young, limits, closed, true, "pull request 7 is closed", true},
		{young, limits, merged, true, "pull request 7 is merged", true},
		{young, limits, failed, false, "its pull request could not be checked: 502 Bad Gateway", true},
		{young, limits, Pull{}, false, "its pull request was not checked", true},
		{other, limits, closed, false, "it belongs to repository other-org/hello; if that was this repository's name, delete stack hello-pr-7 in CloudFormation", false},
		{none, limits, closed, false, "it was deployed from outside of GitHub; to delete it, run pr-stack with command: destroy and environment: pr-7", false},
		{other, limits, never, false, "it belongs to repository other-org/hello; if that was this repository's name, delete stack hello-pr-7 in CloudFormation", false},
		{young, limits, never, false, "there is no pull request 7, and it was deployed less than 24h ago", true},
		{old, limits, never, true, "there is no pull request 7", true},
		{protected, limits, never, false, "its termination protection is on", false},
		{protected, limits, closed, false, "its termination protection is on", false},
		{old, limits, listed, false, "pull request 7 is open", false},
		{young, week, listed, false, "pull request 7 is open", false},
		{old, week, listed, true, "it was last deployed 8 days ago, and max-age is 7 days", false},
		{old, week, open, true, "it was last deployed 8 days ago, and max-age is 7 days", true},
		{old, week, failed, false, "its pull request could not be checked: 502 Bad Gateway", true},
		{old, keep, kept, false, "pull request 7 has the label keep", true},
		{old, keep, Pull{Listed: true, Pull: &PullRequest{Number: 7, Open: true}}, true, "it was last deployed 8 days ago, and max-age is 7 days", true},
		{old, keep, Pull{Listed: true, Err: failed.Err}, false, "its pull request could not be checked: 502 Bad Gateway", true},
		{young, keep, listed, false, "pull request 7 is open", false},
	} {
		expired, why := Expired(test.candidate, test.limits, test.pull, now)
		if expired != test.expired || why != test.why {
			t.Errorf("Expired(%+v, %+v, %+v) = %v, %q\nwant %v, %q", test.candidate, test.limits, test.pull, expired, why, test.expired, test.why)
		}
		if got := NeedsPull(test.candidate, test.limits, test.pull.Listed, now); got != test.needs {
			t.Errorf("NeedsPull(%+v, %+v, %v) = %v, want %v", test.candidate, test.limits, test.pull.Listed, got, test.needs)
		}
	}
}

func reason(s *Skip) string {
	if s == nil {
		return ""
	}
	return s.Reason
}
