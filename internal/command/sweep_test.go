package command_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
	fakegithub "pr-stack/internal/fake/github"
)

// inSweepEnv has an environment for each thing that a sweep has to decide about.
func inSweepEnv(t *testing.T, test func(t *testing.T, e *env)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{})
		e.Environ = append(e.Environ, "INPUT_GITHUB-TOKEN=ghs_0123456789", "INPUT_COMMAND=sweep")
		for number := 1; number <= 6; number++ {
			e.createStack("hello-world", fmt.Sprintf("pr-%d", number), number, "")
			e.pushAs(fmt.Sprintf("pr-%d-%s", number, oneCommit[:12]))
		}
		e.createStack("hello-world", "production", 0, "")
		e.createStack("other", "pr-2", 2, "")
		<-time.After(time.Minute)
		for _, number := range []int{1, 2, 3, 5, 6} { // there is no pull request 4
			e.GitHub.Open(number, oneCommit)
		}
		e.GitHub.Close(2, false)
		e.GitHub.Close(3, true)
		e.GitHub.Close(5, false)
		e.check(e.Protect(t.Context(), "hello-world-pr-5"))
		test(t, e)
	})
}

func TestSweep_deletes_what_is_closed_and_nothing_else(t *testing.T) {
	inSweepEnv(t, func(t *testing.T, e *env) {
		j := e.run("opened", oneCommit)
		j.want(t, 0, "deleted", "Environments of hello-world: 2 deleted, 4 kept.")
		want := []string{"hello-world-base", "hello-world-base-roles", "hello-world-pr-1", "hello-world-pr-4", "hello-world-pr-5", "hello-world-pr-6", "hello-world-production", "other-pr-2"}
		if got := e.stackNames(); !slices.Equal(got, want) {
			t.Errorf("stacks = %q, want %q", got, want)
		}
		for _, row := range []string{
			"| pr-1 | 1m ago | 0.00 | kept: pull request 1 is open |",
			"| pr-2 | 1m ago | 0.00 | deleted: pull request 2 is closed |",
			"| pr-3 | 1m ago | 0.00 | deleted: pull request 3 is merged |",
			"| pr-4 | 1m ago | 0.00 | kept: there is no pull request 4, and it was deployed less than 24h ago |",
			"| pr-5 | 1m ago | 0.00 | kept: its termination protection is on |",
		} {
			if !strings.Contains(j.Summary(), row) {
				t.Errorf("the summary has no row %q:\n%s", row, j.Summary())
			}
		}
		if tags := e.imageTags(); slices.Contains(tags, "pr-2-"+oneCommit[:12]) || !slices.Contains(tags, "pr-1-"+oneCommit[:12]) {
			t.Errorf("images = %q, want those of deleted environments to be deleted", tags)
		}
		e.run("opened", oneCommit).want(t, 0, "unchanged", "0 deleted, 4 kept.")
	})
}

func TestSweep_deletes_what_is_too_old(t *testing.T) {
	inSweepEnv(t, func(t *testing.T, e *env) {
		<-time.After(50 * time.Hour)
		e.createStack("hello-world", "pr-8", 8, "")
		e.GitHub.Open(8, oneCommit)
		<-time.After(time.Minute)
		e.GitHub.SetLabels(6, "keep")
		j := e.run("opened", oneCommit, "INPUT_MAX-AGE=2d", "INPUT_KEEP-LABEL=keep")
		j.want(t, 0, "deleted", "4 deleted, 3 kept")
		if !strings.Contains(j.Summary(), "| pr-6 | 2 days ago | 0.00 | kept: pull request 6 has the label keep |") {
			t.Errorf("summary:\n%s", j.Summary())
		}
		if !strings.Contains(j.Summary(), "deleted: it was last deployed 2 days ago, and max-age is 2 days |") {
			t.Errorf("summary:\n%s", j.Summary())
		}
		if names := e.stackNames(); !slices.Contains(names, "hello-world-pr-8") || slices.Contains(names, "hello-world-pr-1") {
			t.Errorf("stacks = %q, want the young one to be there and the old one not", names)
		}
	})
}

func TestSweep_dry_run_deletes_nothing(t *testing.T) {
	inSweepEnv(t, func(t *testing.T, e *env) {
		before := e.stackNames()
		e.run("opened", oneCommit, "INPUT_DRY-RUN=true").want(t, 0, "unchanged", "2 would be deleted, 4 kept")
		if got := e.stackNames(); !slices.Equal(got, before) {
			t.Errorf("stacks = %q, want %q", got, before)
		}
	})
}

