package aws_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

func TestService_comes_up_changes_and_goes(t *testing.T) {
	onSite(t, fakeaws.Options{Container: imageName}, func(s *site) {
		first := s.image("first")
		s.create("hello-pr-7", template.Fargate, s.values(first))
		if got := s.wait(); got != "CREATE_COMPLETE" {
			s.Fatalf("status = %s, want CREATE_COMPLETE", got)
		}
		if status, body := s.get(); status != 200 || body != first {
			s.Errorf("GET = %d %q, want 200 %q", status, body, first)
		}

		second := s.image("second")
		s.update(s.values(second))
		for s.stack("hello-pr-7").StackStatus == "UPDATE_IN_PROGRESS" {
			if status, _ := s.get(); status != 200 {
				s.Errorf("GET while updating = %d, want 200 throughout", status)
			}
			<-time.After(time.Second)
		}
		if got := s.wait(); got != "UPDATE_COMPLETE" {
			s.Fatalf("status = %s, want UPDATE_COMPLETE", got)
		}
		if status, body := s.get(); status != 200 || body != second {
			s.Errorf("GET = %d %q, want 200 %q", status, body, second)
		}

		if _, err := s.cfn.DeleteStack(s.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("hello-pr-7")}); err != nil {
			s.Fatalf("DeleteStack = %v", err)
		}
		<-time.After(5 * time.Minute)
		services, err := s.ecs.ListServices(s.Context(), &ecs.ListServicesInput{Cluster: aws.String(s.base["ClusterName"])})
		if err != nil || len(services.ServiceArns) > 0 {
			s.Errorf("ListServices = %v, %v, want none", services.ServiceArns, err)
		}
		var timeline bytes.Buffer
		s.Timeline(&timeline, "hello-pr-7")
		golden(s.T, "testdata/service.txt", timeline.String())
	})
}

func TestService_that_fails(t *testing.T) {
	for name, test := range map[string]struct {
		container fakeaws.Container
		reason    string // of the first task that stopped
		within    time.Duration
	}{
		"crashes at once":  {fakeaws.Container{Exit: &fakeaws.Exit{After: time.Second, Code: 1}}, "Essential container in task exited", 8 * time.Minute},
		"out of memory":    {fakeaws.Container{Exit: &fakeaws.Exit{After: 3 * time.Second, Code: 137, Reason: "OutOfMemoryError: Container killed due to memory usage"}}, "Essential container in task exited", 8 * time.Minute},
		"wrong port":       {fakeaws.Container{Port: 3000}, "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:", 10 * time.Minute},
		"health path 404":  {fakeaws.Container{Handler: http.NotFoundHandler()}, "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:", 10 * time.Minute},
		"cannot be pulled": {fakeaws.Container{PullError: "CannotPullContainerError: no"}, "CannotPullContainerError: no", 8 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			onSite(t, fakeaws.Options{Container: func(string, map[string]string) fakeaws.Container { return test.container }}, func(s *site) {
				began := time.Now()
				s.create("hello-pr-7", fargate("ResetOnHealthyTask: false"), s.values(s.image("x")))
				stopped := ""
				for !strings.HasSuffix(string(s.stack("hello-pr-7").StackStatus), "ROLLBACK_COMPLETE") {
					if time.Since(began) > test.within {
						s.Fatalf("after %v the stack is in %s, want ROLLBACK_COMPLETE", test.within, s.stack("hello-pr-7").StackStatus)
					}
					if why := s.stoppedReason(); stopped == "" {
						stopped = why
					}
					<-time.After(5 * time.Second)
				}
				if !strings.HasPrefix(stopped, test.reason) {
					s.Errorf("stoppedReason = %q, want %q", stopped, test.reason)
				}
				var timeline bytes.Buffer
				s.Timeline(&timeline, "hello-pr-7")
				want := `CREATE_FAILED                                EcsService           Resource handler returned message: "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."`
				if !strings.Contains(timeline.String(), want) {
					s.Errorf("timeline lacks %q:\n%s", want, &timeline)
				}
			})
		})
	}
}

func (s *site) stoppedReason() string {
	s.Helper()
	cluster := aws.String(s.base["ClusterName"])
	list, err := s.ecs.ListTasks(s.Context(), &ecs.ListTasksInput{Cluster: cluster, DesiredStatus: ecstypes.DesiredStatusStopped})
	if err != nil || len(list.TaskArns) == 0 {
		return ""
	}
	answer, err := s.ecs.DescribeTasks(s.Context(), &ecs.DescribeTasksInput{Cluster: cluster, Tasks: list.TaskArns[:1]})
	if err != nil {
		s.Fatal(err)
	}
	return aws.ToString(answer.Tasks[0].StoppedReason)
}

func TestService_slow_to_start_is_given_its_grace(t *testing.T) {
	slow := func(string, map[string]string) fakeaws.Container {
		return fakeaws.Container{StartDelay: 40 * time.Second}
	}
	onSite(t, fakeaws.Options{Container: slow}, func(s *site) {
		s.create("hello-pr-7", template.Fargate, s.values(s.image("x")))
		if got := s.wait(); got != "CREATE_COMPLETE" {
			s.Errorf("status = %s, want CREATE_COMPLETE", got)
		}
	})
}

func TestService_without_tasks_is_steady(t *testing.T) {
	onSite(t, fakeaws.Options{}, func(s *site) {
		values := s.values("nothing/to:pull")
		values["DesiredCount"] = "0"
		s.create("hello-pr-7", template.Fargate, values)
		if got := s.wait(); got != "CREATE_COMPLETE" {
			s.Errorf("status = %s, want CREATE_COMPLETE", got)
		}
		if status, _ := s.get(); status != http.StatusServiceUnavailable {
			s.Errorf("GET = %d, want 503", status)
		}
	})
}

func TestTargetHealth_has_the_guides_words(t *testing.T) {
	notFound := func(string, map[string]string) fakeaws.Container {
		return fakeaws.Container{Handler: http.NotFoundHandler()}
	}
	onSite(t, fakeaws.Options{Container: notFound}, func(s *site) {
		s.create("hello-pr-7", template.Fargate, s.values(s.image("x")))
		seen := map[string]bool{}
		for range 400 {
			groups, err := s.elb.DescribeTargetGroups(s.Context(), &elbv2.DescribeTargetGroupsInput{})
			if err != nil {
				s.Fatal(err)
			}
			for _, g := range groups.TargetGroups {
				health, err := s.elb.DescribeTargetHealth(context.Background(), &elbv2.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
				if err != nil {
					s.Fatal(err)
				}
				for _, h := range health.TargetHealthDescriptions {
					seen[string(h.TargetHealth.State)+" "+string(h.TargetHealth.Reason)+" "+aws.ToString(h.TargetHealth.Description)] = true
				}
			}
			<-time.After(time.Second)
		}
		for _, want := range []string{
			"initial Elb.RegistrationInProgress Target registration is in progress",
			"initial Elb.InitialHealthChecking Initial health checks in progress",
			"unhealthy Target.ResponseCodeMismatch Health checks failed with these codes: [404]",
			"draining Target.DeregistrationInProgress Target deregistration is in progress",
		} {
			if !seen[want] {
				s.Errorf("never saw %q, only %v", want, seen)
			}
		}
	})
}
