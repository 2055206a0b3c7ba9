package command

import (
	"io"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"pr-stack/internal/cfn"
	"pr-stack/internal/ecs"
	"pr-stack/internal/report"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// bar is one by seconds from noon.
func bar(section, name string, begin, end int) report.Bar {
	return report.Bar{Section: section, Name: name, Begin: noon.Add(time.Duration(begin) * time.Second), End: noon.Add(time.Duration(end) * time.Second)}
}

// start is that of a task by seconds from noon.
func start(created, pullStarted, pullStopped, started int) ecs.Start {
	at := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	return ecs.Start{Created: at(created), PullStarted: at(pullStarted), PullStopped: at(pullStopped), Started: at(started)}
}

func TestTimeline_of_a_tasks_start(t *testing.T) {
	parts := func(moments ...int) (list []report.Bar) {
		for i, name := range []string{"placed", "image pulled", "container started", "health checks"} {
			b := bar("Task", name, moments[i], moments[i+1])
			b.Part = "Service"
			list = append(list, b)
		}
		return list
	}
	service := bar("Update", "Service", 10, 100)
	cached := start(20, 0, 0, 32) // the machine has the image, and ECS tells of no pull
	cached.PullStarted, cached.PullStopped = time.Time{}, time.Time{}
	for name, test := range map[string]struct {
		bars    []report.Bar
		started []ecs.Start
		want    []report.Bar
	}{
		"one task":                            {[]report.Bar{service}, []ecs.Start{start(20, 25, 45, 50)}, parts(20, 25, 45, 50, 100)},
		"two tasks, of which the last counts": {[]report.Bar{service}, []ecs.Start{start(20, 25, 45, 50), start(30, 35, 55, 60), start(15, 18, 20, 22)}, parts(30, 35, 55, 60, 100)},
		"a task a moment before":              {[]report.Bar{service}, []ecs.Start{start(9, 25, 45, 50)}, parts(9, 25, 45, 50, 100)}, // by another clock
		"a task from before":                  {[]report.Bar{service}, []ecs.Start{start(-4000, -3995, -3980, -3970)}, nil},
		"a task from after":                   {[]report.Bar{service}, []ecs.Start{start(101, 105, 115, 120)}, nil},
		"a service that was deleted before":   {[]report.Bar{bar("Delete", "Service", 0, 8), service}, []ecs.Start{start(20, 25, 45, 50)}, parts(20, 25, 45, 50, 100)},
		"a service that was made anew":        {[]report.Bar{bar("Create", "Service", 0, 8), service}, []ecs.Start{start(20, 25, 45, 50)}, parts(20, 25, 45, 50, 100)},
		"a pull that is not known":            {[]report.Bar{service}, []ecs.Start{cached}, parts(20, 20, 20, 32, 100)[3:]},
		"another service":                     {[]report.Bar{bar("Update", "Worker", 10, 100)}, []ecs.Start{start(20, 25, 45, 50)}, nil},
		"no task":                             {[]report.Bar{service}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			times := timeline{bars: test.bars}
			times.task("Service", test.started)
			times.task("Service", test.started) // readiness is looked at again
			if diff := cmp.Diff(test.want, times.list()[len(test.bars):], cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("parts differ (-want +got):\n%s", diff)
			}
		})
	}
}

// A phase of which something finer is known would be drawn twice.
func TestTimeline_of_phases(t *testing.T) {
	times := timeline{}
	times.add(bar("Image", "push", 0, 10))
	times.phase(bar("Image", "Build and push the image", 0, 11))
	times.phase(bar("URL", "Wait", 12, 20))
	if diff := cmp.Diff([]report.Bar{bar("Image", "push", 0, 10), bar("URL", "Wait", 12, 20)}, times.list()); diff != "" {
		t.Errorf("bars differ (-want +got):\n%s", diff)
	}
}

// CloudFormation goes on with what depends on a resource once that is configured, which may be well before its end.
func TestTimeline_of_a_resource_that_is_ready_before_its_end(t *testing.T) {
	times := &timeline{}
	events := eventLog{log: newConsole(Process{Stdout: io.Discard}), times: times}
	show := func(second int, id string, status types.ResourceStatus, configured bool) {
		events.show(cfn.Event{Time: noon.Add(time.Duration(second) * time.Second), StackID: "arn", PhysicalID: id, LogicalID: id, Status: status, Configured: configured})
	}
	show(0, "Role", types.ResourceStatusCreateInProgress, false)
	show(1, "Bucket", types.ResourceStatusCreateInProgress, false)
	show(5, "Role", types.ResourceStatusCreateInProgress, true)
	show(15, "Role", types.ResourceStatusCreateComplete, false)
	show(16, "Bucket", types.ResourceStatusCreateFailed, false)
	role, bucket := bar("Create", "Role", 0, 15), bar("Create", "Bucket", 1, 16)
	role.Ready, bucket.Note = noon.Add(5*time.Second), "failed"
	if diff := cmp.Diff([]report.Bar{role, bucket}, times.list()); diff != "" {
		t.Errorf("bars differ (-want +got):\n%s", diff)
	}
}
