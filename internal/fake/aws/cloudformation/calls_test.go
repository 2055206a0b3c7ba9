package cloudformation_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
)

func TestCancelUpdateStack(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(one, false)
		_, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(other)})
		if err != nil {
			s.Fatal(err)
		}
		<-time.After(1500 * time.Millisecond) // First has begun and takes two seconds
		_, err = s.cfn.CancelUpdateStack(s.Context(), &cloudformation.CancelUpdateStackInput{StackName: aws.String("s")})
		s.must(err)
		s.wantEvents("s", "UPDATE_IN_PROGRESS First\nUPDATE_FAILED First Resource update cancelled\nUPDATE_ROLLBACK_IN_PROGRESS s", "UPDATE_COMPLETE First", "UPDATE_ROLLBACK_COMPLETE s")
		s.wantTemplate(one)
	})
}

func TestCreateStack_TimeoutInMinutes(t *testing.T) {
	for name, test := range map[string]struct {
		never bool
		want  string
	}{
		"a creation that hangs": {true, "ROLLBACK_COMPLETE"},
		"a creation in time":    {false, "CREATE_COMPLETE"},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, fakeaws.Options{}, func(s tester) {
				if test.never {
					s.FailResource("s", "Second", fakeaws.Failure{Operation: "CREATE", Never: true})
				}
				_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(one), TimeoutInMinutes: aws.Int32(1)})
				s.must(err)
				s.wantStatus(test.want)
				if test.never {
					s.wantEvents("s", "CREATE_FAILED Second Resource creation cancelled", "ROLLBACK_IN_PROGRESS s")
				}
			})
		})
	}
}

func TestGetTemplate(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(one, false)
		s.update(other, false)
		answer, err := s.cfn.GetTemplate(s.Context(), &cloudformation.GetTemplateInput{StackName: aws.String("s")})
		if err != nil || aws.ToString(answer.TemplateBody) != other {
			s.Errorf("GetTemplate = %v, %v, want the body of the update", answer, err)
		}
	})
}

func TestUpdateStack_adds_and_takes_away(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(one, false)
		s.update(other, false)
		s.wantEvents("s", "CREATE_IN_PROGRESS Third", "CREATE_IN_PROGRESS Third Resource creation Initiated", "CREATE_COMPLETE Third", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS s", "UPDATE_COMPLETE s")
		if got, want := s.groups(), "first second third"; got != want {
			s.Errorf("log groups = %q, want %q", got, want)
		}
		s.update(one, false)
		s.wantEvents("s", "UPDATE_COMPLETE s", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS s", "DELETE_COMPLETE Third", "UPDATE_COMPLETE s")
		if got, want := s.groups(), "first second"; got != want {
			s.Errorf("log groups = %q, want %q", got, want)
		}
	})
}

func TestUpdateStack_same_token_again_is_the_same_call(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(one, false)
		for range 2 {
			_, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(other), ClientRequestToken: aws.String("token")})
			if err != nil {
				s.Errorf("UpdateStack = %v", err)
			}
		}
		<-time.After(time.Minute)
		s.wantStatus("UPDATE_COMPLETE")
	})
}

func TestDeleteStack_that_failed(t *testing.T) {
	stuck := func(s tester) {
		s.create(one, false)
		s.fail("DELETE", "First", 0)
		_, err := s.cfn.DeleteStack(s.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("s"), RetainResources: []string{"First"}})
		s.wantInvalid(err, "Invalid operation on stack [ID]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state.")
		s.delete(cloudformation.DeleteStackInput{})
		s.wantStatus("DELETE_FAILED The following resource(s) failed to delete: [First].")
	}
	for name, test := range map[string]struct {
		input  cloudformation.DeleteStackInput
		events []string
	}{
		"RetainResources":    {cloudformation.DeleteStackInput{RetainResources: []string{"First"}}, []string{"DELETE_FAILED s", "DELETE_SKIPPED First", "DELETE_COMPLETE s"}},
		"FORCE_DELETE_STACK": {cloudformation.DeleteStackInput{DeletionMode: types.DeletionModeForceDeleteStack}, []string{"DELETE_FAILED s", "DELETE_FAILED First No.", "DELETE_COMPLETE s"}},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, fakeaws.Options{}, func(s tester) {
				stuck(s)
				s.delete(test.input)
				s.wantEvents("s", test.events...)
				if got, want := s.groups(), "first"; got != want {
					s.Errorf("log groups = %q, want %q left", got, want)
				}
			})
		})
	}
}

func TestTermination_protection(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(one), EnableTerminationProtection: aws.Bool(true)})
		s.must(err)
		if !aws.ToBool(s.describe("s").EnableTerminationProtection) {
			s.Error("DescribeStacks shows no termination protection")
		}
		_, err = s.cfn.DeleteStack(s.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("s")})
		s.wantInvalid(err, "Stack [s] cannot be deleted while TerminationProtection is enabled")
		_, err = s.cfn.UpdateTerminationProtection(s.Context(), &cloudformation.UpdateTerminationProtectionInput{StackName: aws.String("s"), EnableTerminationProtection: aws.Bool(false)})
		s.must(err)
		s.delete(cloudformation.DeleteStackInput{})
		s.wantEvents("s", "DELETE_COMPLETE s")
	})
}
