package cloudformation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
)

// failures returns the failures that DescribeEvents shows.
func (s tester) failures(operation string) []types.OperationEvent {
	s.Helper()
	input := &cloudformation.DescribeEventsInput{StackName: aws.String("s"), Filters: &types.EventFilter{FailedEvents: aws.Bool(true)}}
	if operation != "" {
		input.StackName, input.OperationId = nil, &operation
	}
	answer, err := s.cfn.DescribeEvents(s.Context(), input)
	if err != nil {
		s.Fatalf("DescribeEvents = %v", err)
	}
	return answer.OperationEvents
}

func TestDescribeEvents(t *testing.T) {
	run(t, fakeaws.Options{PageSize: 3}, func(s tester) {
		created, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(one)})
		s.must(err)
		s.fail("UPDATE", "Second", 0)
		updated, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(other)})
		s.must(err)

		operations := map[string]int{}
		var newest time.Time
		pages := cloudformation.NewDescribeEventsPaginator(s.cfn, &cloudformation.DescribeEventsInput{StackName: aws.String("s")})
		for pages.HasMorePages() {
			page, err := pages.NextPage(s.Context())
			if err != nil {
				s.Fatal(err)
			}
			for _, e := range page.OperationEvents {
				if newest.IsZero() {
					newest = *e.Timestamp
				}
				if e.Timestamp.After(newest) {
					s.Errorf("%s comes after an older event, want the newest first", *e.EventId)
				}
				newest = *e.Timestamp
				operations[aws.ToString(e.OperationId)]++
			}
		}
		if len(operations) != 2 || operations[*created.OperationId] == 0 || operations[*updated.OperationId] == 0 {
			s.Errorf("operations = %v, want those of the two calls", operations)
		}

		// The rollback could not restore Second either.
		for _, e := range s.failures(*updated.OperationId) {
			if e.EventType != types.EventTypeProvisioningError || aws.ToString(e.LogicalResourceId) != "Second" || aws.ToString(e.ResourceStatusReason) != "No." {
				s.Errorf("%s %s %q, want a PROVISIONING_ERROR of Second", e.EventType, aws.ToString(e.LogicalResourceId), aws.ToString(e.ResourceStatusReason))
			}
		}
		if got := len(s.failures(*updated.OperationId)); got != 2 {
			s.Errorf("%d failures, want 2", got)
		}
		if got := s.failures(*created.OperationId); len(got) > 0 {
			s.Errorf("the creation has failures: %v", got)
		}
	})
}

func TestFailHook(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.FailHook("s", "Second", "Octo::Compliance::Hook", "log groups need a key")
		s.create(one, false)
		s.wantEvents("s", "CREATE_IN_PROGRESS Second", "CREATE_FAILED Second The following hook(s) failed: [Octo::Compliance::Hook]\n"+
			"ROLLBACK_IN_PROGRESS s The following resource(s) failed to create: [Second]. Rollback requested by user.")

		answer, err := s.cfn.DescribeStackEvents(s.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("s")})
		if err != nil {
			s.Fatal(err)
		}
		var hooks []string // newest first
		for _, e := range answer.StackEvents {
			if aws.ToString(e.HookType) != "" {
				hooks = append(hooks, strings.Join([]string{*e.LogicalResourceId, *e.HookType, string(e.HookStatus), aws.ToString(e.HookStatusReason), string(e.HookInvocationPoint), string(e.HookFailureMode)}, " | "))
			}
		}
		want := "Second | Octo::Compliance::Hook | HOOK_COMPLETE_FAILED | Hook failed with message: log groups need a key | PRE_PROVISION | FAIL\n" +
			"Second | Octo::Compliance::Hook | HOOK_IN_PROGRESS |  | PRE_PROVISION | FAIL"
		if got := strings.Join(hooks, "\n"); got != want {
			s.Errorf("hooks = %s\nwant %s", got, want)
		}
		// DescribeEvents has the same events, with event types of their own.
		var kinds []string
		for _, e := range s.failures("") {
			kinds = append(kinds, string(e.EventType)+" "+aws.ToString(e.HookStatusReason))
		}
		if got, want := strings.Join(kinds, ", "), "PROVISIONING_ERROR , HOOK_INVOCATION_ERROR Hook failed with message: log groups need a key"; got != want {
			s.Errorf("failures = %q, want %q", got, want)
		}
	})
}

func TestFailHook_in_an_update(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(one, false)
		s.FailHook("s", "Third", "Octo::Compliance::Hook", "no")
		s.update(other, false)
		s.wantEvents("s", "CREATE_FAILED Third The following hook(s) failed: [Octo::Compliance::Hook]", "UPDATE_ROLLBACK_COMPLETE s")
		s.wantTemplate(one)

		s.Heal()
		s.FailHook("s", "First", "Octo::Compliance::Hook", "no")
		s.update(other, true)
		s.wantEvents("s", "UPDATE_ROLLBACK_COMPLETE s", "UPDATE_FAILED First The following hook(s) failed: [Octo::Compliance::Hook]", "UPDATE_FAILED s")
	})
}

func TestFailValidation(t *testing.T) {
	const reason = "The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. " +
		"To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information."
	check := func(s tester, status string) {
		s.Helper()
		s.wantEvents("s", status+"_IN_PROGRESS s "+reason, status+"_COMPLETE s")
		failures := s.failures("")
		if len(failures) != 1 {
			s.Fatalf("%d failures, want 1", len(failures))
		}
		e := failures[0]
		got := strings.Join([]string{string(e.EventType), aws.ToString(e.ValidationName), string(e.ValidationStatus), aws.ToString(e.ValidationStatusReason), aws.ToString(e.ValidationPath), aws.ToString(e.LogicalResourceId)}, " | ")
		if want := "VALIDATION_ERROR | ResourceExistenceCheck | FAILED | it exists | /Resources/Second | Second"; got != want {
			s.Errorf("DescribeEvents = %s\nwant %s", got, want)
		}
	}
	t.Run("of a creation", func(t *testing.T) {
		run(t, fakeaws.Options{}, func(s tester) {
			s.FailValidation("s", "Second", "ResourceExistenceCheck", "it exists")
			s.create(one, false)
			check(s, "ROLLBACK")
			if strings.Contains(s.history("s"), "First") {
				s.Errorf("an operation on a resource began:\n%s", s.history("s"))
			}
		})
	})
	t.Run("of an update", func(t *testing.T) {
		run(t, fakeaws.Options{}, func(s tester) {
			s.create(one, false)
			s.FailValidation("s", "Second", "ResourceExistenceCheck", "it exists")
			s.update(other, false)
			check(s, "UPDATE_ROLLBACK")
			s.wantTemplate(one)
		})
	})
}
