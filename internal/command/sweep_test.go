package command_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
	fakegithub "pr-stack/internal/fake/github"
)

// tagged makes a stack as a run for that environment would have left it.
func (s *stage) tagged(service, environment string, number int) {
	s.t.Helper()
	s.made(service, environment, number, "Resources: {Logs: {Type: AWS::Logs::LogGroup}}")
}

// made does that with a template.
func (s *stage) made(service, environment string, number int, body string) {
	s.t.Helper()
	name := service + "-" + environment
	tags := map[string]string{"pr-stack:service": service, "pr-stack:environment": environment, "pr-stack:repository": "octo-org/hello-world"}
	if number > 0 {
		tags["pr-stack:pull-request"] = fmt.Sprint(number)
	}
	input := &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &body}
	for key, value := range tags {
		input.Tags = append(input.Tags, types.Tag{Key: &key, Value: &value})
	}
	if _, err := cloudformation.NewFromConfig(s.account.Config()).CreateStack(s.t.Context(), input); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) names() []string {
	s.t.Helper()
	var names []string
	pages := cloudformation.NewDescribeStacksPaginator(cloudformation.NewFromConfig(s.account.Config()), &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		for _, stack := range page.Stacks {
			names = append(names, *stack.StackName)
		}
	}
	slices.Sort(names)
	return names
}

// onSweptStage has an environment for each thing that a sweep has to decide about.
func onSweptStage(t *testing.T, story func(t *testing.T, s *stage)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, fakeaws.Options{})
		s.inputs = append(s.inputs, "INPUT_GITHUB-TOKEN=ghs_0123456789", "INPUT_COMMAND=sweep")
		for number := 1; number <= 6; number++ {
			s.tagged("hello-world", fmt.Sprintf("pr-%d", number), number)
			s.pushAs(fmt.Sprintf("pr-%d-%s", number, oneCommit[:12]))
		}
		s.tagged("hello-world", "production", 0)
		s.tagged("other", "pr-2", 2)
		<-time.After(time.Minute)
		for _, number := range []int{1, 2, 3, 5, 6} { // GitHub knows nothing of 4
			s.github.Open(number, oneCommit)
		}
		s.github.Close(2, false)
		s.github.Close(3, true)
		s.github.Close(5, false)
		name := "hello-world-pr-5"
		if _, err := cloudformation.NewFromConfig(s.account.Config()).UpdateTerminationProtection(t.Context(),
			&cloudformation.UpdateTerminationProtectionInput{StackName: &name, EnableTerminationProtection: aws.Bool(true)}); err != nil {
			t.Fatal(err)
		}
		story(t, s)
	})
}

func TestSweep_deletes_what_is_closed_and_nothing_else(t *testing.T) {
	onSweptStage(t, func(t *testing.T, s *stage) {
		j := s.run("opened", oneCommit)
		j.want(t, 0, "deleted", "Environments of hello-world: 2 deleted, 4 left.")
		want := []string{"hello-world-base", "hello-world-pr-1", "hello-world-pr-4", "hello-world-pr-5", "hello-world-pr-6", "hello-world-production", "other-pr-2"}
		if got := s.names(); !slices.Equal(got, want) {
			t.Errorf("stacks = %q, want %q", got, want)
		}
		for _, row := range []string{
			"| pr-1 | 1m ago | 0.00 | left: pull request 1 is open |",
			"| pr-2 | 1m ago | 0.00 | deleted: pull request 2 is closed |",
			"| pr-3 | 1m ago | 0.00 | deleted: pull request 3 is merged |",
			"| pr-4 | 1m ago | 0.00 | left: GitHub does not tell about its pull request: ",
			"| pr-5 | 1m ago | 0.00 | left: its termination protection is on |",
		} {
			if !strings.Contains(j.summary(), row) {
				t.Errorf("the summary has no row %q:\n%s", row, j.summary())
			}
		}
		if tags := s.imageTags(); slices.Contains(tags, "pr-2-"+oneCommit[:12]) || !slices.Contains(tags, "pr-1-"+oneCommit[:12]) {
			t.Errorf("images = %q, want those of what was deleted to be gone", tags)
		}
		s.run("opened", oneCommit).want(t, 0, "absent", "0 deleted, 4 left.")
	})
}

