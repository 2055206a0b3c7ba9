package aws_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

// oneOff is a request for a task in the network of the site's service.
func (s *site) oneOff(change func(*ecs.RunTaskInput)) *ecs.RunTaskInput {
	s.Helper()
	answer, err := s.ecs.DescribeServices(s.Context(), &ecs.DescribeServicesInput{
		Cluster: aws.String(s.base["ClusterName"]), Services: []string{s.outputs("hello-pr-7")["ServiceName"]},
	})
	if err != nil {
		s.Fatal(err)
	}
	service := answer.Services[0]
	input := &ecs.RunTaskInput{
		Cluster: service.ClusterArn, TaskDefinition: service.TaskDefinition, NetworkConfiguration: service.NetworkConfiguration,
		LaunchType: types.LaunchTypeFargate, StartedBy: aws.String("me"), Group: aws.String("mine"),
		Overrides: &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
			Name: aws.String("app"), Command: []string{"migrate"}, Environment: []types.KeyValuePair{{Name: aws.String("A"), Value: aws.String("b")}},
		}}},
	}
	if change != nil {
		change(input)
	}
	return input
}

func (s *site) task(arn *string) types.Task {
	s.Helper()
	answer, err := s.ecs.DescribeTasks(s.Context(), &ecs.DescribeTasksInput{Cluster: aws.String(s.base["ClusterName"]), Tasks: []string{*arn}})
	if err != nil || len(answer.Tasks) != 1 {
		s.Fatalf("DescribeTasks = %v, %v", answer, err)
	}
	return answer.Tasks[0]
}

func (s *site) listed(q ecs.ListTasksInput) int {
	s.Helper()
	q.Cluster = aws.String(s.base["ClusterName"])
	answer, err := s.ecs.ListTasks(s.Context(), &q)
	if err != nil {
		s.Fatal(err)
	}
	return len(answer.TaskArns)
}

func onService(t *testing.T, options fakeaws.Options, test func(s *site)) {
	t.Helper()
	onSite(t, options, func(s *site) {
		s.create("hello-pr-7", template.Fargate, s.values(s.image("x")))
		if got := s.wait(); got != "CREATE_COMPLETE" {
			s.Fatalf("status = %s, want CREATE_COMPLETE", got)
		}
		test(s)
	})
}

func TestRunTask_runs_a_command_once(t *testing.T) {
	var command []string
	var environ map[string]string
	onService(t, fakeaws.Options{Task: func(_ string, c []string, e map[string]string) fakeaws.Container {
		command, environ = c, e
		return fakeaws.Container{Exit: &fakeaws.Exit{After: time.Minute, Code: 3}}
	}}, func(s *site) {
		input := s.oneOff(func(q *ecs.RunTaskInput) { q.ClientToken = aws.String("token") })
		answer, err := s.ecs.RunTask(s.Context(), input)
		if err != nil || len(answer.Tasks) != 1 || len(answer.Failures) != 0 {
			s.Fatalf("RunTask = %v, %v", answer, err)
		}
		arn := answer.Tasks[0].TaskArn
		if again, err := s.ecs.RunTask(s.Context(), input); err != nil || *again.Tasks[0].TaskArn != *arn {
			s.Errorf("with the same token, RunTask = %v, %v, want the same task", again, err)
		}
		if strings.Join(command, " ") != "migrate" || environ["A"] != "b" || environ["PORT"] != "8080" {
			s.Errorf("the container got %q and %v", command, environ)
		}
		<-time.After(50 * time.Second)
		if got := s.task(arn); *got.LastStatus != "RUNNING" || *got.StartedBy != "me" || *got.Group != "mine" {
			s.Errorf("the task is %s, of %s and %s", *got.LastStatus, *got.StartedBy, *got.Group)
		}
		running := s.listed(ecs.ListTasksInput{StartedBy: aws.String("me")})
		of := s.listed(ecs.ListTasksInput{ServiceName: aws.String(s.outputs("hello-pr-7")["ServiceName"])})
		if running != 1 || of != 1 {
			s.Errorf("%d tasks run by me, and %d in the service, want 1 and 1", running, of)
		}
		<-time.After(time.Minute)
		got := s.task(arn)
		if *got.LastStatus != "STOPPED" || got.StopCode != "EssentialContainerExited" || *got.Containers[0].ExitCode != 3 {
			s.Errorf("the task is %s (%s), exit code %v", *got.LastStatus, got.StopCode, got.Containers[0].ExitCode)
		}
		if n := s.listed(ecs.ListTasksInput{Family: aws.String("hello-pr-7"), DesiredStatus: types.DesiredStatusStopped}); n != 1 {
			s.Errorf("%d stopped tasks of the family, want 1", n)
		}
	})
}

