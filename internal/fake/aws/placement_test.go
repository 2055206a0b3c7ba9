package aws_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

func (s *site) service() ecstypes.Service {
	s.Helper()
	list, err := s.ecs.ListServices(s.Context(), &ecs.ListServicesInput{Cluster: aws.String(s.base["ClusterName"])})
	if err != nil || len(list.ServiceArns) == 0 {
		return ecstypes.Service{}
	}
	answer, err := s.ecs.DescribeServices(s.Context(), &ecs.DescribeServicesInput{Cluster: aws.String(s.base["ClusterName"]), Services: list.ServiceArns})
	if err != nil {
		s.Fatal(err)
	}
	return answer.Services[0]
}

func TestService_without_a_place_for_its_task(t *testing.T) {
	why, asked := "Capacity is unavailable at this time.", 0
	full := func(string, map[string]string) fakeaws.Container {
		asked++
		return fakeaws.Container{Unplaced: why}
	}
	onSite(t, fakeaws.Options{Container: full}, func(s *site) {
		s.create("hello-pr-7", template.Fargate, s.values(s.image("x")))
		<-time.After(20 * time.Minute)
		service := s.service()
		var messages []string
		for _, e := range service.Events {
			messages = append(messages, *e.Message)
		}
		want := "(service " + *service.ServiceName + ") was unable to place a task. Reason: Capacity is unavailable at this time."
		if got := strings.Join(messages, "\n"); got != want {
			s.Errorf("events:\n%s\nwant once\n%s", got, want)
		}
		if d := service.Deployments[0]; d.FailedTasks != 0 || d.RolloutState != ecstypes.DeploymentRolloutStateInProgress {
			s.Errorf("deployment is %s with %d failed tasks, want IN_PROGRESS with none", d.RolloutState, d.FailedTasks)
		}
		// One attempt every half minute, after the four minutes until the service exists.
		if asked < 30 || asked > 40 {
			s.Errorf("%d attempts, want one each 30 seconds", asked)
		}
		why = ""
		if got := s.wait(); got != "CREATE_COMPLETE" {
			s.Errorf("after the task was placed: %s, want CREATE_COMPLETE", got)
		}
	})
}