func TestSweep_deletes_what_is_too_old(t *testing.T) {
	onSweptStage(t, func(t *testing.T, s *stage) {
		<-time.After(50 * time.Hour)
		s.tagged("hello-world", "pr-8", 8)
		s.github.Open(8, oneCommit)
		<-time.After(time.Minute)
		s.github.SetLabels(6, "keep")
		j := s.run("opened", oneCommit, "INPUT_MAX-AGE=2d", "INPUT_KEEP-LABEL=keep")
		j.want(t, 0, "deleted", "3 deleted, 4 left")
		if !strings.Contains(j.summary(), "| pr-6 | 2 days ago | 0.00 | left: pull request 6 has the label keep |") {
			t.Errorf("summary:\n%s", j.summary())
		}
		if !strings.Contains(j.summary(), "deleted: it was last deployed 2 days ago, and max-age is 2 days |") {
			t.Errorf("summary:\n%s", j.summary())
		}
		if names := s.names(); !slices.Contains(names, "hello-world-pr-8") || slices.Contains(names, "hello-world-pr-1") {
			t.Errorf("stacks = %q, want the young one to be there and the old one not", names)
		}
	})
}

func TestSweep_dry_run_deletes_nothing(t *testing.T) {
	onSweptStage(t, func(t *testing.T, s *stage) {
		before := s.names()
		s.run("opened", oneCommit, "INPUT_DRY-RUN=true").want(t, 0, "absent", "2 would be deleted, 4 left")
		if got := s.names(); !slices.Equal(got, before) {
			t.Errorf("stacks = %q, want %q", got, before)
		}
	})
}

// One that cannot go does not keep the others, and the job is red.
func TestSweep_goes_on_past_a_failure(t *testing.T) {
	onSweptStage(t, func(t *testing.T, s *stage) {
		s.account.Inject(fakeaws.Fault{Operation: "DeleteStack", Times: 1, Status: 403, Code: "AccessDenied", Message: "User: x is not authorized to perform: cloudformation:DeleteStack"})
		s.run("opened", oneCommit).want(t, 1, "", "::error::sweep pr-")
		if n := len(s.names()); n != 8 {
			t.Errorf("stacks = %q, want one of the two to be gone", s.names())
		}
		s.run("opened", oneCommit).want(t, 0, "deleted", "1 deleted")
	})
}

func TestSweep_leaves_everything_when_GitHub_is_down(t *testing.T) {
	onSweptStage(t, func(t *testing.T, s *stage) {
		before := s.names()
		s.github.Inject(fakegithub.Fault{Status: 503})
		s.run("opened", oneCommit).want(t, 1, "", "::error::sweep: list open pull requests of octo-org/hello-world: 503")
		if got := s.names(); !slices.Equal(got, before) {
			t.Errorf("stacks = %q, want %q", got, before)
		}
	})
}

// The run of the close was lost. What is told of the environment is set right as well.
func TestSweep_tells_the_pull_request(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.run("opened", oneCommit).want(t, 0, "created", "")
		s.wantComment(t, "✅ hello-world pr-7 is up")
		s.github.Close(7, true)
		s.run("opened", oneCommit, "INPUT_COMMAND=sweep").want(t, 0, "deleted", "pr-7       deleted: pull request 7 is merged")
		s.wantComment(t, "🧹 hello-world pr-7 is gone")
		if statuses := s.github.DeploymentStatuses("hello-world-preview"); statuses[len(statuses)-1] != "inactive" {
			t.Errorf("deployments had the statuses %q, want inactive in the end", statuses)
		}
	})
}

// The repository was transferred, or another one has a service of the same name: whose pull request that was is not known,
// but somebody pays for it. How a name is written does not matter to GitHub.
func TestSweep_of_another_repositorys_environments(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.run("opened", oneCommit, "GITHUB_REPOSITORY=octo-labs/hello-world").want(t, 0, "created", "")
		s.github.Close(7, true)
		s.run("opened", oneCommit, "INPUT_COMMAND=sweep").want(t, 0, "absent", "pr-7       left: it is of repository octo-labs/hello-world")

		s.github.Reopen(7)
		s.run("opened", oneCommit, "GITHUB_REPOSITORY=Octo-Org/hello-world").want(t, 0, "updated", "")
		s.github.Close(7, true)
		s.run("opened", oneCommit, "INPUT_COMMAND=sweep").want(t, 0, "deleted", "pr-7       deleted: pull request 7 is merged")
	})
}

// The first look is as careful as the last: what GitHub does not tell of the label that spares an environment is no leave to
// delete it, and a dry run is believed.
func TestSweep_leaves_what_GitHub_does_not_tell_the_labels_of(t *testing.T) {
	onSweptStage(t, func(t *testing.T, s *stage) {
		<-time.After(50 * time.Hour)
		s.github.Inject(fakegithub.Fault{Method: http.MethodGet, Path: "/repos/octo-org/hello-world/pulls/1", Status: http.StatusForbidden, Message: "Resource not accessible by integration"})
		j := s.run("opened", oneCommit, "INPUT_MAX-AGE=2d", "INPUT_KEEP-LABEL=keep", "INPUT_DRY-RUN=true")
		j.want(t, 0, "absent", "pr-1       left: GitHub does not tell about its pull request: ")
		j.want(t, 0, "absent", "pr-6       would be deleted: it was last deployed 2 days ago")
	})
}

