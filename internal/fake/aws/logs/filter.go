package logs

import (
	"maps"
	"slices"
	"time"

	"pr-stack/internal/fake/aws/internal/wire"
)

// filterLogEvents returns the events of all streams of a group since a time, oldest first. There are no
// filter patterns here.
func (l *Logs) filterLogEvents(q request) (any, error) {
	g, err := l.logGroup(q.LogGroupName)
	if err != nil {
		return nil, err
	}
	type found struct {
		logEvent
		stream string
	}
	var all []found
	for _, stream := range slices.Sorted(maps.Keys(g.streams)) {
		for _, e := range g.streams[stream] {
			if !e.at.Before(time.UnixMilli(q.StartTime)) {
				all = append(all, found{e, stream})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return a.at.Compare(b.at) })
	list := []any{}
	for _, e := range all {
		list = append(list, map[string]any{"timestamp": e.at.UnixMilli(), "message": e.message, "logStreamName": e.stream})
	}
	size := l.account.PageSize(10_000)
	if q.Limit > 0 {
		size = min(size, q.Limit)
	}
	part, next := wire.Page(list, q.NextToken, size)
	return wire.WithToken(map[string]any{"events": part, "searchedLogStreams": []any{}}, next), nil
}
