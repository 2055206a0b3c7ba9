package aws_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

var (
	resets    = regexp.MustCompile(`(?m)^ *ResetOnHealthyTask:.*\n`)
	threshold = regexp.MustCompile(`(?m)^( *)ThresholdConfiguration:`)
)

// fargate returns the service stack's template with another line in its circuit breaker, or with
// AWS's default if the line is empty.
func fargate(line string) string {
	body := resets.ReplaceAllString(template.Fargate, "")
	if line == "" {
		return body
	}
	return threshold.ReplaceAllString(body, "${1}"+line+"\n${1}ThresholdConfiguration:")
}

// A task that was RUNNING is no failed task to ECS: a container that starts and ends keeps a
// deployment going until CloudFormation gives up.
func TestBreaker_does_not_count_a_task_that_ran(t *testing.T) {
	crashes := func(string, map[string]string) fakeaws.Container {
		return fakeaws.Container{Exit: &fakeaws.Exit{After: time.Second, Code: 1}}
	}
	onSite(t, fakeaws.Options{Container: crashes}, func(s *site) {
		s.create("hello-pr-7", fargate(""), s.values(s.image("x")))
		<-time.After(time.Hour)
		if d := s.service().Deployments[0]; d.RolloutState != types.DeploymentRolloutStateInProgress || d.FailedTasks != 0 {
			s.Errorf("after an hour of crashes the deployment is %s with %d failed tasks, want IN_PROGRESS with none", d.RolloutState, d.FailedTasks)
		}
	})
}

func TestBreaker_stops_counting_once_a_task_was_healthy(t *testing.T) {
	started := 0
	image := func(string, map[string]string) fakeaws.Container {
		started++
		if started == 1 { // it is healthy, and then it ends before the deployment is complete
			return fakeaws.Container{Exit: &fakeaws.Exit{After: 20 * time.Second, Code: 1}}
		}
		return fakeaws.Container{PullError: "CannotPullContainerError: no"}
	}
	for line, want := range map[string]types.DeploymentRolloutState{
		"":                          types.DeploymentRolloutStateInProgress,
		"ResetOnHealthyTask: true":  types.DeploymentRolloutStateInProgress,
		"ResetOnHealthyTask: false": types.DeploymentRolloutStateFailed,
	} {
		started = 0
		onSite(t, fakeaws.Options{Container: image}, func(s *site) {
			s.create("hello-pr-7", fargate(line), s.values(s.image("x")))
			for range 120 {
				if d := s.service().Deployments; len(d) > 0 && d[0].RolloutState == types.DeploymentRolloutStateFailed {
					break
				}
				<-time.After(5 * time.Second)
			}
			state := types.DeploymentRolloutState("gone")
			if d := s.service().Deployments; len(d) > 0 {
				state = d[0].RolloutState
			}
			if state != want {
				s.Errorf("with %q, %d tasks: the deployment is %s, want %s", line, started, state, want)
			}
		})
	}
}
