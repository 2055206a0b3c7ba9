package aws_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

func TestLogs_have_the_time_at_which_they_were_written(t *testing.T) {
	talks := func(string, map[string]string) fakeaws.Container {
		return fakeaws.Container{Log: []string{"listening"}}
	}
	onSite(t, fakeaws.Options{Container: talks}, func(s *site) {
		began := time.Now()
		s.create("hello-pr-7", template.Fargate, s.values(s.image("x")))
		s.wait()
		client, group := cloudwatchlogs.NewFromConfig(s.Config()), aws.String("/pr-stack/hello-pr-7")
		streams, err := client.DescribeLogStreams(s.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group})
		if err != nil || len(streams.LogStreams) == 0 {
			s.Fatalf("DescribeLogStreams = %v, %v, want a stream", streams, err)
		}
		events, err := client.GetLogEvents(s.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: streams.LogStreams[0].LogStreamName})
		if err != nil || len(events.Events) != 1 || *events.Events[0].Message != "listening" {
			s.Fatalf("GetLogEvents = %v, %v, want one event", events, err)
		}
		if at := aws.ToInt64(events.Events[0].Timestamp); at <= began.UnixMilli() || at > time.Now().UnixMilli() {
			s.Errorf("the event's time is %d, want one between %d and now", at, began.UnixMilli())
		}
	})
}
