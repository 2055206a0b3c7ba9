package cloudformation_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
)

func TestStaleness(t *testing.T) {
	var age time.Duration
	run(t, fakeaws.Options{Staleness: func() time.Duration { return age }}, func(s tester) {
		age = time.Hour
		answer, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(one + "Outputs: {First: {Value: !Ref First}}\n")})
		if err != nil {
			s.Fatal(err)
		}
		s.wantStatus("CREATE_IN_PROGRESS User Initiated") // it is not missing
		<-time.After(time.Minute)
		s.wantStatus("CREATE_IN_PROGRESS User Initiated")
		if got := s.describe("s").Outputs; len(got) > 0 {
			s.Errorf("outputs = %v, want none: they did not exist then", got)
		}
		events, err := s.cfn.DescribeStackEvents(s.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("s")})
		if err != nil || events.StackEvents[0].ResourceStatus != types.ResourceStatusCreateComplete {
			s.Errorf("the newest event is %v, %v, want CREATE_COMPLETE: events are not stale", events.StackEvents[0].ResourceStatus, err)
		}
		age = 0
		s.wantStatus("CREATE_COMPLETE")
		if got := s.describe("s").Outputs; len(got) != 1 {
			s.Errorf("outputs = %v, want one", got)
		}

		age = 5 * time.Second
		if _, err := s.cfn.DeleteStack(s.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("s")}); err != nil {
			s.Fatal(err)
		}
		s.wantStatus("CREATE_COMPLETE")
		<-time.After(age)
		s.wantStatus("DELETE_IN_PROGRESS User Initiated")
		<-time.After(5 * time.Second) // it was deleted a second ago
		if d := s.describe(*answer.StackId); d.StackStatus != types.StackStatusDeleteInProgress || d.DeletionTime != nil {
			s.Errorf("of a stack just deleted: %s since %v, want DELETE_IN_PROGRESS", d.StackStatus, d.DeletionTime)
		}
		<-time.After(age)
		if d := s.describe(*answer.StackId); d.StackStatus != types.StackStatusDeleteComplete || d.DeletionTime == nil {
			s.Errorf("of a stack long deleted: %s since %v, want DELETE_COMPLETE", d.StackStatus, d.DeletionTime)
		}
	})
}
