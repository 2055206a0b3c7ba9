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
		after  time.Duration // when the stack's operation has ended
		want   string
	}{
		"no time":           {0, 3 * time.Minute, "DELETE_COMPLETE"},
		"some time":         {5 * time.Minute, 10 * time.Minute, "DELETE_COMPLETE"},
		"too long":          {time.Hour, 40 * time.Minute, "DELETE_FAILED The following resource(s) failed to delete: [LoadBalancerSecurityGroup, TaskSecurityGroup]."},
		"just under 15 min": {14 * time.Minute, 20 * time.Minute, "DELETE_COMPLETE"},
	} {
		t.Run(name, func(t *testing.T) {
			onSite(t, fakeaws.Options{Linger: test.linger}, func(s *site) {
				s.create("hello-pr-7", template.Fargate, s.values(s.image("x")))
				if got := s.wait(); got != "CREATE_COMPLETE" {
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
				if strings.HasPrefix(test.want, "DELETE_FAILED") { // the interfaces are deleted, and a retry succeeds
					<-time.After(test.linger)
					if _, err := s.cfn.DeleteStack(s.Context(), &cloudformation.DeleteStackInput{StackName: &id}); err != nil {
						s.Fatal(err)
					}
					<-time.After(time.Minute)
					if got := s.stack(id).StackStatus; got != "DELETE_COMPLETE" {
						s.Errorf("after a retry: %s, want DELETE_COMPLETE", got)
					}
				}
			})
		})
	}
}

// lingered wants the deletion of the tasks' security group to take as long as its interfaces
// linger, but at most 15 minutes. The load balancer's group is deleted after it.
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
				s.Errorf("the deletion of the group took %v, want %v", took, want)
			}
		}
	}
}