// One that cannot go does not keep the others, and the job is red.
func TestSweep_continues_after_a_failure(t *testing.T) {
	inSweepEnv(t, func(t *testing.T, e *env) {
		e.AWS.Inject(fakeaws.Fault{Operation: "DeleteStack", Times: 1, Status: 403, Code: "AccessDenied", Message: "User: x is not authorized to perform: cloudformation:DeleteStack"})
		e.run("opened", oneCommit).want(t, 1, "", "::error::sweep pr-")
		if n := len(e.stackNames()); n != 9 {
			t.Errorf("stacks = %q, want one of the two to be deleted", e.stackNames())
		}
		e.run("opened", oneCommit).want(t, 0, "deleted", "1 deleted")
	})
}

func TestSweep_keeps_everything_when_GitHub_is_down(t *testing.T) {
	inSweepEnv(t, func(t *testing.T, e *env) {
		before := e.stackNames()
		e.GitHub.Inject(fakegithub.Fault{Status: 503})
		e.run("opened", oneCommit).want(t, 1, "", "::error::sweep: list open pull requests of octo-org/hello-world: 503")
		if got := e.stackNames(); !slices.Equal(got, before) {
			t.Errorf("stacks = %q, want %q", got, before)
		}
	})
}

// The run of the close was lost. The comment and the deployment are corrected as well.
func TestSweep_comments_on_the_pull_request(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.wantComment(t, "✅ Preview is ready")
		e.GitHub.Close(7, true)
		e.run("opened", oneCommit, "INPUT_COMMAND=sweep").want(t, 0, "deleted", "pr-7       deleted: pull request 7 is merged")
		e.wantComment(t, "💤 Preview deleted")
		if statuses := e.GitHub.DeploymentStatuses("hello-world-preview"); statuses[len(statuses)-1] != "inactive" {
			t.Errorf("deployments had the statuses %q, want inactive in the end", statuses)
		}
	})
}

// Another repository has a service of the same name: its environments are neither deleted nor deployed
// to. One that was renamed or transferred keeps its ID, and its environments are still its own.
func TestSweep_of_another_repositorys_environments(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		others := []string{"GITHUB_REPOSITORY=octo-labs/hello-world", "GITHUB_REPOSITORY_ID=2"}
		e.run("opened", oneCommit, others...).want(t, 0, "created", "")
		e.GitHub.Close(7, true)
		e.run("opened", oneCommit, "INPUT_COMMAND=sweep").want(t, 0, "unchanged", "pr-7       kept: it belongs to repository octo-labs/hello-world")
		e.GitHub.Reopen(7)
		e.run("opened", oneCommit).want(t, 1, "", "::error::stack hello-world-pr-7 belongs to another repository: "+
			"its tags name octo-labs/hello-world (ID 2), and this is octo-org/hello-world (ID 1296269)%0A"+
			"hint: set service to a name that no other repository uses in this account and region")
		e.GitHub.Close(7, true)
		e.run("closed", oneCommit).want(t, 1, "", "::error::stack hello-world-pr-7 belongs to another repository: ")
		e.run("closed", oneCommit, others...).want(t, 0, "deleted", "")

		e.GitHub.Reopen(7)
		e.run("opened", oneCommit, "GITHUB_REPOSITORY=Octo-Labs/hello-world").want(t, 0, "created", "")
		e.GitHub.Close(7, true)
		e.run("opened", oneCommit, "INPUT_COMMAND=sweep").want(t, 0, "deleted", "pr-7       deleted: pull request 7 is merged")
	})
}

// The first check is as careful as the last: if the labels that keep an environment are not known, it
// is kept.
func TestSweep_keeps_what_has_unknown_labels(t *testing.T) {
	inSweepEnv(t, func(t *testing.T, e *env) {
		<-time.After(50 * time.Hour)
		e.GitHub.Inject(fakegithub.Fault{Method: http.MethodGet, Path: "/repos/octo-org/hello-world/pulls/1", Status: http.StatusForbidden, Message: "Resource not accessible by integration"})
		j := e.run("opened", oneCommit, "INPUT_MAX-AGE=2d", "INPUT_KEEP-LABEL=keep", "INPUT_DRY-RUN=true")
		j.want(t, 0, "unchanged", "pr-1       kept: its pull request could not be checked: ")
		j.want(t, 0, "unchanged", "pr-6       would be deleted: it was last deployed 2 days ago")
	})
}

