package command

import (
	"slices"
	"strings"
	"sync"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/ecs"
	"pr-stack/internal/report"
)

// timeline keeps where the time goes: what Docker does, each resource, the task, and phases that have nothing finer to
// show. It is safe for concurrent use.
type timeline struct {
	mu   sync.Mutex
	bars []report.Bar
}

func (t *timeline) add(b report.Bar) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bars = append(t.bars, b)
}

func (t *timeline) list() []report.Bar {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.bars)
}

// phase adds one that nothing finer was added of.
func (t *timeline) phase(b report.Bar) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.ContainsFunc(t.bars, func(inner report.Bar) bool { return !inner.End.Before(b.Begin) }) {
		t.bars = append(t.bars, b)
	}
}

// resource adds what CloudFormation did with one, from its first event to its last.
func (t *timeline) resource(first, last cfn.Event, ready time.Time) {
	note := ""
	if last.Failed() {
		note = "failed"
	}
	t.add(report.Bar{Section: section(last), Name: last.LogicalID, Begin: first.Time, End: last.Time, Ready: ready, Note: note})
}

// section is what was done with a resource: Create, Update, Delete.
func section(e cfn.Event) string {
	verb, _, _ := strings.Cut(string(e.Status), "_")
	return verb[:1] + strings.ToLower(verb[1:])
}

// bars returns what there is, with what is not at its end yet: a run that fails does not wait for that.
func (e *edges) bars() []report.Bar {
	bars := e.times.list()
	for _, first := range e.events.inProgress() {
		bars = append(bars, report.Bar{Section: section(first), Name: first.LogicalID, Begin: first.Time, End: time.Now(), Note: "unfinished"})
	}
	return bars
}

// task keeps the parts of a new task's start, which its service was waited for. What was kept of the service before is
// replaced: readiness is looked at more than once.
func (t *timeline) task(service string, started []ecs.Start) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bars = slices.DeleteFunc(t.bars, func(b report.Bar) bool { return b.Part == service })
	whole, ok := t.last(service)
	if !ok || len(started) == 0 {
		return
	}
	last := slices.MaxFunc(started, func(a, b ecs.Start) int { return a.Started.Compare(b.Started) })
	if last.Created.Before(whole.Begin.Add(-time.Second)) || last.Created.After(whole.End) {
		return // it runs from before
	}
	moments := []struct {
		name       string
		begin, end time.Time
	}{
		{"placed", last.Created, last.PullStarted},
		{"image pulled", last.PullStarted, last.PullStopped},
		{"container started", last.PullStopped, last.Started},
		{"health checks", last.Started, whole.End},
	}
	for _, m := range moments {
		if !m.begin.IsZero() && m.end.After(m.begin) {
			t.bars = append(t.bars, report.Bar{Section: "Task", Name: m.name, Begin: m.begin, End: m.end, Part: service})
		}
	}
}

// last returns what was last done with a resource, but for its deletion.
func (t *timeline) last(resource string) (report.Bar, bool) {
	for _, b := range slices.Backward(t.bars) {
		if b.Name == resource && b.Section != "Delete" {
			return b, true
		}
	}
	return report.Bar{}, false
}
