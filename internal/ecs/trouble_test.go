package ecs

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	fakeaws "pr-stack/internal/fake/aws"
)

func TestTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		container fakeaws.Container
		after     time.Duration
		crashes   int
		unplaced  string
		stuck     bool
	}{
		"none yet":                {container: fakeaws.Container{Exit: &fakeaws.Exit{After: time.Second, Code: 3}}, after: 10 * time.Second},
		"tasks that crash":        {container: fakeaws.Container{Exit: &fakeaws.Exit{After: time.Second, Code: 3}}, after: time.Second, crashes: 2, stuck: true},
		"images that are missing": {container: fakeaws.Container{PullError: "CannotPullContainerError: no"}, after: time.Second, crashes: 2, stuck: true},
		"no place, for a while":   {container: fakeaws.Container{Unplaced: "Capacity is unavailable at this time."}, after: 90 * time.Second, unplaced: "Capacity is unavailable at this time"},
		"no place, for too long":  {container: fakeaws.Container{Unplaced: "Capacity is unavailable at this time."}, after: 3 * time.Minute, unplaced: "Capacity is unavailable at this time", stuck: true},
		"none at all":             {after: 3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			options := fakeaws.Options{Container: func(string, map[string]string) fakeaws.Container { return c.container }}
			onWorker(t, options, func(t *testing.T, s Service, _, _ string) {
				<-time.After(c.after)
				got, err := s.Trouble(t.Context())
				for range 60 { // until all are found: after two, CloudFormation deletes the service
					if err != nil || c.crashes == 0 || len(got.Crashed) >= c.crashes {
						break
					}
					<-time.After(time.Second)
					got, err = s.Trouble(t.Context())
				}
				if err != nil || len(got.Crashed) != c.crashes || got.Unplaced != c.unplaced || got.Stuck() != c.stuck {
					t.Errorf("Trouble = %+v, %v, want %d crashes, unplaced %q, stuck: %t", got, err, c.crashes, c.unplaced, c.stuck)
				}
			})
		})
	}
}

// ECS stops tasks for many reasons; only one that did not keep running is a crash.
func TestIsCrash(t *testing.T) {
	for _, c := range []struct {
		code   types.TaskStopCode
		reason string
		want   bool
	}{
		{types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", true},
		{types.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: no", true},
		{types.TaskStopCodeServiceSchedulerInitiated, "Task failed ELB health checks in (target-group arn:x)", true},
		{types.TaskStopCodeServiceSchedulerInitiated, "Task failed container health checks", true},
		{types.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by (deployment ecs-svc/1)", false},
		{types.TaskStopCodeUserInitiated, "Task stopped by user", false},
		{types.TaskStopCodeSpotInterruption, "Your Spot Task was interrupted.", false},
	} {
		if got := isCrash(types.Task{StopCode: c.code, StoppedReason: &c.reason}); got != c.want {
			t.Errorf("isCrash(%s, %q) = %t, want %t", c.code, c.reason, got, c.want)
		}
	}
}

// If there are several containers, the one that failed counts: ECS stops the others with it.
func TestCrash_is_of_the_container_that_failed(t *testing.T) {
	task := types.Task{TaskArn: aws.String("arn:task/1"), Containers: []types.Container{
		{Name: aws.String("proxy"), ExitCode: aws.Int32(0)},
		{Name: aws.String("app"), ExitCode: aws.Int32(2)},
		{Name: aws.String("log")},
	}}
	if got := toCrash(task); got.Container != "app" || *got.ExitCode != 2 {
		t.Errorf("toCrash = %+v, want container app", got)
	}
}

// The service's events keep the load balancer's reason after the task itself is gone.
func TestUnhealthy_is_read_from_events_of_this_deployment(t *testing.T) {
	began := time.Now()
	event := func(after time.Duration, message string) types.ServiceEvent {
		return types.ServiceEvent{CreatedAt: aws.Time(began.Add(after)), Message: &message}
	}
	service := &types.Service{Events: []types.ServiceEvent{ // newest first
		event(40*time.Second, "(service s) has stopped 1 running tasks: (task 1)."),
		event(30*time.Second, "(service s) (task 1) (port 8080) is unhealthy in (target-group arn:x) due to (reason Health checks failed with these codes: [404])."),
		event(-time.Minute, "(service s) (port 80) is unhealthy in (target-group arn:x) due to (reason Request timed out)."),
	}}
	d := &types.Deployment{CreatedAt: &began}
	if reason, port := unhealthy(service, d); reason != "Health checks failed with these codes: [404]" || port != 8080 {
		t.Errorf("unhealthy = %q, %d", reason, port)
	}
	service.Events = service.Events[2:]
	if reason, _ := unhealthy(service, d); reason != "" {
		t.Errorf("unhealthy = %q, which is of the deployment before", reason)
	}
}

func TestLog_is_where_the_task_definition_says(t *testing.T) {
	options := fakeaws.Options{Container: func(string, map[string]string) fakeaws.Container {
		return fakeaws.Container{Exit: &fakeaws.Exit{After: time.Second, Code: 1}}
	}}
	onWorker(t, options, func(t *testing.T, s Service, _, _ string) {
		var trouble Trouble
		for len(trouble.Crashed) == 0 {
			<-time.After(time.Second)
			var err error
			if trouble, err = s.Trouble(t.Context()); err != nil {
				t.Fatalf("Trouble = %v", err)
			}
		}
		// This task definition has no log configuration: Log returns no stream and no error.
		if stream, err := s.Log(context.Background(), trouble.Crashed[0]); err != nil || stream != (LogStream{}) {
			t.Errorf("Log = %+v, %v, want none", stream, err)
		}
	})
}
