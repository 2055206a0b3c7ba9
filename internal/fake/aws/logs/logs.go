// Package logs is CloudWatch Logs: log groups, their streams and what tasks write.
package logs

import (
	"maps"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

// Logs is the account's log groups.
type Logs struct {
	account *account.Account
	groups  map[string]*logGroup
}

// New returns a CloudWatch Logs without log groups.
func New(a *account.Account) *Logs { return &Logs{account: a, groups: map[string]*logGroup{}} }

type logGroup struct {
	streams map[string][]logEvent
}

type logEvent struct {
	at      time.Time
	message string
}

// Write adds lines to a stream. If the group does not exist they are lost, as with the awslogs
// driver.
func (l *Logs) Write(group, stream string, lines []string) {
	g := l.groups[group]
	if g == nil {
		return
	}
	for _, line := range lines {
		g.streams[stream] = append(g.streams[stream], logEvent{at: l.account.Now(), message: line})
	}
}

func (l *Logs) addLogGroup(name string) {
	l.groups[name] = &logGroup{streams: map[string][]logEvent{}}
}

type request struct {
	LogGroupName       string
	LogGroupNamePrefix string
	LogStreamName      string
	NextToken          string
	Limit              int
	StartTime          int64 // milliseconds
}

// Operations returns the API.
func (l *Logs) Operations() wire.Operations {
	return wire.Decoded(map[string]func(request) (any, error){
		"CreateLogGroup":     l.createLogGroup,
		"DeleteLogGroup":     l.deleteLogGroup,
		"DescribeLogGroups":  l.describeLogGroups,
		"DescribeLogStreams": l.describeLogStreams,
		"GetLogEvents":       l.getLogEvents,
		"FilterLogEvents":    l.filterLogEvents,
	})
}

// logGroup finds a group. AWS's "does not exist" messages end in a full stop, its "already exists"
// messages do not.
func (l *Logs) logGroup(name string) (*logGroup, error) {
	if g := l.groups[name]; g != nil {
		return g, nil
	}
	return nil, &wire.APIError{Code: "ResourceNotFoundException", Message: "The specified log group does not exist."}
}

func (l *Logs) createLogGroup(q request) (any, error) {
	if l.groups[q.LogGroupName] != nil {
		return nil, &wire.APIError{Code: "ResourceAlreadyExistsException", Message: "The specified log group already exists"}
	}
	l.addLogGroup(q.LogGroupName)
	return nil, nil
}

func (l *Logs) deleteLogGroup(q request) (any, error) {
	if _, err := l.logGroup(q.LogGroupName); err != nil {
		return nil, err
	}
	delete(l.groups, q.LogGroupName)
	return nil, nil
}

func (l *Logs) describeLogGroups(q request) (any, error) {
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(l.groups)) {
		if strings.HasPrefix(name, q.LogGroupNamePrefix) {
			list = append(list, map[string]any{"logGroupName": name, "arn": l.account.ARN("logs", "log-group:"+name+":*")})
		}
	}
	part, next := wire.Page(list, q.NextToken, l.account.PageSize(50))
	return wire.WithToken(map[string]any{"logGroups": part}, next), nil
}

func (l *Logs) describeLogStreams(q request) (any, error) {
	g, err := l.logGroup(q.LogGroupName)
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(g.streams)) {
		list = append(list, map[string]any{"logStreamName": name})
	}
	part, next := wire.Page(list, q.NextToken, l.account.PageSize(50))
	return wire.WithToken(map[string]any{"logStreams": part}, next), nil
}

func (l *Logs) getLogEvents(q request) (any, error) {
	g, err := l.logGroup(q.LogGroupName)
	if err != nil {
		return nil, err
	}
	events, ok := g.streams[q.LogStreamName]
	if !ok {
		return nil, &wire.APIError{Code: "ResourceNotFoundException", Message: "The specified log stream does not exist."}
	}
	if q.Limit > 0 && len(events) > q.Limit {
		events = events[len(events)-q.Limit:]
	}
	list := []any{}
	for _, e := range events {
		list = append(list, map[string]any{"timestamp": e.at.UnixMilli(), "message": e.message})
	}
	return map[string]any{"events": list, "nextForwardToken": "f/0", "nextBackwardToken": "b/0"}, nil
}

// Types returns log groups.
func (l *Logs) Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{"AWS::Logs::LogGroup": {
		Create: func(r *cloudformation.Resource, done func(error)) {
			r.PhysicalID = l.nameOf(r)
			r.Attributes["Arn"] = l.account.ARN("logs", "log-group:"+r.PhysicalID+":*")
			l.addLogGroup(r.PhysicalID)
			l.account.After(3*time.Second, func() { done(nil) })
		},
		Replaces:    cloudformation.AnyChanged("LogGroupName"),
		Taggable:    true,
		Retag:       3 * time.Second, // not recorded: as long as a creation, which makes and waits for as many calls
		Permissions: l.permissions(),
		Delete: func(r *cloudformation.Resource, done func(error)) {
			delete(l.groups, r.PhysicalID)
			l.account.After(time.Second, func() { done(nil) })
		},
	}}
}
