package rollout

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"pr-stack/internal/cfn"
	"pr-stack/internal/ecs"
	"pr-stack/internal/timeline"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// seconds returns a bar by seconds from noon.
func seconds(section, name string, begin, end int) timeline.Bar {
	at := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	return timeline.Bar{Section: section, Name: name, Begin: at(begin), End: at(end)}
}

// start returns the moments of a task's start by seconds from noon.
func start(created, pullStarted, pullStopped, started int) ecs.Start {
	at := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	return ecs.Start{Created: at(created), PullStarted: at(pullStarted), PullStopped: at(pullStopped), Started: at(started)}
}

// record runs a phase and returns the bars that it added.
func record(run func(*timeline.Part)) []timeline.Bar {
	var r timeline.Recorder
	_, _ = timeline.Run(&r, "", "", func(p *timeline.Part) (struct{}, error) {
		run(p)
		return struct{}{}, nil
	})
	return r.Bars()
}

func TestRecordTask(t *testing.T) {
	parts := func(moments ...int) (list []timeline.Bar) {
		for i, name := range []string{"placed", "image pulled", "container started", "health checks"} {
			b := seconds("Task", name, moments[i], moments[i+1])
			b.Part = "Service"
			list = append(list, b)
		}
		return list
	}
	service := seconds("Update", "Service", 10, 100)
	cached := start(20, 0, 0, 32) // the machine has the image, and ECS reports no pull
	cached.PullStarted, cached.PullStopped = time.Time{}, time.Time{}
	for name, test := range map[string]struct {
		bars    []timeline.Bar
		started []ecs.Start
		want    []timeline.Bar
	}{
		"one task":                          {[]timeline.Bar{service}, []ecs.Start{start(20, 25, 45, 50)}, parts(20, 25, 45, 50, 100)},
		"two tasks: the last counts":        {[]timeline.Bar{service}, []ecs.Start{start(20, 25, 45, 50), start(30, 35, 55, 60), start(15, 18, 20, 22)}, parts(30, 35, 55, 60, 100)},
		"a task a moment before":            {[]timeline.Bar{service}, []ecs.Start{start(9, 25, 45, 50)}, parts(9, 25, 45, 50, 100)}, // by another clock
		"a task from before":                {[]timeline.Bar{service}, []ecs.Start{start(-4000, -3995, -3980, -3970)}, nil},
		"a task from after":                 {[]timeline.Bar{service}, []ecs.Start{start(101, 105, 115, 120)}, nil},
		"a service that was deleted before": {[]timeline.Bar{seconds("Delete", "Service", 0, 8), service}, []ecs.Start{start(20, 25, 45, 50)}, parts(20, 25, 45, 50, 100)},
		"a service that was recreated":      {[]timeline.Bar{seconds("Create", "Service", 0, 8), service}, []ecs.Start{start(20, 25, 45, 50)}, parts(20, 25, 45, 50, 100)},
		"a pull that is not known":          {[]timeline.Bar{service}, []ecs.Start{cached}, parts(20, 20, 20, 32, 100)[3:]},
		"another service":                   {[]timeline.Bar{seconds("Update", "Worker", 10, 100)}, []ecs.Start{start(20, 25, 45, 50)}, nil},
		"no task":                           {[]timeline.Bar{service}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := record(func(p *timeline.Part) {
				for _, b := range test.bars {
					p.Add(b)
				}
				recordTask(p, "Service", test.started)
				recordTask(p, "Service", test.started) // readiness is checked again
			})
			if diff := cmp.Diff(test.want, got[len(test.bars):], cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("parts differ (-want +got):\n%s", diff)
			}
		})
	}
}

// When a resource is configured, CloudFormation continues with what depends on that resource. This may
// be long before the resource's last event.
func TestEvents_a_resource_is_ready_before_its_end(t *testing.T) {
	role, bucket, queue := seconds("Create", "Role", 0, 15), seconds("Create", "Bucket", 1, 16), "Queue"
	role.Ready, bucket.Note = noon.Add(5*time.Second), timeline.Failed
	var lines int
	got := record(func(p *timeline.Part) {
		log := events{logf: func(string, ...any) { lines++ }, part: p}
		show := func(second int, id string, status types.ResourceStatus, configured bool) {
			log.show(cfn.Event{
				Time: noon.Add(time.Duration(second) * time.Second), StackID: "arn",
				PhysicalID: id, LogicalID: id, Status: status, Configured: configured,
			})
		}
		show(0, "Role", types.ResourceStatusCreateInProgress, false)
		show(1, "Bucket", types.ResourceStatusCreateInProgress, false)
		show(5, "Role", types.ResourceStatusCreateInProgress, true) // not shown twice
		show(15, "Role", types.ResourceStatusCreateComplete, false)
		show(16, "Bucket", types.ResourceStatusCreateFailed, false)
		show(17, queue, types.ResourceStatusDeleteInProgress, false)
		if got, want := log.pending(), "Queue ()"; got != want {
			t.Errorf("pending = %q, want %q", got, want)
		}
		log.close()
	})
	if len(got) != 3 || got[2].Name != queue || got[2].Section != "Delete" || got[2].Note != timeline.Unfinished {
		t.Fatalf("bars = %v, want the third to be %s, unfinished", got, queue)
	}
	if diff := cmp.Diff([]timeline.Bar{role, bucket}, got[:2]); diff != "" {
		t.Errorf("bars differ (-want +got):\n%s", diff)
	}
	if lines != 5 {
		t.Errorf("%d lines were logged, want 5", lines)
	}
}
