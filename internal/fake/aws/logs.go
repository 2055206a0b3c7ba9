package aws

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// logsStore is the account's log groups.
type logsStore struct {
	groups map[string]*logGroup
}

type logGroup struct {
	streams map[string][]logEvent
}

type logEvent struct {
	at      time.Time
	message string
}

// write adds lines to a stream. A group that does not exist takes none, as with the awslogs driver.
func (a *AWS) write(group, stream string, lines []string) {
	g := a.logs.groups[group]
	if g == nil {
		return
	}
	for _, line := range lines {
		g.streams[stream] = append(g.streams[stream], logEvent{at: a.now, message: line})
	}
}

func (a *AWS) addLogGroup(name string) {
	if a.logs.groups == nil {
		a.logs.groups = map[string]*logGroup{}
	}
	a.logs.groups[name] = &logGroup{streams: map[string][]logEvent{}}
}

type logsRequest struct {
	LogGroupName       string
	LogGroupNamePrefix string
	LogStreamName      string
	NextToken          string
	Limit              int
}

func logsOperations() map[string]jsonOperation {
	operations := map[string]jsonOperation{}
	for name, operation := range map[string]func(*AWS, logsRequest) (any, error){
		"CreateLogGroup":     (*AWS).createLogGroup,
		"DeleteLogGroup":     (*AWS).deleteLogGroup,
		"DescribeLogGroups":  (*AWS).describeLogGroups,
		"DescribeLogStreams": (*AWS).describeLogStreams,
		"GetLogEvents":       (*AWS).getLogEvents,
	} {
		operations[name] = func(a *AWS, body []byte) (any, error) {
			var q logsRequest
			if err := json.Unmarshal(body, &q); err != nil {
				return nil, &apiError{Code: "SerializationException", Message: err.Error()}
			}
			return operation(a, q)
		}
	}
	return operations
}

// logGroup finds a group. AWS's texts end in a full stop here and have none where something exists already.
func (a *AWS) logGroup(name string) (*logGroup, error) {
	if g := a.logs.groups[name]; g != nil {
		return g, nil
	}
	return nil, &apiError{Code: "ResourceNotFoundException", Message: "The specified log group does not exist."}
}

func (a *AWS) createLogGroup(q logsRequest) (any, error) {
	if a.logs.groups[q.LogGroupName] != nil {
		return nil, &apiError{Code: "ResourceAlreadyExistsException", Message: "The specified log group already exists"}
	}
	a.addLogGroup(q.LogGroupName)
	return nil, nil
}

func (a *AWS) deleteLogGroup(q logsRequest) (any, error) {
	if _, err := a.logGroup(q.LogGroupName); err != nil {
		return nil, err
	}
	delete(a.logs.groups, q.LogGroupName)
	return nil, nil
}

func (a *AWS) describeLogGroups(q logsRequest) (any, error) {
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(a.logs.groups)) {
		if strings.HasPrefix(name, q.LogGroupNamePrefix) {
			list = append(list, map[string]any{"logGroupName": name, "arn": a.arn("logs", "log-group:"+name+":*")})
		}
	}
	part, next := page(a, list, q.NextToken, 50)
	return withToken(map[string]any{"logGroups": part}, next), nil
}

func (a *AWS) describeLogStreams(q logsRequest) (any, error) {
	g, err := a.logGroup(q.LogGroupName)
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(g.streams)) {
		list = append(list, map[string]any{"logStreamName": name})
	}
	part, next := page(a, list, q.NextToken, 50)
	return withToken(map[string]any{"logStreams": part}, next), nil
}

func (a *AWS) getLogEvents(q logsRequest) (any, error) {
	g, err := a.logGroup(q.LogGroupName)
	if err != nil {
		return nil, err
	}
	events, ok := g.streams[q.LogStreamName]
	if !ok {
		return nil, &apiError{Code: "ResourceNotFoundException", Message: "The specified log stream does not exist."}
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

func logsTypes() map[string]resourceType {
	return map[string]resourceType{"AWS::Logs::LogGroup": {
		create: func(a *AWS, r *resource, done func(error)) {
			r.PhysicalID = text(r.Properties["LogGroupName"])
			if r.PhysicalID == "" {
				r.PhysicalID = a.generated(r, 512)
			}
			r.Attributes["Arn"] = a.arn("logs", "log-group:"+r.PhysicalID+":*")
			a.addLogGroup(r.PhysicalID)
			a.after(3*time.Second, func() { done(nil) })
		},
		replaces: differ("LogGroupName"),
		delete: func(a *AWS, r *resource, done func(error)) {
			delete(a.logs.groups, r.PhysicalID)
			a.after(time.Second, func() { done(nil) })
		},
	}}
}
