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
	name, body := service+"-"+environment, "Resources: {Logs: {Type: AWS::Logs::LogGroup}}"
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
