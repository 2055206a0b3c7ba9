package cloudformation_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	fakeaws "pr-stack/internal/fake/aws"
)

const (
	one = `
Resources:
  First: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: first}}
  Second: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: second}, DependsOn: First}
`
	// other changes both in place and adds a third.
	other = `
Resources:
  First: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: first, RetentionInDays: 7}}
  Second: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: second, RetentionInDays: 7}, DependsOn: First}
  Third: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: third}, DependsOn: Second}
`
	renamed = `
Resources:
  First: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: first}}
  Second: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: new}, DependsOn: First}
`
)

// wantTemplate wants the stack to be what a template says.
func (s tester) wantTemplate(body string) {
	s.Helper()
	name := "s"
	_, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{StackName: &name, TemplateBody: &body})
	s.wantInvalid(err, "No updates are to be performed.")
}

func TestRollbackStack_of_a_creation_that_was_left(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.fail("CREATE", "Second", 0)
		s.create(one, true)
		s.wantStatus("CREATE_FAILED The following resource(s) failed to create: [Second].")
		s.must(s.rollback(s.Context()))
		s.wantEvents("s", "ROLLBACK_IN_PROGRESS s User Initiated", "DELETE_COMPLETE Second", "DELETE_IN_PROGRESS First", "DELETE_COMPLETE First", "ROLLBACK_COMPLETE s")
		if got := s.groups(); got != "" {
			s.Errorf("log groups = %q, want none", got)
		}
	})
}

func TestRollbackStack_of_an_update_that_was_left(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(one, false)
		s.fail("CREATE", "Third", 0)
		s.update(other, true)
		s.wantStatus("UPDATE_FAILED The following resource(s) failed to update: [Third].")
		s.must(s.rollback(s.Context()))
		s.wantEvents("s", "UPDATE_ROLLBACK_IN_PROGRESS s User Initiated", "UPDATE_COMPLETE First", "UPDATE_COMPLETE Second",
			"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS s", "DELETE_COMPLETE Third", "UPDATE_ROLLBACK_COMPLETE s")
		s.wantTemplate(one)
	})
}

func TestUpdateStack_tries_again_what_was_left(t *testing.T) {
	for _, failing := range []struct{ operation, logicalID string }{{"UPDATE", "Second"}, {"CREATE", "Third"}} {
		t.Run(failing.logicalID, func(t *testing.T) {
			run(t, fakeaws.Options{}, func(s tester) {
				s.create(one, false)
				s.fail(failing.operation, failing.logicalID, 1)
				s.update(other, true)
				s.wantStatus("UPDATE_FAILED The following resource(s) failed to update: [" + failing.logicalID + "].")
				s.update(other, true)
				s.wantEvents("s", "UPDATE_FAILED s", failing.operation+"_COMPLETE "+failing.logicalID, "UPDATE_COMPLETE s")
				s.wantTemplate(other)
				if got, want := s.groups(), "first second third"; got != want {
					s.Errorf("log groups = %q, want %q", got, want)
				}
			})
		})
	}
}

// The last known good state is the one before the first failed update.
func TestRollbackStack_of_two_updates_that_were_left(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(one, false)
		s.fail("CREATE", "Third", 0)
		s.update(other, true)
		s.update(other, true)
		s.must(s.rollback(s.Context()))
		s.wantStatus("UPDATE_ROLLBACK_COMPLETE")
		s.wantTemplate(one)
	})
}

func TestDeleteStack_leaves_nothing_of_an_update_that_was_left(t *testing.T) {
	t.Run("UPDATE_FAILED", func(t *testing.T) {
		run(t, fakeaws.Options{}, func(s tester) {
			s.create(one, false)
			s.fail("UPDATE", "Second", 0)
			s.update(other, true)
			s.delete(cloudformation.DeleteStackInput{})
			s.wantEvents("s", "UPDATE_FAILED s", "DELETE_COMPLETE s")
			if got := s.groups(); got != "" {
				s.Errorf("log groups = %q, want none", got)
			}
		})
	})
	t.Run("UPDATE_ROLLBACK_FAILED", func(t *testing.T) {
		run(t, fakeaws.Options{}, func(s tester) {
			s.create(one, false)
			body := other + "  Fourth: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: fourth}, DependsOn: Third}\n"
			s.fail("CREATE", "Fourth", 0) // so that Third exists
			s.update(body, true)
			s.fail("UPDATE", "First", 0)
			s.must(s.rollback(s.Context()))
			s.wantStatus("UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [First].")
			s.delete(cloudformation.DeleteStackInput{})
			if got := s.groups(); got != "" {
				s.Errorf("log groups = %q, want none:\n%s", got, s.history("s"))
			}
		})
	})
}

func TestContinueUpdateRollback(t *testing.T) {
	// stuck makes a stack whose rollback could restore Second but not First.
	stuck := func(s tester) {
		s.create(one, false)
		s.fail("CREATE", "Third", 0)
		s.update(other, true)
		s.fail("UPDATE", "First", 2)
		s.must(s.rollback(s.Context()))
		s.wantStatus("UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [First].")
	}
	t.Run("tries again what failed", func(t *testing.T) {
		run(t, fakeaws.Options{}, func(s tester) {
			stuck(s)
			s.must(s.continueRollback(s.Context()))
			s.wantStatus("UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [First].")
			s.must(s.continueRollback(s.Context()))
			s.wantStatus("UPDATE_ROLLBACK_COMPLETE")
			s.wantEvents("s", "UPDATE_ROLLBACK_FAILED s", "UPDATE_ROLLBACK_IN_PROGRESS s", "UPDATE_IN_PROGRESS First", "UPDATE_FAILED First No.", "UPDATE_ROLLBACK_FAILED s",
				"UPDATE_ROLLBACK_IN_PROGRESS s\nUPDATE_IN_PROGRESS First\nUPDATE_COMPLETE First\nUPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS s\n")
			s.wantTemplate(one)
		})
	})
	t.Run("skips resources", func(t *testing.T) {
		run(t, fakeaws.Options{}, func(s tester) {
			stuck(s)
			s.must(s.continueRollback(s.Context(), "First"))
			s.wantEvents("s", "UPDATE_ROLLBACK_FAILED s", "UPDATE_ROLLBACK_IN_PROGRESS s\nUPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS s", "UPDATE_ROLLBACK_COMPLETE s")
		})
	})
}

func TestRollback_in_a_state_that_has_none(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(one, false)
		s.wantInvalid(s.rollback(s.Context()), "Stack:ID is in CREATE_COMPLETE state and can not be rolled back.")
		s.wantInvalid(s.continueRollback(s.Context()), "Stack:ID is in CREATE_COMPLETE state and can not continue rollback.")
	})
}

func TestUpdateStack_replaces_nothing_with_rollback_off(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(one, false)
		s.update(renamed, true)
		s.wantEvents("s", "UPDATE_FAILED Second Replacement type updates not supported on stack with disable-rollback.\nUPDATE_FAILED s")
		s.must(s.rollback(s.Context()))
		s.wantStatus("UPDATE_ROLLBACK_COMPLETE")
		if got, want := s.groups(), "first second"; got != want {
			s.Errorf("log groups = %q, want %q", got, want)
		}
	})
}
