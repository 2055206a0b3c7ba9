// Package logs reads the end of a log stream, or the newest part of a log group, in CloudWatch Logs. It writes nothing. The lines may be
// malicious: it returns them as they are, and the caller must escape them.
package logs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// Stream is a log stream. API, Group and Name must be set.
type Stream struct {
	API   *cloudwatchlogs.Client
	Group string
	Name  string
}

// Tail returns the messages of the newest n events, oldest first. It returns none if the stream or
// the group does not exist: a container that wrote nothing has no stream.
func (s Stream) Tail(ctx context.Context, n int32) ([]string, error) {
	answer, err := s.API.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName:  &s.Group,
		LogStreamName: &s.Name,
		StartFromHead: aws.Bool(false),
		Limit:         &n,
	})
	if missing := (*types.ResourceNotFoundException)(nil); errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read log stream %s of group %s: %w", s.Name, s.Group, err)
	}
	var lines []string
	for _, e := range answer.Events {
		lines = append(lines, strings.TrimRight(aws.ToString(e.Message), "\r\n"))
	}
	return lines, nil
}

// Group is a log group. API and Name must be set.
type Group struct {
	API  *cloudwatchlogs.Client
	Name string
}

// Since returns the messages of at most n events of all streams since a time, oldest first. It returns
// none if the group does not exist.
func (g Group) Since(ctx context.Context, begin time.Time, n int32) ([]string, error) {
	start := begin.UnixMilli()
	input := cloudwatchlogs.FilterLogEventsInput{LogGroupName: &g.Name, StartTime: &start, Limit: &n}
	var lines []string
	for len(lines) < int(n) {
		answer, err := g.API.FilterLogEvents(ctx, &input)
		if missing := (*types.ResourceNotFoundException)(nil); errors.As(err, &missing) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read log group %s: %w", g.Name, err)
		}
		for _, e := range answer.Events {
			lines = append(lines, strings.TrimRight(aws.ToString(e.Message), "\r\n"))
		}
		if answer.NextToken == nil { // a page may be empty although more follow
			break
		}
		input.NextToken = answer.NextToken
	}
	return lines[:min(len(lines), int(n))], nil
}
