package policy

import (
	"strings"
	"testing"
)

// Every event has an answer. want is the verb, or the beginning of skip or refuse and a part of why.
func TestDecide(t *testing.T) {
	const (
		ownBuild     = "refuse: : pull request 7 is from a fork, and this would build and run untrusted code with this repository's credentials"
		untrusted    = "from a fork would build and run untrusted code with this repository's credentials"
		foreign      = "refuse: environment: * is not allowed to touch"
		hidden       = "refuse: image-archive: the image archive may be built from a fork's code"
		unchecked    = "refuse: : could not check whether this is a fork's code: 502 Bad Gateway"
		named        = "set command: deploy"
		changesNoSHA = `skip: action "*" of pull_request`
	)
	for _, test := range []struct{ event, words, want string }{
		// What events mean by themselves.
		{"", "", "refuse: environment: no environment is named"},
		{"", "production", "deploy"},
		{"", "production no-commit", "refuse: GITHUB_SHA: the commit to deploy is not known"},
		{"", "production no-commit image", "deploy"},
		{"push", "production", "deploy"},
		{"push", "", `refuse: environment: the event "push" has no pull request`},
		{"workflow_dispatch", "production", "deploy"},
		{"workflow_dispatch", "", "refuse: environment: "},
		{"repository_dispatch", "production", "deploy"},
		{"schedule", "", "sweep"},
		{"schedule", "production", "sweep"},
		{"pull_request/opened", "", "deploy"},
		{"pull_request/synchronize", "", "deploy"},
		{"pull_request/reopened", "production", "deploy"},
		{"pull_request/closed", "closed", "destroy"},
		{"pull_request_target/closed", "closed", "destroy"},
		{"pull_request/closed", "closed production", "skip: pull request 7 was closed, but environment production is not its own"},
		{"pull_request/closed", "closed production destroy", "destroy"},
		{"pull_request/closed", "closed production deploy", "deploy"}, // on the merge
		{"pull_request/closed", "closed production deploy label", "deploy"},
		{"pull_request/closed", "closed deploy", "deploy"}, // Current then deletes it
		{"pull_request/labeled", "", changesNoSHA},
		{"pull_request/labeled", "labelled", "deploy"},
		{"pull_request/labeled", "labelled production", changesNoSHA},
		{"pull_request/unlabeled", "labelled", "destroy"},
		{"pull_request/unlabeled", "", changesNoSHA},
		{"pull_request/ready_for_review", "no-drafts", "deploy"},
		{"pull_request/ready_for_review", "", changesNoSHA},
		{"pull_request/converted_to_draft", "draft no-drafts", "destroy"},
		{"pull_request/converted_to_draft", "draft", changesNoSHA},
		{"pull_request/invented", "", changesNoSHA},
		{"pull_request/invented", "deploy", "deploy"},
		{"workflow_run/pull_request", "archive", "deploy"},
		{"workflow_run/pull_request", "archive failed", `skip: workflow "build", whose image this run would deploy, ended with failure`},
		{"workflow_run/pull_request", "archive running", `skip: workflow "build", whose image this run would deploy, has not finished`},
		{"workflow_run/pull_request", "archive failed deploy", "skip: workflow "},
		{"workflow_run/push", "production", "skip: the event workflow_run, after a workflow on push, starts"},
		{"workflow_run/schedule", "production", "skip: "},
		{"workflow_run/workflow_run", "production archive", "skip: "},
		{"pull_request_review/submitted", "", "skip: the event pull_request_review starts no deployment by itself"},
		{"pull_request_review_comment/created", "", "skip: "},
		{"issue_comment/created", "", "skip: the event issue_comment "},
		{"issue_comment/created", "unknown", "skip: the event issue_comment "},
		{"merge_group/checks_requested", "production", "skip: the event merge_group "},
		{"deployment_status", "", "skip: "},
		{"check_run", "", "skip: "},
		{"release", "production", "skip: the event release "},
		{"invented_tomorrow", "production", "skip: the event invented_tomorrow starts no deployment by itself; to deploy on it, " + named},

		// Named commands.
		{"push", "explode", `refuse: command: "explode" is not a valid command`},
		{"merge_group", "deploy production", "deploy"},
		{"merge_group", "deploy", "refuse: environment: "},
		{"invented_tomorrow", "deploy production", "deploy"},
		{"workflow_run/push", "deploy production", "deploy"},
		{"workflow_run/push", "deploy production failed", "deploy"}, // the user asked for it
		{"pull_request_review/submitted", "deploy", "deploy"},
		{"pull_request_review/submitted", "deploy closed", "skip: pull request 7 is closed"},
		{"pull_request_review/submitted", "deploy draft no-drafts", "skip: pull request 7 is a draft"},
		{"pull_request_review/submitted", "deploy bot no-bots", "skip: pull request 7 was opened by octocat, a bot"},
		{"issue_comment/created", "deploy", "deploy"},
		{"issue_comment/created", "deploy preview-7", "deploy"},
		{"issue_comment/created", "deploy preview-7 closed", "skip: pull request 7 is closed"},
		{"issue_comment/created", "deploy preview-7 label", "skip: pull request 7 does not have the label preview"},
		{"issue_comment/created", "deploy unknown production", "skip: the comment is on issue 7, which is not a pull request"},
		{"issue_comment/created", "deploy headless", "refuse: : find the head commit of pull request 7: not found"},
		{"issue_comment/created", "deploy headless unchecked image", "refuse: : find the head commit of pull request 7: 502 Bad Gateway"},
		{"issue_comment/created", "deploy headless unchecked allow-forks", "refuse: : find the head commit of pull request 7: 502 Bad Gateway"},
		{"issue_comment/created", "destroy headless", "destroy"},
		{"workflow_run/pull_request", "unknown archive production", "refuse: : find the pull request of commit 0123456789ab: not found"},
		{"workflow_run/pull_request", "unknown unchecked archive", "refuse: : find the pull request of commit 0123456789ab: 502 Bad Gateway"},
		{"workflow_dispatch", "named", "deploy"},
		{"workflow_dispatch", "named closed", "skip: pull request 7 is closed"},
		{"workflow_dispatch", "named destroy closed", "destroy"},
		{"pull_request/opened", "sweep", "sweep"},
		{"pull_request/opened", "bootstrap", "bootstrap"},
		{"issue_comment/created", "sweep unknown", "sweep"},

		// Whose code it is: no credentials for a fork's.
		{"pull_request/opened", "fork", "deploy"}, // without credentials; see TestCredentials
		{"pull_request/opened", "fork production", "deploy"},
		{"pull_request/opened", "dependabot", "deploy"},
		{"pull_request_target/opened", "", "deploy"},
		{"pull_request_target/opened", "fork", "refuse: GITHUB_EVENT_NAME: pull_request_target " + untrusted},
		{"pull_request_target/opened", "fork image", "refuse: GITHUB_EVENT_NAME: pull_request_target " + untrusted},
		{"pull_request_target/opened", "fork archive", "refuse: GITHUB_EVENT_NAME: pull_request_target " + untrusted},
		{"pull_request_target/opened", "fork draft no-drafts", "refuse: GITHUB_EVENT_NAME: pull_request_target " + untrusted},
		{"pull_request_target/opened", "fork allow-forks", "deploy"},
		{"pull_request_target/opened", "fork destroy", "destroy"},
		{"pull_request_target/closed", "fork closed", "destroy"},
		{"pull_request_target/closed", "fork closed destroy production", foreign},
		{"workflow_run/pull_request", "fork", "refuse: GITHUB_EVENT_NAME: workflow_run " + untrusted},
		{"workflow_run/pull_request", "fork production", "refuse: GITHUB_EVENT_NAME: workflow_run " + untrusted},
		{"workflow_run/pull_request", "fork allow-forks", "deploy"},
		{"workflow_run/pull_request", "fork archive", "deploy"},
		{"workflow_run/pull_request", "fork image", "deploy"},
		{"workflow_run/pull_request", "fork archive production", foreign},
		{"workflow_run/pull_request", "fork image preview-7", foreign},
		{"workflow_run/pull_request", "fork archive destroy production", foreign},
		{"workflow_run/workflow_run", "fork archive destroy named production", foreign},
		{"workflow_run/pull_request", "fork archive production allow-forks", "deploy"},
		{"workflow_run/pull_request", "", "refuse: GITHUB_EVENT_NAME: workflow_run checks out the default branch"},
		{"workflow_run/push", "fork-run deploy image production", foreign},
		{"workflow_run/pull_request_review", "fork-run deploy image production", foreign},
		{"workflow_run/push", "fork-run deploy archive named", foreign}, // the name may be from the artifact
		{"workflow_run/pull_request_target", "fork fork-run deploy image named", foreign},
		{"workflow_run/push", "fork-run destroy archive named", foreign},
		{"workflow_run/push", "deploy image fork named", "deploy"}, // whose name is no fork's choice
		{"workflow_run/push", "deploy archive production", "deploy"},
		{"workflow_run/workflow_dispatch", "deploy archive production", "deploy"},

		// A chain hides whose code it is.
		{"workflow_run/workflow_run", "deploy archive production", hidden},
		{"workflow_run/workflow_run", "deploy archive production allow-forks", "deploy"},
		{"workflow_run/workflow_run", "deploy archive named", hidden},
		{"workflow_run/workflow_run", "deploy archive fork named", hidden},
		{"workflow_run/workflow_run", "deploy image production", "deploy"},
		{"workflow_run/workflow_run", "deploy production", "deploy"}, // builds the default branch
		{"workflow_run/workflow_run", "deploy fork named", "refuse: GITHUB_EVENT_NAME: workflow_run " + untrusted},
		{"workflow_run/pull_request_target", "deploy archive production", hidden},
		{"workflow_run/issue_comment", "deploy archive production", hidden},
		{"workflow_run/invented_tomorrow", "deploy archive production", hidden},
		{"check_suite/completed", "deploy archive production", "refuse: image-archive: check_suite does not show whose code"},
		{"release/published", "deploy archive production", "deploy"},

		// Whatever the environment is called, and whoever named it.
		{"issue_comment/created", "deploy fork", ownBuild},
		{"issue_comment/created", "deploy fork preview-7", ownBuild},
		{"issue_comment/created", "deploy fork preview-7 archive", foreign},
		{"issue_comment/created", "deploy fork preview-7 image", foreign},
		{"issue_comment/created", "deploy fork archive", "deploy"},
		{"issue_comment/created", "deploy fork preview-7 allow-forks", "deploy"},
		{"issue_comment/created", "destroy fork preview-7", "destroy"}, // who comments asks for it
		{"workflow_dispatch", "fork named", ownBuild},
		{"workflow_dispatch", "fork named archive", "deploy"},
		{"workflow_dispatch", "fork named allow-forks", "deploy"},
		{"push", "fork named", ownBuild},
		{"", "fork named", ownBuild},
		{"pull_request/opened", "other", "refuse: : pull request 9 is from a fork"},
		{"pull_request/opened", "other dependabot", "refuse: : pull request 9 is from a fork"},
		{"pull_request/opened", "other archive", foreign},
		{"pull_request_review/submitted", "deploy fork", "deploy"}, // without credentials
		{"workflow_dispatch", "pr-7 unchecked", unchecked},
		{"workflow_dispatch", "pr-7 unchecked allow-forks", "deploy"},
		{"workflow_dispatch", "pr-7 unchecked image", "deploy"},
		{"workflow_dispatch", "pr-7 unchecked archive", "deploy"},
		{"workflow_dispatch", "pr-7", "deploy"}, // without a token nobody can be asked
		{"pull_request/opened", "unchecked", unchecked},

		// Rules.
		{"pull_request/opened", "label", "skip: pull request 7 does not have the label preview (input label)"},
		{"pull_request/opened", "label deploy", "skip: pull request 7 does not have the label"},
		{"pull_request/opened", "label preview-7", "deploy"}, // which is not its own
		{"pull_request/closed", "closed label deploy", "skip: pull request 7 does not have the label"},
		{"pull_request/opened", "draft no-drafts", "skip: pull request 7 is a draft (input drafts)"},
		{"pull_request/opened", "draft", "deploy"},
		{"pull_request/opened", "dependabot no-bots", "skip: pull request 7 was opened by dependabot[bot], a bot (input bots)"},
		{"workflow_run/pull_request", "fork archive draft no-drafts", "skip: pull request 7 is a draft"},
		{"workflow_dispatch", "named label", "skip: pull request 7 does not have the label"},
	} {
		t.Run(test.event+" "+test.words, func(t *testing.T) {
			got := answer(Decide(asked(t, test.event, test.words)))
			if !begins(got, test.want) {
				t.Errorf("Decide = %s\nwant %s", got, test.want)
			}
		})
	}
}

// Of all that can be asked, nothing builds a fork's code with credentials unless allow-forks is set,
// and nothing of a fork's gets into another environment.
func TestDecide_never_lets_a_fork_in(t *testing.T) {
	events := []string{
		"", "push", "schedule", "workflow_dispatch", "repository_dispatch", "issue_comment/created", "merge_group/x",
		"pull_request_target/opened", "pull_request_target/labeled", "workflow_run/pull_request", "workflow_run/workflow_run",
		"workflow_run/push", "workflow_run/pull_request_target", "check_run/completed", "deployment_status", "invented",
	}
	for _, event := range events {
		for _, command := range []string{"", "deploy"} {
			for _, source := range []string{"", "image", "archive"} {
				for _, env := range []string{"pr-7", "preview-7", "production"} {
					words := strings.Join([]string{command, source, "named", "fork", env}, " ")
					got := Decide(asked(t, event, words))
					own := env == "pr-7" && source != ""
					if got.Allow == Deploy && !own {
						t.Errorf("Decide of %s with %s = %s, want it not deployed", event, words, got.Allow)
					}
				}
			}
		}
	}
}
