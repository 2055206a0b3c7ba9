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

// tester has short forms of the calls. Each lets two minutes pass, in which the operation of every
// small stack ends.
type tester struct {
	*testing.T
	*fakeaws.AWS
	cfn *cloudformation.Client
}

func run(t *testing.T, options fakeaws.Options, test func(s tester)) {
	t.Helper()
	onCloudFormation(t, options, func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client) { test(tester{t, a, c}) })
}

func (s tester) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	<-time.After(2 * time.Minute)
}

func (s tester) create(body string, disableRollback bool) {
	s.Helper()
	_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: &body, DisableRollback: &disableRollback})
	s.must(err)
}

func (s tester) update(body string, disableRollback bool) {
	s.Helper()
	_, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{StackName: aws.String("s"), TemplateBody: &body, DisableRollback: &disableRollback})
	s.must(err)
}

func (s tester) delete(input cloudformation.DeleteStackInput) {
	s.Helper()
	input.StackName = aws.String("s")
	_, err := s.cfn.DeleteStack(s.Context(), &input)
	s.must(err)
}

func (s tester) describe(nameOrID string) types.Stack {
	s.Helper()
	answer, err := s.cfn.DescribeStacks(s.Context(), &cloudformation.DescribeStacksInput{StackName: &nameOrID})
	if err != nil {
		s.Fatal(err)
	}
	return answer.Stacks[0]
}

// wantStatus compares the stack's status and its reason, without the spaces around it.
func (s tester) wantStatus(status string) {
	s.Helper()
	d := s.describe("s")
	if got := strings.TrimSpace(string(d.StackStatus) + " " + aws.ToString(d.StackStatusReason)); got != status {
		s.Errorf("status = %q, want %q\n%s", got, status, s.history("s"))
	}
}

// history returns the stack's events, one a line: status, resource, reason.
func (s tester) history(name string) string {
	var timeline bytes.Buffer
	s.Timeline(&timeline, name)
	var lines strings.Builder
	for line := range strings.Lines(timeline.String()) {
		lines.WriteString(strings.Join(strings.Fields(line)[1:], " ") + "\n")
	}
	return lines.String()
}

// wantEvents wants the stack's history to have these events, or their beginnings, in this order,
// possibly with others in between.
func (s tester) wantEvents(name string, events ...string) {
	s.Helper()
	all := s.history(name)
	rest := "\n" + all
	for _, event := range events {
		_, after, ok := strings.Cut(rest, "\n"+event)
		if !ok {
			s.Errorf("%q is missing, or out of order, in\n%s", event, all)
			return
		}
		rest = after
	}
}

// groups returns the names of the existing log groups.
func (s tester) groups() string {
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

// wantInvalid wants a ValidationError. ID in the message stands for the stack's ID.
func (s tester) wantInvalid(err error, message string) {
	s.Helper()
	var api smithy.APIError
	message = strings.ReplaceAll(message, "ID", *s.describe("s").StackId)
	if !errors.As(err, &api) || api.ErrorCode() != "ValidationError" || api.ErrorMessage() != message {
		s.Errorf("got %v\nwant ValidationError: %s", err, message)
	}
}

func (s tester) fail(operation, logicalID string, times int) {
	s.FailResource("s*", logicalID, fakeaws.Failure{Operation: operation, Reason: "No.", After: time.Second, Times: times})
}

func (s tester) rollback(ctx context.Context) error {
	_, err := s.cfn.RollbackStack(ctx, &cloudformation.RollbackStackInput{StackName: aws.String("s")})
	return err
}

func (s tester) continueRollback(ctx context.Context, skip ...string) error {
	_, err := s.cfn.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String("s"), ResourcesToSkip: skip})
	return err
}
