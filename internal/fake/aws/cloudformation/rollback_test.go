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
	// other changes both, leaves them where they are and adds a third.
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

// unchanged wants the stack to be what a template says.
func (s teller) unchanged(body string) {
	s.Helper()
	name := "s"
	_, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{StackName: &name, TemplateBody: &body})
	s.refused(err, "No updates are to be performed.")
}

func TestRollbackStack_of_a_creation_that_was_left(t *testing.T) {
	tell(t, fakeaws.Options{}, func(s teller) {
		s.fail("CREATE", "Second", 0)
		s.create(one, true)
		s.wants("CREATE_FAILED The following resource(s) failed to create: [Second].")
		s.must(s.rollback(s.Context()))
		s.tells("s", "ROLLBACK_IN_PROGRESS s User Initiated", "DELETE_COMPLETE Second", "DELETE_IN_PROGRESS First", "DELETE_COMPLETE First", "ROLLBACK_COMPLETE s")
		if got := s.groups(); got != "" {
			s.Errorf("log groups = %q, want none", got)
		}
	})
}

func TestRollbackStack_of_an_update_that_was_left(t *testing.T) {
	tell(t, fakeaws.Options{}, func(s teller) {
		s.create(one, false)
		s.fail("CREATE", "Third", 0)
		s.update(other, true)
		s.wants("UPDATE_FAILED The following resource(s) failed to update: [Third].")
		s.must(s.rollback(s.Context()))
		s.tells("s", "UPDATE_ROLLBACK_IN_PROGRESS s User Initiated", "UPDATE_COMPLETE First", "UPDATE_COMPLETE Second",
			"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS s", "DELETE_COMPLETE Third", "UPDATE_ROLLBACK_COMPLETE s")
		s.unchanged(one)
	})
}

func TestUpdateStack_tries_again_what_was_left(t *testing.T) {
	for _, failing := range []struct{ operation, logicalID string }{{"UPDATE", "Second"}, {"CREATE", "Third"}} {
		t.Run(failing.logicalID, func(t *testing.T) {
			tell(t, fakeaws.Options{}, func(s teller) {
				s.create(one, false)
				s.fail(failing.operation, failing.logicalID, 1)
				s.update(other, true)
				s.wants("UPDATE_FAILED The following resource(s) failed to update: [" + failing.logicalID + "].")
				s.update(other, true)
				s.tells("s", "UPDATE_FAILED s", failing.operation+"_COMPLETE "+failing.logicalID, "UPDATE_COMPLETE s")
				s.unchanged(other)
				if got, want := s.groups(), "first second third"; got != want {
					s.Errorf("log groups = %q, want %q", got, want)
				}
			})
		})
	}
}

// The last known good state is that before the first update that failed.
func TestRollbackStack_of_two_updates_that_were_left(t *testing.T) {
	tell(t, fakeaws.Options{}, func(s teller) {
		s.create(one, false)
		s.fail("CREATE", "Third", 0)
		s.update(other, true)
		s.update(other, true)
		s.must(s.rollback(s.Context()))
		s.wants("UPDATE_ROLLBACK_COMPLETE")
		s.unchanged(one)
	})
}

func TestDeleteStack_leaves_nothing_of_an_update_that_was_left(t *testing.T) {
	t.Run("UPDATE_FAILED", func(t *testing.T) {
		tell(t, fakeaws.Options{}, func(s teller) {
			s.create(one, false)
			s.fail("UPDATE", "Second", 0)
			s.update(other, true)
			s.delete(cloudformation.DeleteStackInput{})
			s.tells("s", "UPDATE_FAILED s", "DELETE_COMPLETE s")
			if got := s.groups(); got != "" {
				s.Errorf("log groups = %q, want none", got)
			}
		})
	})
	t.Run("UPDATE_ROLLBACK_FAILED", func(t *testing.T) {
		tell(t, fakeaws.Options{}, func(s teller) {
			s.create(one, false)
			body := other + "  Fourth: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: fourth}, DependsOn: Third}\n"
			s.fail("CREATE", "Fourth", 0) // and so Third is there
			s.update(body, true)
			s.fail("UPDATE", "First", 0)
			s.must(s.rollback(s.Context()))
			s.wants("UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [First].")
			s.delete(cloudformation.DeleteStackInput{})
			if got := s.groups(); got != "" {
				s.Errorf("log groups = %q, want none:\n%s", got, s.told("s"))
			}
		})
	})
}

func TestContinueUpdateRollback(t *testing.T) {
	// stuck is a stack whose rollback could bring Second back, and not First.
	stuck := func(s teller) {
		s.create(one, false)
		s.fail("CREATE", "Third", 0)
		s.update(other, true)
		s.fail("UPDATE", "First", 2)
		s.must(s.rollback(s.Context()))
		s.wants("UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [First].")
	}
	t.Run("tries again what failed", func(t *testing.T) {
		tell(t, fakeaws.Options{}, func(s teller) {
			stuck(s)
			s.must(s.continueRollback(s.Context()))
			s.wants("UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [First].")
			s.must(s.continueRollback(s.Context()))
			s.wants("UPDATE_ROLLBACK_COMPLETE")
			s.tells("s", "UPDATE_ROLLBACK_FAILED s", "UPDATE_ROLLBACK_IN_PROGRESS s", "UPDATE_IN_PROGRESS First", "UPDATE_FAILED First No.", "UPDATE_ROLLBACK_FAILED s",
				"UPDATE_ROLLBACK_IN_PROGRESS s\nUPDATE_IN_PROGRESS First\nUPDATE_COMPLETE First\nUPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS s\n")
			s.unchanged(one)
		})
	})
	t.Run("skips what it is told to", func(t *testing.T) {
		tell(t, fakeaws.Options{}, func(s teller) {
			stuck(s)
			s.must(s.continueRollback(s.Context(), "First"))
			s.tells("s", "UPDATE_ROLLBACK_FAILED s", "UPDATE_ROLLBACK_IN_PROGRESS s\nUPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS s", "UPDATE_ROLLBACK_COMPLETE s")
		})
	})
}

func TestRollback_in_a_state_that_has_none(t *testing.T) {
	tell(t, fakeaws.Options{}, func(s teller) {
		s.create(one, false)
		s.refused(s.rollback(s.Context()), "Stack:ID is in CREATE_COMPLETE state and can not be rolled back.")
		s.refused(s.continueRollback(s.Context()), "Stack:ID is in CREATE_COMPLETE state and can not continue rollback.")
	})
}

func TestUpdateStack_replaces_nothing_with_rollback_off(t *testing.T) {
	tell(t, fakeaws.Options{}, func(s teller) {
		s.create(one, false)
		s.update(renamed, true)
		s.tells("s", "UPDATE_FAILED Second Replacement type updates not supported on stack with disable-rollback.\nUPDATE_FAILED s")
		s.must(s.rollback(s.Context()))
		s.wants("UPDATE_ROLLBACK_COMPLETE")
		if got, want := s.groups(), "first second"; got != want {
			s.Errorf("log groups = %q, want %q", got, want)
		}
	})
}
