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

	"pr-stack/internal/fakeaws"
	"pr-stack/internal/fakegithub"
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

// A pull request is opened again between the look and the deletion.
func TestSweep_looks_again_before_each_deletion(t *testing.T) {
	onSweptStage(t, func(t *testing.T, s *stage) {
		s.account.Inject(fakeaws.Fault{Operation: "DescribeStacks", Skip: 2, Times: 2, Delay: time.Minute}) // the first looks at stacks that are to go
		j := s.start("opened", oneCommit)
		<-time.After(30 * time.Second)
		s.github.Reopen(2)
		<-j.done
		j.want(t, 0, "deleted", "1 deleted, 5 left")
		if !slices.Contains(s.names(), "hello-world-pr-2") {
			t.Errorf("stacks = %q, want that of the pull request that was opened again", s.names())
		}
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

// What is left is what the team goes on paying for.
func TestSweep_tells_what_is_left_and_its_price(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.run("opened", oneCommit).want(t, 0, "created", "")
		s.tagged("hello-world", "pr-8", 8)
		<-time.After(time.Minute)
		j := s.run("opened", oneCommit, "INPUT_COMMAND=sweep")
		for _, words := range []string{"| pr-7 | 4m ago | 1.20 | left: pull request 7 is open |", "What is left costs about 1.20 USD a day (list prices of us-east-1, March 2026)."} {
			if !strings.Contains(j.summary(), words) {
				t.Errorf("the summary does not say %q:\n%s", words, j.summary())
			}
		}

		s.account.Inject(fakeaws.Fault{Operation: "GetTemplate", Status: 403, Code: "AccessDenied", Message: "User: x is not authorized to perform: cloudformation:GetTemplate"})
		s.run("opened", oneCommit, "INPUT_COMMAND=sweep").want(t, 0, "absent", "What the environments cost is not told: ")
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

// A sweep has a concurrency group of its own, so that a deployment can begin at any moment of it. What the deployment needs
// and what it has told stays.
func TestSweep_beside_a_deployment(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		inputs []string
		before func(s *stage)
		after  func(s *stage)
		commit string
	}{
		"of a new commit":                        {[]string{"INPUT_MAX-AGE=2d"}, func(*stage) {}, func(s *stage) { s.github.Push(7, anotherCommit) }, anotherCommit},
		"of a pull request that is opened again": {nil, func(s *stage) { s.github.Close(7, false) }, func(s *stage) { s.github.Reopen(7) }, oneCommit},
		"of a new commit to one that is opened again": {nil, func(s *stage) { s.github.Close(7, false) },
			func(s *stage) { s.github.Reopen(7); s.github.Push(7, anotherCommit) }, anotherCommit},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onStage(t, func(t *testing.T, s *stage) {
				s.run("opened", oneCommit).want(t, 0, "created", "")
				<-time.After(50 * time.Hour)
				change.before(s)
				sweep := s.start("opened", oneCommit, append([]string{"INPUT_COMMAND=sweep"}, change.inputs...)...)
				<-time.After(20 * time.Second)
				change.after(s)
				deploy := s.start("synchronize", change.commit)
				<-sweep.done
				sweep.want(t, 0, "deleted", "")
				statuses := s.github.DeploymentStatuses("hello-world-preview")
				if last := statuses[len(statuses)-1]; last != "in_progress" {
					t.Errorf("deployments had the statuses %q, want that of the deployment untouched", statuses)
				}
				<-deploy.done
				deploy.want(t, 0, "created", "")
				s.wantComment(t, "✅ hello-world pr-7 is up", change.commit)
			})
		})
	}
}

// An update that begins after the stacks were listed makes its stack a young one.
func TestSweep_leaves_what_is_being_deployed(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.run("opened", oneCommit).want(t, 0, "created", "")
		<-time.After(50 * time.Hour)
		s.github.Inject(fakegithub.Fault{Method: http.MethodGet, Path: "/repos/octo-org/hello-world/pulls", Times: 1, Delay: 25 * time.Second})
		sweep := s.start("opened", oneCommit, "INPUT_COMMAND=sweep", "INPUT_MAX-AGE=2d")
		<-time.After(5 * time.Second)
		s.github.Push(7, anotherCommit)
		deploy := s.start("synchronize", anotherCommit)
		<-sweep.done
		sweep.want(t, 0, "absent", "pr-7       left: pull request 7 is open")
		<-deploy.done
		deploy.want(t, 0, "updated", "")
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

// Somebody gives the stack to another environment between the look and the deletion.
func TestSweep_leaves_what_is_anothers_by_now(t *testing.T) {
	onSweptStage(t, func(t *testing.T, s *stage) {
		s.account.Inject(fakeaws.Fault{Operation: "DescribeStacks", Skip: 2, Times: 2, Delay: time.Minute})
		j := s.start("opened", oneCommit)
		<-time.After(20 * time.Second)
		name, tags := "hello-world-pr-2", []types.Tag{}
		for key, value := range map[string]string{"pr-stack:service": "hello-world", "pr-stack:environment": "staging", "pr-stack:repository": "octo-org/hello-world"} {
			tags = append(tags, types.Tag{Key: &key, Value: &value})
		}
		if _, err := cloudformation.NewFromConfig(s.account.Config()).UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: &name, UsePreviousTemplate: aws.Bool(true), Tags: tags}); err != nil {
			t.Fatal(err)
		}
		<-j.done
		j.want(t, 1, "", "::error::sweep pr-2: ")
		if !slices.Contains(s.names(), name) || slices.Contains(s.names(), "hello-world-pr-3") {
			t.Errorf("stacks = %q, want pr-2's, which is staging's by now, and not pr-3's", s.names())
		}
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

// The pull request is opened again while the sweep is about its images, and the same commit is up before the sweep has come
// to the comment.
func TestSweep_does_not_tell_of_what_is_up_again(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.run("opened", oneCommit).want(t, 0, "created", "")
		s.github.Close(7, false)
		s.account.Inject(fakeaws.Fault{Operation: "ListImages", Times: 1, Delay: 20 * time.Minute})
		sweep := s.start("opened", oneCommit, "INPUT_COMMAND=sweep")
		<-time.After(10 * time.Minute)
		s.wantStack(t, "", "")
		s.github.Reopen(7)
		s.run("reopened", oneCommit).want(t, 0, "created", "")
		<-sweep.done
		sweep.want(t, 0, "deleted", "pr-7       deleted: pull request 7 is closed")
		s.wantComment(t, "✅ hello-world pr-7 is up")
		statuses := s.github.DeploymentStatuses("hello-world-preview")
		if inactive := slices.DeleteFunc(slices.Clone(statuses), func(s string) bool { return s != "inactive" }); len(inactive) != 1 {
			t.Errorf("deployments had the statuses %q, want the first to be inactive and the second not", statuses)
		}
	})
}

// One template tells for all of its kind, of which there may be thousands; of another kind are those with other outputs.
func TestSweep_reads_a_template_of_each_kind(t *testing.T) {
	onSweptStage(t, func(t *testing.T, s *stage) {
		url := "https://bucket.s3.eu-north-1.amazonaws.com/inner.yaml"
		s.account.PutTemplate(url, "Resources: {Logs: {Type: AWS::Logs::LogGroup}}")
		s.made("hello-world", "pr-7", 7, "Resources: {Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "+url+"}}}\nOutputs: {Stack: {Value: !Ref Inner}}")
		s.github.Open(7, oneCommit)
		<-time.After(5 * time.Minute)
		j := s.run("opened", oneCommit, "INPUT_DRY-RUN=true")
		if want := "What is left costs about 0.00 USD a day and what AWS::CloudFormation::Stack costs"; !strings.Contains(j.summary(), want) {
			t.Errorf("the summary does not say %q:\n%s", want, j.summary())
		}
		if n := s.called("GetTemplate"); n != 2 {
			t.Errorf("%d templates were read, want one with outputs and one without", n)
		}

		// A stack that goes meanwhile is no reason to tell of no other.
		s.account.Inject(fakeaws.Fault{Operation: "GetTemplate", Times: 1, Code: "ValidationError", Message: "Stack with id hello-world-pr-1 does not exist"})
		j = s.run("opened", oneCommit, "INPUT_DRY-RUN=true")
		if strings.Contains(j.log(), "is not told") || !strings.Contains(j.summary(), "| pr-1 | 6m ago |  | left: ") || !strings.Contains(j.summary(), "| pr-6 | 6m ago | 0.00 | left: ") {
			t.Errorf("the log or the summary is not that of one stack gone:\n%s\n%s", j.log(), j.summary())
		}

		// What CloudFormation does not tell is asked for once, and said once.
		before := s.called("GetTemplate")
		s.account.Inject(fakeaws.Fault{Operation: "GetTemplate", Status: 403, Code: "AccessDenied", Message: "User: x is not authorized to perform: cloudformation:GetTemplate"})
		j = s.run("opened", oneCommit, "INPUT_DRY-RUN=true")
		if asked, said := s.called("GetTemplate")-before, strings.Count(j.log(), "What the environments cost is not told: "); asked != 1 || said != 1 {
			t.Errorf("it was asked %d times, and said %d times, want once each:\n%s", asked, said, j.log())
		}
	})
}

// called counts the calls of an operation so far.
func (s *stage) called(operation string) (n int) {
	for _, call := range s.account.Calls() {
		if call.Operation == operation {
			n++
		}
	}
	return n
}

// There is nothing in a stack that could not be created.
func TestSweep_tells_no_price_of_an_empty_stack(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.run("opened", oneCommit).want(t, 0, "created", "")
		for status, daily := range map[string]string{"ROLLBACK_COMPLETE": "0.00", "REVIEW_IN_PROGRESS": "0.00", "UPDATE_ROLLBACK_COMPLETE": "1.20"} {
			s.account.SetStatus("hello-world-pr-7", status, "")
			j := s.run("opened", oneCommit, "INPUT_COMMAND=sweep")
			if !strings.Contains(j.summary(), "| "+daily+" | left: pull request 7 is open |") {
				t.Errorf("the summary does not say that a stack in %s costs %s USD:\n%s", status, daily, j.summary())
			}
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
