package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
)

const unused = `
Parameters: {Unused: {Type: String, Default: a}, Shown: {Type: String, Default: a}, Used: {Type: String, Default: "1"}, More: {Type: String, Default: "no"}}
Conditions: {More: !Equals [!Ref More, "yes"]}
Resources:
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: l, RetentionInDays: !Ref Used}}
  Other: {Type: AWS::Logs::LogGroup, Condition: More, Properties: {LogGroupName: other}}
Outputs:
  Shown: {Value: !Ref Shown}
`

// An update must change a resource, an output or a tag.
func TestUpdate_that_changes_nothing(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(unused, false)
		values := map[string]string{}
		for _, step := range []struct {
			name, value string
			tags        []types.Tag
			events      string // "none": No updates are to be performed.
		}{
			{name: "Unused", value: "b", events: "none"},
			{name: "Shown", value: "b"}, // an output alone: no event of a resource
			{name: "Used", value: "3", events: "UPDATE_IN_PROGRESS Logs,UPDATE_COMPLETE Logs"},
			{name: "Unused", value: "c", tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}, events: "UPDATE_IN_PROGRESS Logs,UPDATE_COMPLETE Logs"},
			{name: "More", value: "yes", events: "CREATE_IN_PROGRESS Other,CREATE_IN_PROGRESS Other Resource creation Initiated,CREATE_COMPLETE Other"},
			{name: "More", value: "no", events: "DELETE_IN_PROGRESS Other,DELETE_COMPLETE Other"},
		} {
			values[step.name] = step.value
			before := len(s.history("s"))
			_, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{
				StackName: aws.String("s"), TemplateBody: aws.String(unused), Parameters: parameters(values), Tags: step.tags,
			})
			if step.events == "none" {
				s.wantInvalid(err, "No updates are to be performed.")
				continue
			}
			s.must(err)
			s.wantStatus("UPDATE_COMPLETE")
			var events []string
			for event := range strings.Lines(s.history("s")[before:]) {
				if event = strings.TrimSpace(event); !strings.Contains(event, "_IN_PROGRESS s") && !strings.Contains(event, "_COMPLETE s") {
					events = append(events, event)
				}
			}
			if got := strings.Join(events, ","); got != step.events {
				s.Errorf("%s=%s: events %q, want %q", step.name, step.value, got, step.events)
			}
		}
	})
}

func parameters(values map[string]string) (list []types.Parameter) {
	for key, value := range values {
		list = append(list, types.Parameter{ParameterKey: &key, ParameterValue: &value})
	}
	return list
}

func TestDeleted_stack_keeps_its_outputs(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(unused, false)
		id := *s.describe("s").StackId
		s.delete(cloudformation.DeleteStackInput{})
		if d := s.describe(id); len(d.Outputs) != 1 || d.DeletionTime == nil {
			s.Errorf("a deleted stack has the outputs %v and the DeletionTime %v, want both", d.Outputs, d.DeletionTime)
		}
	})
}

func TestDeletionTime_of_a_creation_that_was_rolled_back(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.fail("CREATE", "Logs", 0)
		s.create(unused, false)
		s.wantStatus("ROLLBACK_COMPLETE")
		if s.describe("s").DeletionTime == nil {
			s.Error("no DeletionTime")
		}
	})
}

func TestOutput_that_cannot_be_resolved(t *testing.T) {
	body := strings.Replace(unused, "{Value: !Ref Shown}", "{Value: !GetAtt Logs.Size}", 1)
	const reason = "[Error] /Outputs/Shown/Value/Fn::GetAtt: Resource type AWS::Logs::LogGroup does not support attribute {Size}."
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(body, false)
		s.wantEvents("s", "CREATE_COMPLETE Logs", "ROLLBACK_IN_PROGRESS s "+reason+" Rollback requested by user.", "ROLLBACK_COMPLETE s")
	})
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(unused, false)
		s.update(body, false)
		s.wantEvents("s", "UPDATE_ROLLBACK_IN_PROGRESS s "+reason, "UPDATE_ROLLBACK_COMPLETE s")
	})
}

