package ecs

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Trouble is what prevents a service's newest deployment from being complete. If nothing is wrong,
// at most Service, Deployment and Complete are set.
type Trouble struct {
	Service    string
	Deployment string  // ID of the newest deployment
	Complete   bool    // the deployment was complete once, even if its tasks have failed since
	Failed     string  // why ECS gave the deployment up; "" if it did not
	RolledBack string  // why a deployment in stages was rolled back, or is being; "" if it is not
	Crashed    []Crash // tasks of the deployment that did not keep running, oldest first
	// Unplaced is why ECS finds no place for a task, or "" if it has found one. Since is how long ago
	// ECS reported that.
	Unplaced string
	Since    time.Duration
	// Unhealthy is why a load balancer found a task unhealthy, as ECS reports it: "Health checks
	// failed with these codes: [404]". It is still known after the target is deregistered. Port is
	// the port that the load balancer checked.
	Unhealthy string
	Port      int
}

// Crash is one task that could not start, ended by itself, or was stopped because it was unhealthy.
type Crash struct {
	TaskARN    string
	Reason     string // ECS's stoppedReason
	Container  string // the container that failed, or else the first one; "" if ECS lists none
	ExitCode   *int32 // of that container; nil if it was not started
	Detail     string // the container's own reason, such as OutOfMemoryError: …
	definition string
}

// placementTimeout is how long ECS may have no place for a task. Missing capacity often comes back
// within a minute or two; a quota that is used up does not.
const placementTimeout = 2 * time.Minute

// Stuck reports whether the deployment cannot become complete any more: two of its tasks crashed, ECS
// gave it up, or no place was found for a task within two minutes.
func (t Trouble) Stuck() bool {
	if t.Complete {
		return false
	}
	return t.Failed != "" || len(t.Crashed) >= 2 || t.Unplaced != "" && t.Since >= placementTimeout
}

// Trouble returns what is wrong with the service's newest deployment. Nothing is wrong if it is
// complete and all its tasks run.
func (s Service) Trouble(ctx context.Context) (Trouble, error) {
	service, err := s.describe(ctx)
	if err != nil {
		return Trouble{}, err
	}
	d := primary(service)
	trouble := Trouble{Service: s.name()}
	if d == nil {
		return trouble, nil
	}
	trouble.Deployment = aws.ToString(d.Id)
	trouble.Complete = completed(service, d)
	if staged(service) {
		staged, err := s.ServiceDeployment(ctx)
		if err != nil {
			return trouble, err
		}
		trouble.Complete = staged.Over()
		if staged.RolledBack() {
			trouble.RolledBack = cmp.Or(staged.Reason, string(staged.Status))
		}
	}
	if trouble.Complete && d.RunningCount >= d.DesiredCount {
		return trouble, nil
	}
	if d.RolloutState == types.DeploymentRolloutStateFailed {
		trouble.Failed = aws.ToString(d.RolloutStateReason)
	}
	if d.RunningCount+d.PendingCount < d.DesiredCount {
		trouble.Unplaced, trouble.Since = unplaced(service, d)
	}
	trouble.Unhealthy, trouble.Port = unhealthy(service, d)
	// List the stopped tasks only if some may have crashed. If ECS started more tasks than were
	// desired, some have ended.
	if d.FailedTasks > 0 || trouble.Failed != "" || trouble.Complete || started(service, d) > int(d.DesiredCount) {
		trouble.Crashed, err = s.crashed(ctx, trouble.Deployment)
	}
	return trouble, err
}

var starts = regexp.MustCompile(`has started (\d+) tasks`)

// started returns how many tasks ECS started for the deployment, according to the service's events.
// ECS's own count of failed tasks does not include tasks that ran for a short time before they ended (copilot#1879).
func started(service *types.Service, d *types.Deployment) (total int) {
	for _, e := range service.Events {
		if found := starts.FindStringSubmatch(aws.ToString(e.Message)); found != nil && !aws.ToTime(e.CreatedAt).Before(aws.ToTime(d.CreatedAt)) {
			n, _ := strconv.Atoi(found[1])
			total += n
		}
	}
	return total
}

var unhealthyTarget = regexp.MustCompile(`\(port (\d+)\) is unhealthy in \(target-group [^)]*\) due to \(reason (.*)\)`)

// unhealthy returns what a load balancer last said about the deployment's tasks.
func unhealthy(service *types.Service, d *types.Deployment) (reason string, port int) {
	for _, e := range service.Events {
		if aws.ToTime(e.CreatedAt).Before(aws.ToTime(d.CreatedAt)) {
			break
		}
		if found := unhealthyTarget.FindStringSubmatch(aws.ToString(e.Message)); found != nil {
			port, _ = strconv.Atoi(found[1])
			return found[2], port
		}
	}
	return "", 0
}

