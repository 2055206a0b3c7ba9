package rollout

import (
	"slices"
	"time"

	"pr-stack/internal/ecs"
	"pr-stack/internal/timeline"
)

// recordTask records the parts of a new task's start. They are a part of the wait for its service.
// recordTask replaces earlier parts of the same service, because readiness is checked more than once.
func recordTask(part *timeline.Part, service string, started []ecs.Start) {
	whole, ok := part.Last(service, "Delete")
	if !ok || len(started) == 0 {
		part.Replace(service, nil)
		return
	}
	last := slices.MaxFunc(started, func(a, b ecs.Start) int { return a.Started.Compare(b.Started) })
	part.Replace(service, taskParts(whole, last))
}

// taskParts returns the parts of a task's start, or none if the task was not created during the
// operation on its service.
func taskParts(whole timeline.Bar, last ecs.Start) []timeline.Bar {
	if last.Created.Before(whole.Begin.Add(-time.Second)) || last.Created.After(whole.End) {
		return nil // another operation started it
	}
	return startParts(whole, last, "health checks")
}

// startParts returns the parts of a bar: those of a task's start, and what follows it.
func startParts(whole timeline.Bar, last ecs.Start, rest string) (bars []timeline.Bar) {
	moments := []struct {
		name       string
		begin, end time.Time
	}{
		{"placed", last.Created, last.PullStarted},
		{"image pulled", last.PullStarted, last.PullStopped},
		{"container started", last.PullStopped, last.Started},
		{rest, last.Started, whole.End},
	}
	for _, m := range moments {
		if !m.begin.IsZero() && m.end.After(m.begin) {
			bars = append(bars, timeline.Bar{Section: "Task", Name: m.name, Begin: m.begin, End: m.end, Part: whole.Name})
		}
	}
	return bars
}