func TestStopTask_and_the_network_interface(t *testing.T) {
	onService(t, fakeaws.Options{Task: func(string, []string, map[string]string) fakeaws.Container { return fakeaws.Container{} }}, func(s *site) {
		answer, err := s.ecs.RunTask(s.Context(), s.oneOff(nil))
		if err != nil {
			s.Fatal(err)
		}
		_, err = s.cfn.DeleteStack(s.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("hello-pr-7")})
		if err != nil {
			s.Fatal(err)
		}
		<-time.After(5 * time.Minute)
		if got := s.stack("hello-pr-7").StackStatus; got != "DELETE_IN_PROGRESS" {
			s.Errorf("the stack is in %s while a task uses its security group", got)
		}
		stop := &ecs.StopTaskInput{Cluster: aws.String(s.base["ClusterName"]), Task: answer.Tasks[0].TaskArn, Reason: aws.String("enough")}
		if _, err := s.ecs.StopTask(s.Context(), stop); err != nil {
			s.Fatal(err)
		}
		<-time.After(10 * time.Second)
		got := s.task(answer.Tasks[0].TaskArn)
		if *got.LastStatus != "STOPPED" || got.StopCode != "UserInitiated" || *got.StoppedReason != "enough" || *got.Containers[0].ExitCode != 137 {
			s.Errorf("the task is %s (%s, %s), exit code %v", *got.LastStatus, got.StopCode, *got.StoppedReason, got.Containers[0].ExitCode)
		}
		<-time.After(time.Minute)
		if _, err := s.cfn.DescribeStacks(s.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("hello-pr-7")}); err == nil {
			s.Error("the stack still exists")
		}
	})
}

func TestRunTask_is_refused(t *testing.T) {
	full := fakeaws.Container{Unplaced: "Capacity is unavailable at this time. Please try again later or in a different availability zone"}
	onService(t, fakeaws.Options{Task: func(string, []string, map[string]string) fakeaws.Container { return full }}, func(s *site) {
		for want, change := range map[string]func(*ecs.RunTaskInput){
			"TaskDefinition not found.":                 func(q *ecs.RunTaskInput) { q.TaskDefinition = aws.String("gone:1") },
			"is not a container in the TaskDefinition.": func(q *ecs.RunTaskInput) { q.Overrides.ContainerOverrides[0].Name = aws.String("x") },
			"Network Configuration must be provided":    func(q *ecs.RunTaskInput) { q.NetworkConfiguration = nil },
			"Specifying both a launch type and": func(q *ecs.RunTaskInput) {
				q.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE")}}
			},
			"ClusterNotFoundException: Cluster not found.": func(q *ecs.RunTaskInput) { q.Cluster = aws.String("gone") },
		} {
			if _, err := s.ecs.RunTask(s.Context(), s.oneOff(change)); err == nil || !strings.Contains(err.Error(), want) {
				s.Errorf("RunTask = %v, want %q", err, want)
			}
		}
		answer, err := s.ecs.RunTask(s.Context(), s.oneOff(nil))
		if err != nil || len(answer.Tasks) != 0 || len(answer.Failures) != 1 || *answer.Failures[0].Reason != full.Unplaced {
			s.Errorf("without capacity RunTask = %v, %v", answer, err)
		}
	})
}

// RunTask needs the task definition, its roles, and a tag's right to be given to a new task.
func TestRunTask_needs(t *testing.T) {
	onService(t, fakeaws.Options{}, func(s *site) {
		input := s.oneOff(func(q *ecs.RunTaskInput) { q.Tags = []types.Tag{{Key: aws.String("app"), Value: aws.String("x")}} })
		run := `{"Effect": "Allow", "Action": "ecs:RunTask", "Resource": "arn:aws:ecs:*:*:task-definition/hello-*", "Condition": {
			"ArnEquals": {"ecs:cluster": "arn:aws:ecs:eu-north-1:123456789012:cluster/` + s.base["ClusterName"] + `"},
			"ForAllValues:StringEquals": {"ecs:subnet": ["` + strings.ReplaceAll(s.base["PublicSubnetIds"], ",", `", "`) + `"]}}}`
		tag := `{"Effect": "Allow", "Action": "ecs:TagResource", "Resource": "arn:aws:ecs:*:*:task/*", "Condition": {
			"StringEquals": {"ecs:CreateAction": "RunTask", "aws:RequestTag/app": "x"}}}`
		pass := `{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {
			"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}}`
		stop := `{"Effect": "Allow", "Action": "ecs:StopTask", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/app": "x"}}}`
		client := ecs.NewFromConfig(as(s.T, s.AWS))
		for lacking, statements := range map[string][]string{
			"ecs:RunTask": {tag, pass}, "ecs:TagResource": {run, pass}, "iam:PassRole": {run, tag}, "": {run, tag, pass, stop},
		} {
			if err := s.SetRolePolicies("deployer", policy(statements...)); err != nil {
				s.Fatal(err)
			}
			answer, err := client.RunTask(s.Context(), input)
			if lacking != "" {
				if err == nil || !strings.Contains(err.Error(), "is not authorized to perform: "+lacking+" on resource: ") {
					s.Errorf("without %s, RunTask = %v", lacking, err)
				}
				continue
			}
			if err != nil {
				s.Fatalf("RunTask = %v", err)
			}
			arn := answer.Tasks[0].TaskArn
			if _, err := client.StopTask(s.Context(), &ecs.StopTaskInput{Cluster: input.Cluster, Task: arn}); err != nil {
				s.Errorf("StopTask = %v", err)
			}
		}
	})
}
