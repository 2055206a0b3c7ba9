package cloudformation_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	fakeaws "pr-stack/internal/fake/aws"
)

// changeSet creates a change set and returns it when CloudFormation has worked it out.
func (s tester) changeSet(name string, kind types.ChangeSetType, body string, tags ...types.Tag) *cloudformation.DescribeChangeSetOutput {
	s.Helper()
	_, err := s.cfn.CreateChangeSet(s.Context(), &cloudformation.CreateChangeSetInput{
		StackName: aws.String("s"), ChangeSetName: &name, ChangeSetType: kind, TemplateBody: &body, Tags: tags,
	})
	s.must(err)
	answer, err := s.cfn.DescribeChangeSet(s.Context(), &cloudformation.DescribeChangeSetInput{StackName: aws.String("s"), ChangeSetName: &name})
	if err != nil {
		s.Fatal(err)
	}
	return answer
}

// lines returns a change set's changes, one a line.
func lines(changes []types.Change) string {
	var list []string
	for _, one := range changes {
		r := one.ResourceChange
		line := fmt.Sprintf("%s %s %s", r.Action, aws.ToString(r.LogicalResourceId), r.Replacement)
		for _, d := range r.Details {
			line += fmt.Sprintf(" [%s %s %s %s %s]", aws.ToString(d.Target.Name), d.Target.RequiresRecreation, d.Evaluation, d.ChangeSource, aws.ToString(d.CausingEntity))
		}
		list = append(list, line)
	}
	return strings.Join(list, "\n")
}

func (s tester) wantCode(err error, code, message string) {
	s.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), message) {
		s.Errorf("error = %v, want %s with %q", err, code, message)
	}
}

// What uses a resource that is replaced is replaced with it, or changed.
func TestChangeSet_of_an_update(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(small, false)
		set := s.changeSet("c", "", strings.NewReplacer("10.0.0.0/16", "10.1.0.0/16", "  Logs: {Type: AWS::Logs::LogGroup}", "  New: {Type: AWS::Logs::LogGroup}").Replace(small))
		want := "Remove Logs \n" +
			"Modify Network True [CidrBlock Always Static DirectModification ]\n" +
			"Add New \n" +
			"Modify Subnet Conditional [VpcId Always Dynamic ResourceReference Network]"
		if diff := cmp.Diff(want, lines(set.Changes)); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		if set.Status != types.ChangeSetStatusCreateComplete || set.ExecutionStatus != types.ExecutionStatusAvailable {
			t.Errorf("status %s, %s", set.Status, set.ExecutionStatus)
		}
		s.wantStatus("CREATE_COMPLETE") // nothing was done yet
		none := s.changeSet("none", "", small)
		if got := aws.ToString(none.StatusReason); none.Status != types.ChangeSetStatusFailed || got != "The submitted information didn't contain changes. Submit different information to create a change set." {
			t.Errorf("without changes: %s, %q", none.Status, got)
		}
		_, err := s.cfn.ExecuteChangeSet(s.Context(), &cloudformation.ExecuteChangeSetInput{StackName: aws.String("s"), ChangeSetName: aws.String("c")})
		s.must(err)
		s.wantStatus("UPDATE_COMPLETE")
		left, err := s.cfn.ListChangeSets(s.Context(), &cloudformation.ListChangeSetsInput{StackName: aws.String("s")})
		if err != nil || len(left.Summaries) != 1 || left.Summaries[0].ExecutionStatus != types.ExecutionStatusExecuteComplete {
			t.Errorf("change sets afterwards: %+v, %v, want the executed one alone", left, err)
		}
	})
}

// New tags reach each resource that takes tags, and replace none.
func TestChangeSet_of_tags(t *testing.T) {
	run(t, fakeaws.Options{PageSize: 1}, func(s tester) {
		s.create(small, false)
		set := s.changeSet("c", "", small, types.Tag{Key: aws.String("team"), Value: aws.String("x")})
		if got := lines(set.Changes); !strings.HasPrefix(got, "Modify Logs False [ Never Static") || set.NextToken == nil {
			t.Errorf("first page = %q, next token %v", got, set.NextToken)
		}
		next, err := s.cfn.DescribeChangeSet(s.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetName: set.ChangeSetId, NextToken: set.NextToken})
		if err != nil || !strings.HasPrefix(lines(next.Changes), "Modify Network False") {
			t.Errorf("second page = %v, %v", next, err)
		}
	})
}

