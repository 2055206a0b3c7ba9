package cloudformation_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
)

const (
	inner = `
Parameters: {Days: {Type: String}}
Resources:
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: inner, RetentionInDays: !Ref Days}}
  More: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: more, RetentionInDays: !Ref Days}, DependsOn: Logs}
Outputs:
  Days: {Value: !Ref Days}
`
	outer = `
Resources:
  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: https://s3/inner.yaml, Parameters: {Days: "1"}}}
  Outer: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "outer-${Inner.Outputs.Days}"}}
Outputs:
  Days: {Value: !GetAtt Inner.Outputs.Days}
`
)

var later = strings.Replace(outer, `Days: "1"`, `Days: "7"`, 1)

// nested returns the name of the nested stack, which ends in random characters.
func (s tester) nested() string {
	s.Helper()
	answer, err := s.cfn.ListStackResources(s.Context(), &cloudformation.ListStackResourcesInput{StackName: aws.String("s")})
	if err != nil {
		s.Fatal(err)
	}
	for _, r := range answer.StackResourceSummaries {
		if *r.LogicalResourceId == "Inner" {
			return *s.describe(*r.PhysicalResourceId).StackName
		}
	}
	s.Fatal("there is no nested stack")
	return ""
}

func (s tester) days() string {
	s.Helper()
	return aws.ToString(s.describe("s").Outputs[0].OutputValue)
}

func TestNested_stack_comes_up_changes_and_goes(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.PutTemplate("https://s3/inner.yaml", inner)
		s.create(outer, false)
		s.wantStatus("CREATE_COMPLETE")
		name := s.nested()
		if !strings.HasPrefix(name, "s-Inner-") || aws.ToString(s.describe(name).ParentId) != *s.describe("s").StackId {
			s.Errorf("nested stack is %s, with parent %s", name, aws.ToString(s.describe(name).ParentId))
		}
		s.wantEvents(name, "CREATE_IN_PROGRESS "+name, "CREATE_COMPLETE Logs", "CREATE_COMPLETE "+name)
		if got, want := s.days()+" "+s.groups(), "1 inner more outer-1"; got != want {
			s.Errorf("output and log groups = %q, want %q", got, want)
		}

		s.update(later, false)
		s.wantStatus("UPDATE_COMPLETE")
		s.wantEvents(name, "UPDATE_COMPLETE Logs", "UPDATE_COMPLETE "+name)
		if got, want := s.days()+" "+s.groups(), "7 inner more outer-7"; got != want {
			s.Errorf("output and log groups = %q, want %q", got, want)
		}

		s.delete(cloudformation.DeleteStackInput{})
		s.wantEvents(name, "DELETE_COMPLETE Logs", "DELETE_COMPLETE "+name)
		if got := s.groups(); got != "" {
			s.Errorf("log groups = %q, want none", got)
		}
	})
}

func TestNested_stack_that_fails(t *testing.T) {
	t.Run("to be created", func(t *testing.T) {
		run(t, fakeaws.Options{}, func(s tester) {
			s.PutTemplate("https://s3/inner.yaml", inner)
			s.fail("CREATE", "More", 0)
			s.create(outer, false)
			s.wantStatus("ROLLBACK_COMPLETE")
			s.wantEvents("s", "CREATE_FAILED Inner Embedded stack arn:aws:cloudformation:eu-north-1:123456789012:stack/s-Inner-", "ROLLBACK_IN_PROGRESS s", "DELETE_COMPLETE Inner")
			if want := " was not successfully created: The following resource(s) failed to create: [More].\n"; !strings.Contains(s.history("s"), want) {
				s.Errorf("no %q in\n%s", want, s.history("s"))
			}
			if got := s.groups(); got != "" {
				s.Errorf("log groups = %q, want none", got)
			}
		})
	})
	t.Run("to be updated", func(t *testing.T) {
		run(t, fakeaws.Options{}, func(s tester) {
			s.PutTemplate("https://s3/inner.yaml", inner)
			s.create(outer, false)
			name := s.nested()
			s.fail("UPDATE", "More", 1)
			s.update(later, false)
			s.wantEvents("s", "UPDATE_FAILED Inner Embedded stack arn:", "UPDATE_ROLLBACK_IN_PROGRESS s", "UPDATE_COMPLETE Inner", "UPDATE_ROLLBACK_COMPLETE s")
			if want := " was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to update: [More]."; !strings.Contains(s.history("s"), want) {
				s.Errorf("no %q in\n%s", want, s.history("s"))
			}
			// It rolled back by itself: the parent's rollback did not begin another operation on it.
			s.wantEvents(name, "UPDATE_FAILED More", "UPDATE_ROLLBACK_IN_PROGRESS "+name, "UPDATE_COMPLETE Logs", "UPDATE_COMPLETE More", "UPDATE_ROLLBACK_COMPLETE "+name)
			if got := strings.Count(s.history(name), "UPDATE_IN_PROGRESS "+name); got != 1 {
				s.Errorf("the nested stack was updated %d times, want 1:\n%s", got, s.history(name))
			}
			s.wantTemplate(outer)
		})
	})
	t.Run("to be rolled back", func(t *testing.T) {
		run(t, fakeaws.Options{}, func(s tester) {
			s.PutTemplate("https://s3/inner.yaml", inner)
			s.create(outer, false)
			name := s.nested()
			s.fail("UPDATE", "More", 3) // the update, its rollback, and that of the parent
			s.update(later, false)
			s.wantStatus("UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [Inner].")
			s.must(s.continueRollback(s.Context()))
			s.wantStatus("UPDATE_ROLLBACK_COMPLETE")
			s.wantEvents(name, "UPDATE_ROLLBACK_FAILED "+name, "UPDATE_ROLLBACK_FAILED "+name, "UPDATE_ROLLBACK_COMPLETE "+name)
			s.wantTemplate(outer)
		})
	})
}

func TestNested_stack_has_its_parents_tags(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.PutTemplate("https://s3/inner.yaml", inner)
		tags := func(value string) []types.Tag {
			return []types.Tag{{Key: aws.String("commit"), Value: &value}}
		}
		_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{
			StackName: aws.String("s"), TemplateBody: aws.String(outer), Tags: tags("1"),
		})
		s.must(err)
		name := s.nested()
		_, err = s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{
			StackName: aws.String("s"), TemplateBody: aws.String(outer), Tags: tags("2"),
		})
		s.must(err)
		s.wantEvents("s", "UPDATE_IN_PROGRESS Inner", "UPDATE_COMPLETE Inner", "UPDATE_IN_PROGRESS Outer", "UPDATE_COMPLETE s")
		s.wantEvents(name, "UPDATE_IN_PROGRESS Logs", "UPDATE_COMPLETE More", "UPDATE_COMPLETE "+name)
		if got := s.describe(name).Tags; len(got) != 1 || *got[0].Value != "2" {
			s.Errorf("tags of the nested stack = %v, want its parent's", got)
		}
	})
}
