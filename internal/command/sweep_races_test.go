package command_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
	fakegithub "pr-stack/internal/fake/github"
)

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