func TestChangeSet_of_a_new_stack(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		set := s.changeSet("c", types.ChangeSetTypeCreate, small)
		if got := lines(set.Changes); got != "Add Logs \nAdd Network \nAdd Subnet " {
			t.Errorf("changes = %q", got)
		}
		s.wantStatus("REVIEW_IN_PROGRESS User Initiated")
		_, err := s.cfn.CreateChangeSet(s.Context(), &cloudformation.CreateChangeSetInput{StackName: aws.String("s"), ChangeSetName: aws.String("d"), TemplateBody: aws.String(small)})
		s.wantCode(err, "ValidationError", "Stack [s] does not exist")
		_, err = s.cfn.ExecuteChangeSet(s.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: set.ChangeSetId})
		s.must(err)
		s.wantStatus("CREATE_COMPLETE")
		_, err = s.cfn.CreateChangeSet(s.Context(), &cloudformation.CreateChangeSetInput{
			StackName: aws.String("s"), ChangeSetName: aws.String("d"), TemplateBody: aws.String(small), ChangeSetType: types.ChangeSetTypeCreate,
		})
		s.wantCode(err, "ValidationError", "already exists and cannot be created again")
	})
}

func TestChangeSet_of_a_new_stack_that_is_not_wanted(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.changeSet("c", types.ChangeSetTypeCreate, small)
		_, err := s.cfn.DeleteChangeSet(s.Context(), &cloudformation.DeleteChangeSetInput{StackName: aws.String("s"), ChangeSetName: aws.String("c")})
		s.must(err)
		s.wantStatus("REVIEW_IN_PROGRESS User Initiated")
		id := *s.describe("s").StackId
		s.delete(cloudformation.DeleteStackInput{})
		if got := s.describe(id).StackStatus; got != types.StackStatusDeleteComplete {
			t.Errorf("deleted: %s", got)
		}
		_, err = s.cfn.DescribeChangeSet(s.Context(), &cloudformation.DescribeChangeSetInput{StackName: aws.String("s"), ChangeSetName: aws.String("c")})
		s.wantCode(err, "ValidationError", "Stack [s] does not exist")
	})
}

// A change set is about the stack as it was.
func TestChangeSet_that_cannot_be_executed(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(small, false)
		changed := strings.ReplaceAll(small, "10.0.0.0/16", "10.1.0.0/16")
		_, err := s.cfn.CreateChangeSet(s.Context(), &cloudformation.CreateChangeSetInput{StackName: aws.String("s"), ChangeSetName: aws.String("c"), TemplateBody: &changed})
		if err != nil {
			t.Fatal(err)
		}
		execute := func() error {
			_, err := s.cfn.ExecuteChangeSet(s.Context(), &cloudformation.ExecuteChangeSetInput{StackName: aws.String("s"), ChangeSetName: aws.String("c")})
			return err
		}
		s.wantCode(execute(), "InvalidChangeSetStatus", "cannot be executed in its current status of [CREATE_IN_PROGRESS]")
		<-time.After(time.Minute)
		s.update(changed, false)
		s.wantCode(execute(), "InvalidChangeSetStatus", "cannot be executed in its current execution status of [OBSOLETE]")
		_, err = s.cfn.CreateChangeSet(s.Context(), &cloudformation.CreateChangeSetInput{StackName: aws.String("s"), ChangeSetName: aws.String("c"), TemplateBody: &changed})
		s.wantCode(err, "AlreadyExistsException", "ChangeSet c cannot be created")
		_, err = s.cfn.DescribeChangeSet(s.Context(), &cloudformation.DescribeChangeSetInput{StackName: aws.String("s"), ChangeSetName: aws.String("d")})
		s.wantCode(err, "ChangeSetNotFound", "ChangeSet [d] does not exist")
	})
}
