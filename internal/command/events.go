package command

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/report"
)

// eventLog shows a stack's events in the log, one line each, as they become known. The time in front counts from the
// operation's first event; the one behind is how long the resource took.
type eventLog struct {
	log   *console
	times *timeline
	ready map[string]time.Time // from when on what depends on a resource in progress may begin
	began time.Time
	since map[string]cfn.Event // the first event of what is in progress, by logical ID
}

// pending names the resources whose last word is still to come.
func (l *eventLog) pending() string {
	var names []string
	for _, e := range l.inProgress() {
		names = append(names, e.LogicalID+" ("+e.Type+")")
	}
	return strings.Join(names, ", ")
}

// inProgress returns the first events of these resources.
func (l *eventLog) inProgress() []cfn.Event {
	var list []cfn.Event
	for _, id := range slices.Sorted(maps.Keys(l.since)) {
		if e := l.since[id]; !e.OfStack() {
			list = append(list, e)
		}
	}
	return list
}

func (l *eventLog) show(e cfn.Event) {
	if l.began.IsZero() {
		l.began, l.since, l.ready = e.Time, map[string]cfn.Event{}, map[string]time.Time{}
	}
	if e.Configured {
		l.ready[e.LogicalID] = e.Time
	}
	first, open := l.since[e.LogicalID]
	if open && first.Status == e.Status && e.InProgress() {
		return // CloudFormation says it twice: when it begins, and when the resource has an ID
	}
	line := fmt.Sprintf("  %6s  %-21s %s", report.Duration(e.Time.Sub(l.began)), e.Status, e.LogicalID)
	if !e.OfStack() {
		line += " (" + e.Type + ")"
	}
	switch {
	case e.InProgress():
		l.since[e.LogicalID] = e
	case open:
		line += ", " + report.Duration(e.Time.Sub(first.Time))
		if !e.OfStack() {
			l.times.resource(first, e, l.ready[e.LogicalID])
		}
		delete(l.since, e.LogicalID)
		delete(l.ready, e.LogicalID)
	}
	if e.Reason != "" && (e.Failed() || e.OfStack()) {
		line += ": " + e.Reason
	}
	l.log.line("%s", line)
	if e.OfStack() && !e.InProgress() {
		l.began = time.Time{} // what comes next is another operation
	}
}

// inProgress tells whether CloudFormation is at work on a stack.
func inProgress(stack cfn.Stack) bool {
	return strings.HasSuffix(string(stack.Status), "_IN_PROGRESS") && stack.Status != "REVIEW_IN_PROGRESS"
}
