package aws_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

func TestSecurityGroup_outlives_what_used_it(t *testing.T) {
	for name, test := range map[string]struct {
		linger time.Duration
		after  time.Duration // at which the stack has come to rest
		want   string
	}{
		"not at all":       {0, 3 * time.Minute, "DELETE_COMPLETE"},
		"for some time":    {5 * time.Minute, 10 * time.Minute, "DELETE_COMPLETE"},
		"for all time":     {time.Hour, 40 * time.Minute, "DELETE_FAILED The following resource(s) failed to delete: [LoadBalancerSecurityGroup, TaskSecurityGroup]."},
		"for less than 15": {14 * time.Minute, 20 * time.Minute, "DELETE_COMPLETE"},
	} {
		t.Run(name, func(t *testing.T) {
			onSite(t, fakeaws.Options{Linger: test.linger}, func(s *site) {
				s.create("hello-pr-7", template.Fargate, s.values(s.image("x")))
				if got := s.rest(); got != "CREATE_COMPLETE" {
					s.Fatalf("status = %s, want CREATE_COMPLETE", got)
				}
				id := *s.stack("hello-pr-7").StackId
				if _, err := s.cfn.DeleteStack(s.Context(), &cloudformation.DeleteStackInput{StackName: &id}); err != nil {
					s.Fatal(err)
				}
				<-time.After(test.after)
				if got := s.stack(id); strings.TrimSpace(string(got.StackStatus)+" "+aws.ToString(got.StackStatusReason)) != test.want {
					s.Errorf("status = %s %s, want %s", got.StackStatus, aws.ToString(got.StackStatusReason), test.want)
				}
				s.lingered(id, test.linger)
				if strings.HasPrefix(test.want, "DELETE_FAILED") { // the interfaces go, and it can be tried again
					<-time.After(test.linger)
					if _, err := s.cfn.DeleteStack(s.Context(), &cloudformation.DeleteStackInput{StackName: &id}); err != nil {
						s.Fatal(err)
					}
					<-time.After(time.Minute)
					if got := s.stack(id).StackStatus; got != "DELETE_COMPLETE" {
						s.Errorf("at the second try: %s, want DELETE_COMPLETE", got)
					}
				}
			})
		})
	}
}

// lingered wants the deletion of the tasks' group to have taken as long as interfaces lingered, and no longer than 15
// minutes. That of the load balancer's waits for it.
func (s *site) lingered(id string, linger time.Duration) {
	s.Helper()
	events, err := s.cfn.DescribeStackEvents(s.Context(), &cloudformation.DescribeStackEventsInput{StackName: &id})
	if err != nil {
		s.Fatal(err)
	}
	var ended time.Time
	for _, e := range events.StackEvents { // newest first
		if *e.LogicalResourceId != "TaskSecurityGroup" {
			continue
		}
		switch e.ResourceStatus {
		case types.ResourceStatusDeleteFailed:
			want := "resource " + *e.PhysicalResourceId + " has a dependent object (Service: Ec2, Status Code: 400, Request ID: "
			if !strings.HasPrefix(aws.ToString(e.ResourceStatusReason), want) {
				s.Errorf("reason = %q, want %q…", aws.ToString(e.ResourceStatusReason), want)
			}
			ended = *e.Timestamp
		case types.ResourceStatusDeleteComplete:
			ended = *e.Timestamp
		case types.ResourceStatusDeleteInProgress:
			took, want := ended.Sub(*e.Timestamp), min(linger, 15*time.Minute)
			if took < want-10*time.Second || took > want+10*time.Second {
				s.Errorf("the group took %v to go, want %v", took, want)
			}
		}
	}
}
