package cloudformation_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/smithy-go"

	fakeaws "pr-stack/internal/fake/aws"
)

// teller has the calls of a story in short. Each lets two minutes pass, in which every small stack comes to rest.
type teller struct {
	*testing.T
	*fakeaws.AWS
	cfn *cloudformation.Client
}

func tell(t *testing.T, options fakeaws.Options, story func(s teller)) {
	t.Helper()
	onCloudFormation(t, options, func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client) { story(teller{t, a, c}) })
}

func (s teller) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	<-time.After(2 * time.Minute)
}

func (s teller) create(body string, disableRollback bool) {
	s.Helper()
	_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: &body, DisableRollback: &disableRollback})
	s.must(err)
}

func (s teller) update(body string, disableRollback bool) {
	s.Helper()
	_, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{StackName: aws.String("s"), TemplateBody: &body, DisableRollback: &disableRollback})
	s.must(err)
}

func (s teller) delete(input cloudformation.DeleteStackInput) {
	s.Helper()
	input.StackName = aws.String("s")
	_, err := s.cfn.DeleteStack(s.Context(), &input)
	s.must(err)
}

func (s teller) describe(nameOrID string) types.Stack {
	s.Helper()
	answer, err := s.cfn.DescribeStacks(s.Context(), &cloudformation.DescribeStacksInput{StackName: &nameOrID})
	if err != nil {
		s.Fatal(err)
	}
	return answer.Stacks[0]
}

// wants compares the stack's status, and its reason if there is one, without the blanks at its ends.
func (s teller) wants(status string) {
	s.Helper()
	d := s.describe("s")
	if got := strings.TrimSpace(string(d.StackStatus) + " " + aws.ToString(d.StackStatusReason)); got != status {
		s.Errorf("status = %q, want %q\n%s", got, status, s.told("s"))
	}
}

// told is the stack's history, an event a line: status, resource, reason.
func (s teller) told(name string) string {
	var timeline bytes.Buffer
	s.Timeline(&timeline, name)
	var lines strings.Builder
	for line := range strings.Lines(timeline.String()) {
		lines.WriteString(strings.Join(strings.Fields(line)[1:], " ") + "\n")
	}
	return lines.String()
}

// tells wants events, or their beginnings, in the stack's history in this order, with others between them.
func (s teller) tells(name string, events ...string) {
	s.Helper()
	all := s.told(name)
	rest := "\n" + all
	for _, event := range events {
		_, after, ok := strings.Cut(rest, "\n"+event)
		if !ok {
			s.Errorf("no %q, or not in this order, in\n%s", event, all)
			return
		}
		rest = after
	}
}

// groups are the names of the log groups that there are.
func (s teller) groups() string {
	s.Helper()
	answer, err := cloudwatchlogs.NewFromConfig(s.Config()).DescribeLogGroups(s.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil {
		s.Fatal(err)
	}
	var names []string
	for _, g := range answer.LogGroups {
		names = append(names, *g.LogGroupName)
	}
	return strings.Join(names, " ")
}

// refused wants a ValidationError, with ID for the stack's.
func (s teller) refused(err error, message string) {
	s.Helper()
	var api smithy.APIError
	message = strings.ReplaceAll(message, "ID", *s.describe("s").StackId)
	if !errors.As(err, &api) || api.ErrorCode() != "ValidationError" || api.ErrorMessage() != message {
		s.Errorf("got %v\nwant ValidationError: %s", err, message)
	}
}

func (s teller) fail(operation, logicalID string, times int) {
	s.FailResource("s*", logicalID, fakeaws.Failure{Operation: operation, Reason: "No.", After: time.Second, Times: times})
}

func (s teller) rollback(ctx context.Context) error {
	_, err := s.cfn.RollbackStack(ctx, &cloudformation.RollbackStackInput{StackName: aws.String("s")})
	return err
}

func (s teller) continueRollback(ctx context.Context, skip ...string) error {
	_, err := s.cfn.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String("s"), ResourcesToSkip: skip})
	return err
}