// A nested stack has the tags of the outer one. It is deleted with that, and is not an environment.
func TestSweep_ignores_nested_stacks(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		url := "https://bucket.s3.eu-north-1.amazonaws.com/inner.yaml"
		e.AWS.PutTemplate(url, "Resources: {Logs: {Type: AWS::Logs::LogGroup}}")
		e.createStack("hello-world", "pr-8", 8, "Resources: {Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "+url+"}}}")
		<-time.After(5 * time.Minute)
		if n := len(e.stackNames()); n != 4 {
			t.Fatalf("stacks = %q, want the base stack, its roles and two more", e.stackNames())
		}
		e.GitHub.Open(8, oneCommit)
		e.run("opened", oneCommit, "INPUT_COMMAND=sweep").want(t, 0, "unchanged", "Environments of hello-world: 0 deleted, 1 kept.")
		e.run("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=2").want(t, 0, "created", "")
	})
}

// The table is in the order of the pull requests' numbers, whatever CloudFormation's is.
func TestSweep_lists_environments_in_order(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		for _, number := range []int{10, 2, 9} {
			e.GitHub.Open(number, oneCommit)
			e.createStack("hello-world", fmt.Sprint("pr-", number), number, "")
			<-time.After(time.Minute)
		}
		summary := e.run("opened", oneCommit, "INPUT_COMMAND=sweep").Summary()
		second, ninth, tenth := strings.Index(summary, "| pr-2 |"), strings.Index(summary, "| pr-9 |"), strings.Index(summary, "| pr-10 |")
		if second < 0 || ninth < second || tenth < ninth {
			t.Errorf("pr-2, pr-9 and pr-10 are not in this order:\n%s", summary)
		}
	})
}

// What cannot be deleted stays, and the stack is deleted: no person looks after it.
func TestSweep_keeps_what_cannot_be_deleted(t *testing.T) {
	inSweepEnv(t, func(t *testing.T, e *env) {
		e.AWS.FailResource("hello-world-pr-2", "Logs", fakeaws.Failure{Operation: "DELETE", Reason: "it is held"})
		e.run("opened", oneCommit).want(t, 0, "deleted", "2 deleted, 4 kept")
		if slices.Contains(e.stackNames(), "hello-world-pr-2") {
			t.Errorf("stacks = %q, want pr-2's deleted", e.stackNames())
		}
	})
}

// A deletion that does not come to an end does not keep the runner for as long as CloudFormation
// would go on with it.
func TestSweep_waits_no_longer_than_an_hour(t *testing.T) {
	inSweepEnv(t, func(t *testing.T, e *env) {
		e.AWS.FailResource("hello-world-pr-2", "Logs", fakeaws.Failure{Operation: "DELETE", Never: true})
		began := time.Now()
		j := e.run("opened", oneCommit)
		j.want(t, 1, "", "delete stack hello-world-pr-2: not deleted after 1h00m")
		if took := time.Since(began); took < time.Hour || took > 62*time.Minute {
			t.Errorf("the sweep took %s, want an hour", took)
		}
		if !strings.Contains(j.Log(), "pr-3       deleted: ") {
			t.Errorf("the other was kept:\n%s", j.Log())
		}
	})
}

func TestSweep_of_2000_stacks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{Rate: fakeaws.RateLimit{PerSecond: 5, Burst: 10}})
		e.Environ = append(e.Environ, "INPUT_GITHUB-TOKEN=ghs_0123456789", "INPUT_COMMAND=sweep")
		e.AWS.Heal()
		for number := 1; number <= 2000; number++ {
			e.createStack("hello-world", fmt.Sprintf("pr-%d", number), number, "")
			e.GitHub.Open(number, oneCommit)
			if number%100 == 0 {
				e.GitHub.Close(number, true)
			}
			<-time.After(time.Second)
		}
		calls, asked, began := len(e.AWS.Calls()), len(e.GitHub.Calls()), time.Now()
		e.run("opened", oneCommit).want(t, 0, "deleted", "20 deleted, 1980 kept")
		t.Logf("2,000 stacks, of which 20 went: %d calls of AWS, %d of GitHub, %s of AWS's time", len(e.AWS.Calls())-calls, len(e.GitHub.Calls())-asked, time.Since(began))
	})
}