// unplaced returns why ECS found no place for a task, and how long ago ECS reported that. ECS reports
// it once and then writes nothing for hours if nothing changes (ECS developer guide, "Amazon ECS
// service event messages"), so the time counts from the report.
func unplaced(service *types.Service, d *types.Deployment) (reason string, since time.Duration) {
	for _, e := range service.Events { // newest first
		message, at := aws.ToString(e.Message), aws.ToTime(e.CreatedAt)
		if at.Before(aws.ToTime(d.CreatedAt)) || strings.Contains(message, "has started ") {
			break
		}
		if _, why, ok := strings.Cut(message, "was unable to place a task"); ok && !strings.Contains(why, "CannotPullContainer") {
			reason, since = strings.TrimPrefix(strings.Trim(why, ". "), "Reason: "), time.Since(at)
		}
	}
	return reason, since
}

// crashed lists the deployment's tasks that stopped. It leaves out tasks that ECS stopped because
// there were too many, and tasks that were stopped by hand. ECS lists a stopped task for an hour.
func (s Service) crashed(ctx context.Context, deployment string) ([]Crash, error) {
	var tasks []types.Task
	pages := ecs.NewListTasksPaginator(s.API, &ecs.ListTasksInput{
		Cluster:       aws.String(s.cluster()),
		ServiceName:   aws.String(s.name()),
		DesiredStatus: types.DesiredStatusStopped,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list stopped tasks of service %s: %w", s.name(), err)
		}
		if len(page.TaskArns) == 0 {
			continue
		}
		answer, err := s.API.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(s.cluster()), Tasks: page.TaskArns})
		if err != nil {
			return nil, fmt.Errorf("describe stopped tasks of service %s: %w", s.name(), err)
		}
		tasks = append(tasks, answer.Tasks...)
	}
	slices.SortFunc(tasks, func(a, b types.Task) int { return aws.ToTime(a.CreatedAt).Compare(aws.ToTime(b.CreatedAt)) })
	var crashed []Crash
	for _, task := range tasks {
		if aws.ToString(task.StartedBy) == deployment && isCrash(task) {
			crashed = append(crashed, toCrash(task))
		}
	}
	return crashed, nil
}

// isCrash reports whether a task did not keep running. ECS gives an unhealthy task the same stop code
// as a task that is one too many; only the reason shows which of the two it was.
func isCrash(task types.Task) bool {
	switch task.StopCode {
	case types.TaskStopCodeTaskFailedToStart, types.TaskStopCodeEssentialContainerExited:
		return true
	case types.TaskStopCodeServiceSchedulerInitiated:
		return strings.Contains(aws.ToString(task.StoppedReason), "health checks")
	}
	return false
}

func toCrash(task types.Task) Crash {
	crash := Crash{
		TaskARN:    aws.ToString(task.TaskArn),
		Reason:     aws.ToString(task.StoppedReason),
		definition: aws.ToString(task.TaskDefinitionArn),
	}
	for _, c := range task.Containers {
		// If there are several containers, the one that failed counts: ECS stops the others with it,
		// and they exit without an error.
		if crash.Container == "" || severity(c) > severity(types.Container{ExitCode: crash.ExitCode, Reason: &crash.Detail}) {
			crash.Container, crash.ExitCode, crash.Detail = aws.ToString(c.Name), c.ExitCode, aws.ToString(c.Reason)
		}
	}
	return crash
}

// severity ranks how a container ended: with an error (2), without one (1), or unknown (0).
func severity(c types.Container) int {
	switch {
	case c.ExitCode != nil && *c.ExitCode != 0, aws.ToString(c.Reason) != "":
		return 2
	case c.ExitCode != nil:
		return 1
	}
	return 0
}

// RunningLog returns where a task that runs writes its log, or the zero LogStream if none runs or if its
// log is elsewhere.
func (s Service) RunningLog(ctx context.Context) (LogStream, error) {
	listed, err := s.API.ListTasks(ctx, &ecs.ListTasksInput{Cluster: aws.String(s.cluster()), ServiceName: aws.String(s.name())})
	if err != nil || len(listed.TaskArns) == 0 {
		return LogStream{}, err
	}
	answer, err := s.API.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(s.cluster()), Tasks: listed.TaskArns[:1]})
	if err != nil || len(answer.Tasks) == 0 {
		return LogStream{}, err
	}
	return s.Log(ctx, toCrash(answer.Tasks[0]))
}

// LogStream is where a container's log is in CloudWatch Logs.
type LogStream struct{ Group, Name string }

// Log returns where the container of a crash wrote its log, or the zero LogStream if the log is not
// in CloudWatch Logs, or if its stream has no prefix and so an unknown name.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
func (s Service) Log(ctx context.Context, crash Crash) (LogStream, error) {
	answer, err := s.API.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &crash.definition})
	if err != nil {
		return LogStream{}, fmt.Errorf("describe task definition of service %s: %w", s.name(), err)
	}
	for _, c := range answer.TaskDefinition.ContainerDefinitions {
		if aws.ToString(c.Name) != crash.Container {
			continue
		}
		log := c.LogConfiguration
		if log == nil || log.LogDriver != types.LogDriverAwslogs || log.Options["awslogs-stream-prefix"] == "" {
			break
		}
		id := crash.TaskARN[strings.LastIndex(crash.TaskARN, "/")+1:]
		return LogStream{Group: log.Options["awslogs-group"], Name: log.Options["awslogs-stream-prefix"] + "/" + crash.Container + "/" + id}, nil
	}
	return LogStream{}, nil
}
