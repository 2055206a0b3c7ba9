package rollout

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	"pr-stack/internal/timeline"
)

// events shows a stack's events in the log, one line each, as they become known. The time at the start
// of a line counts from the operation's first event; the time at its end is how long the resource took.
type events struct {
	logf  func(format string, args ...any)
	part  *timeline.Part
	began time.Time
	open  map[string]cfn.Event // the first event of what is in progress, by logical ID
	ready map[string]time.Time // when a resource in progress was configured, so that others may begin
	made  map[string]string    // physical IDs of the workloads that were created or updated, by logical ID
}

// pending returns the names of the resources that are still in progress.
func (l *events) pending() string { return names(l.open) }

func (l *events) show(e cfn.Event) {
	if l.began.IsZero() {
		l.began, l.open, l.ready = e.Time, map[string]cfn.Event{}, map[string]time.Time{}
	}
	if l.made == nil {
		l.made = map[string]string{}
	}
	l.note(e)
	if e.Configured {
		l.ready[e.LogicalID] = e.Time
	}
	first, open := l.open[e.LogicalID]
	if open && first.Status == e.Status && e.InProgress() {
		return // CloudFormation sends this event twice: when it begins, and when the resource has an ID
	}
	line := fmt.Sprintf("  %6s  %-21s %s", timeline.Duration(e.Time.Sub(l.began)), e.Status, e.LogicalID)
	if !e.OfStack() {
		line += " (" + e.Type + ")"
	}
	switch {
	case e.InProgress():
		l.open[e.LogicalID] = e
	case open:
		line += ", " + timeline.Duration(e.Time.Sub(first.Time))
		if !e.OfStack() {
			l.part.Add(bar(first, e, l.ready[e.LogicalID]))
		}
		delete(l.open, e.LogicalID)
		delete(l.ready, e.LogicalID)
	}
	if e.Reason != "" && (e.Failed() || e.OfStack()) {
		line += ": " + e.Reason
	}
	l.logf("%s", line)
	if e.OfStack() && !e.InProgress() {
		l.began = time.Time{} // the next event belongs to another operation
	}
}

// note records which workloads the stack has according to its events.
func (l *events) note(e cfn.Event) {
	switch {
	case e.OfStack() && e.Status == types.ResourceStatusCreateInProgress:
		l.made = map[string]string{} // another stack of the same name
	case e.OfStack(), !isWorkload(e.Type):
	case e.Status == types.ResourceStatusCreateComplete, e.Status == types.ResourceStatusUpdateComplete:
		l.made[e.LogicalID] = e.PhysicalID
	case e.Status == types.ResourceStatusDeleteComplete && l.made[e.LogicalID] == e.PhysicalID:
		delete(l.made, e.LogicalID)
	}
}

// bar returns the bar of a resource, from the first event of CloudFormation's work on it to the last.
func bar(first, last cfn.Event, ready time.Time) timeline.Bar {
	note := ""
	if last.Failed() {
		note = timeline.Failed
	}
	return timeline.Bar{Section: section(last), Name: last.LogicalID, Begin: first.Time, End: last.Time, Ready: ready, Note: note}
}

// section returns what was done with a resource: Create, Update, Delete.
func section(e cfn.Event) string {
	verb, _, _ := strings.Cut(string(e.Status), "_")
	return verb[:1] + strings.ToLower(verb[1:])
}

// close records the resources that are still in progress: a run that fails does not wait for them.
func (l *events) close() {
	for _, id := range slices.Sorted(maps.Keys(l.open)) {
		if e := l.open[id]; !e.OfStack() {
			l.part.Add(timeline.Bar{Section: section(e), Name: e.LogicalID, Begin: e.Time, End: time.Now(), Note: timeline.Unfinished})
		}
	}
}
