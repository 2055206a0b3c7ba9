package cloudformation_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	fakeaws "pr-stack/internal/fake/aws"
)

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