func TestProperty_that_is_missing(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(`{Resources: {Group: {Type: AWS::EC2::SecurityGroup}}}`, true)
		s.wantEvents("s", "CREATE_FAILED Group Property validation failure: [The property {/GroupDescription} is required]")
		answer, err := s.cfn.ListStackResources(s.Context(), &cloudformation.ListStackResourcesInput{StackName: aws.String("s")})
		if err != nil || len(answer.StackResourceSummaries) != 1 {
			s.Fatalf("ListStackResources = %v, %v", answer, err)
		}
		if id := answer.StackResourceSummaries[0].PhysicalResourceId; id == nil || *id != "" {
			s.Errorf("PhysicalResourceId = %v, want it present and empty", id)
		}
	})
}

// Right after CreateStack the calls that read may not know the stack yet.
func TestCreateLag(t *testing.T) {
	run(t, fakeaws.Options{CreateLag: 10 * time.Second}, func(s tester) {
		created, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(unused)})
		if err != nil {
			s.Fatal(err)
		}
		read := func() (errs [3]error) {
			_, errs[0] = s.cfn.DescribeStackEvents(s.Context(), &cloudformation.DescribeStackEventsInput{StackName: created.StackId})
			_, errs[1] = s.cfn.ListStackResources(s.Context(), &cloudformation.ListStackResourcesInput{StackName: created.StackId})
			_, errs[2] = s.cfn.DescribeStacks(s.Context(), &cloudformation.DescribeStacksInput{StackName: created.StackId})
			return errs
		}
		for i, err := range read() {
			want := fmt.Sprintf("Stack with id %s does not exist", *created.StackId)
			if i == 0 {
				want = fmt.Sprintf("Stack [%s] does not exist", *created.StackId)
			}
			if err == nil || !strings.HasSuffix(err.Error(), "ValidationError: "+want) {
				s.Errorf("right after CreateStack: %v, want %s", err, want)
			}
		}
		if all, err := s.cfn.DescribeStacks(s.Context(), &cloudformation.DescribeStacksInput{}); err != nil || len(all.Stacks) > 0 {
			s.Errorf("DescribeStacks without a name = %v, %v, want none", all, err)
		}
		<-time.After(10 * time.Second)
		for _, err := range read() {
			if err != nil {
				s.Errorf("ten seconds later: %v", err)
			}
		}
	})
}

func TestStrictTokens(t *testing.T) {
	for strict, want := range map[bool]string{false: "", true: "TokenAlreadyExistsException"} {
		run(t, fakeaws.Options{StrictTokens: strict}, func(s tester) {
			create := func() error {
				_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{
					StackName: aws.String("s"), TemplateBody: aws.String(unused), ClientRequestToken: aws.String("t"),
				})
				return err
			}
			if err := create(); err != nil {
				s.Fatal(err)
			}
			if err := create(); (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
				s.Errorf("strict %v, the second call: %v, want %q", strict, err, want)
			}
			<-time.After(time.Minute)
			if err := create(); err != nil {
				s.Errorf("strict %v, after the operation: %v, want none", strict, err)
			}
		})
	}
}

func TestGetTemplateSummary_has_what_the_template_says(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		body := "AWSTemplateFormatVersion: 2010-09-09\nDescription: d\nMetadata: {A: {B: c}}" + unused
		got, err := s.cfn.GetTemplateSummary(s.Context(), &cloudformation.GetTemplateSummaryInput{TemplateBody: &body})
		if err != nil {
			s.Fatal(err)
		}
		if aws.ToString(got.Version) != "2010-09-09" || aws.ToString(got.Metadata) != `{"A":{"B":"c"}}` || got.Capabilities != nil {
			s.Errorf("version %q, metadata %q, capabilities %v", aws.ToString(got.Version), aws.ToString(got.Metadata), got.Capabilities)
		}
	})
}