// A stack in a stack has the tags of the outer one. It goes with that, and is nobody's environment by itself.
func TestSweep_counts_no_stack_within_a_stack(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		url := "https://bucket.s3.eu-north-1.amazonaws.com/inner.yaml"
		s.account.PutTemplate(url, "Resources: {Logs: {Type: AWS::Logs::LogGroup}}")
		s.made("hello-world", "pr-8", 8, "Resources: {Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "+url+"}}}")
		<-time.After(5 * time.Minute)
		if n := len(s.names()); n != 3 {
			t.Fatalf("stacks = %q, want the base stack and two more", s.names())
		}
		s.github.Open(8, oneCommit)
		s.run("opened", oneCommit, "INPUT_COMMAND=sweep").want(t, 0, "absent", "Environments of hello-world: 0 deleted, 1 left.")
		s.run("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=2").want(t, 0, "created", "")
	})
}

// The table is in the order of the pull requests' numbers, whatever CloudFormation's is.
func TestSweep_tells_the_environments_in_order(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		for _, number := range []int{10, 2, 9} {
			s.github.Open(number, oneCommit)
			s.tagged("hello-world", fmt.Sprint("pr-", number), number)
			<-time.After(time.Minute)
		}
		summary := s.run("opened", oneCommit, "INPUT_COMMAND=sweep").summary()
		second, ninth, tenth := strings.Index(summary, "| pr-2 |"), strings.Index(summary, "| pr-9 |"), strings.Index(summary, "| pr-10 |")
		if second < 0 || ninth < second || tenth < ninth {
			t.Errorf("pr-2, pr-9 and pr-10 are not in this order:\n%s", summary)
		}
	})
}

// What cannot be deleted stays by itself, and the stack goes: nobody is there to look after it.
func TestSweep_leaves_behind_what_cannot_be_deleted(t *testing.T) {
	onSweptStage(t, func(t *testing.T, s *stage) {
		s.account.FailResource("hello-world-pr-2", "Logs", fakeaws.Failure{Operation: "DELETE", Reason: "it is held"})
		s.run("opened", oneCommit).want(t, 0, "deleted", "2 deleted, 4 left")
		if slices.Contains(s.names(), "hello-world-pr-2") {
			t.Errorf("stacks = %q, want pr-2's gone", s.names())
		}
	})
}

// A deletion that does not come to an end does not keep the runner for as long as CloudFormation would go on with it.
func TestSweep_waits_no_longer_than_an_hour(t *testing.T) {
	onSweptStage(t, func(t *testing.T, s *stage) {
		s.account.FailResource("hello-world-pr-2", "Logs", fakeaws.Failure{Operation: "DELETE", Never: true})
		began := time.Now()
		j := s.run("opened", oneCommit)
		j.want(t, 1, "", "delete stack hello-world-pr-2: not gone after 1h00m")
		if took := time.Since(began); took < time.Hour || took > 62*time.Minute {
			t.Errorf("the sweep took %s, want an hour", took)
		}
		if !strings.Contains(j.log(), "pr-3       deleted: ") {
			t.Errorf("the other was kept:\n%s", j.log())
		}
	})
}

func TestSweep_of_2000_stacks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, fakeaws.Options{Rate: fakeaws.RateLimit{PerSecond: 5, Burst: 10}})
		s.inputs = append(s.inputs, "INPUT_GITHUB-TOKEN=ghs_0123456789", "INPUT_COMMAND=sweep")
		s.account.Heal()
		for number := 1; number <= 2000; number++ {
			s.tagged("hello-world", fmt.Sprintf("pr-%d", number), number)
			s.github.Open(number, oneCommit)
			if number%100 == 0 {
				s.github.Close(number, true)
			}
			<-time.After(time.Second)
		}
		calls, asked, began := len(s.account.Calls()), len(s.github.Calls()), time.Now()
		s.run("opened", oneCommit).want(t, 0, "deleted", "20 deleted, 1980 left")
		t.Logf("2,000 stacks, of which 20 went: %d calls of AWS, %d of GitHub, %s of AWS's time", len(s.account.Calls())-calls, len(s.github.Calls())-asked, time.Since(began))
	})
}
