package cfn_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/hint"
)

// changingCalls are the calls that change a stack.
var changingCalls = []string{"CreateStack", "UpdateStack", "DeleteStack", "CancelUpdateStack", "RollbackStack", "ContinueUpdateRollback"}

// changes returns the changing calls after the first skip calls, without immediate repetitions.
func (w *env) changes(skip int) string {
	var names []string
	for _, call := range w.Calls()[skip:] {
		if slices.Contains(changingCalls, call.Operation) {
			names = append(names, call.Operation)
		}
	}
	return strings.Join(slices.Compact(names), " ")
}

// state is a row of the table.
type state struct {
	status      types.StackStatus
	ends        string
	toDeploy    string
	outcome     cfn.Outcome
	toDelete    string
	neverBefore string // what makes no changing call until the operation has ended: "deploy", or "both"
}

// states lists, for each status, the changing calls that deploy or delete a stack in it. An
// operation in progress ends by itself after a minute, in the status that ends gives.
var states = []state{
	{status: "REVIEW_IN_PROGRESS", toDeploy: "DeleteStack CreateStack", outcome: cfn.Recreated, toDelete: "DeleteStack"},
	{status: "CREATE_IN_PROGRESS", ends: "CREATE_COMPLETE", toDeploy: "UpdateStack", outcome: cfn.Updated, toDelete: "DeleteStack", neverBefore: "deploy"},
	{status: "CREATE_COMPLETE", toDeploy: "UpdateStack", outcome: cfn.Updated, toDelete: "DeleteStack"},
	{status: "CREATE_FAILED", toDeploy: "DeleteStack CreateStack", outcome: cfn.Recreated, toDelete: "DeleteStack"},
	{status: "ROLLBACK_IN_PROGRESS", ends: "ROLLBACK_COMPLETE", toDeploy: "DeleteStack CreateStack", outcome: cfn.Recreated, toDelete: "DeleteStack", neverBefore: "both"},
	{status: "ROLLBACK_COMPLETE", toDeploy: "DeleteStack CreateStack", outcome: cfn.Recreated, toDelete: "DeleteStack"},
	{status: "ROLLBACK_FAILED", toDeploy: "DeleteStack CreateStack", outcome: cfn.Recreated, toDelete: "DeleteStack"},
	{status: "UPDATE_IN_PROGRESS", ends: "UPDATE_COMPLETE", toDeploy: "UpdateStack", outcome: cfn.Updated, toDelete: "CancelUpdateStack DeleteStack", neverBefore: "deploy"},
	{status: "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", ends: "UPDATE_COMPLETE", toDeploy: "UpdateStack", outcome: cfn.Updated, toDelete: "DeleteStack", neverBefore: "both"},
	{status: "UPDATE_COMPLETE", toDeploy: "UpdateStack", outcome: cfn.Updated, toDelete: "DeleteStack"},
	{status: "UPDATE_FAILED", toDeploy: "RollbackStack UpdateStack", outcome: cfn.Updated, toDelete: "DeleteStack"},
	{status: "UPDATE_ROLLBACK_IN_PROGRESS", ends: "UPDATE_ROLLBACK_COMPLETE", toDeploy: "UpdateStack", outcome: cfn.Updated, toDelete: "DeleteStack", neverBefore: "both"},
	{status: "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", ends: "UPDATE_ROLLBACK_COMPLETE", toDeploy: "UpdateStack", outcome: cfn.Updated, toDelete: "DeleteStack", neverBefore: "both"},
	{status: "UPDATE_ROLLBACK_COMPLETE", toDeploy: "UpdateStack", outcome: cfn.Updated, toDelete: "DeleteStack"},
	{status: "UPDATE_ROLLBACK_FAILED", toDeploy: "ContinueUpdateRollback UpdateStack", outcome: cfn.Updated, toDelete: "DeleteStack"},
	{status: "DELETE_IN_PROGRESS", ends: "DELETE_COMPLETE", toDeploy: "CreateStack", outcome: cfn.Created, toDelete: "", neverBefore: "both"},
	{status: "DELETE_FAILED", toDeploy: "DeleteStack CreateStack", outcome: cfn.Recreated, toDelete: "DeleteStack"},
	{status: "DELETE_COMPLETE", toDeploy: "CreateStack", outcome: cfn.Created, toDelete: ""},
	{status: "IMPORT_IN_PROGRESS", ends: "IMPORT_COMPLETE", toDeploy: "UpdateStack", outcome: cfn.Updated, toDelete: "DeleteStack", neverBefore: "both"},
	{status: "IMPORT_COMPLETE", toDeploy: "UpdateStack", outcome: cfn.Updated, toDelete: "DeleteStack"},
	{status: "IMPORT_ROLLBACK_IN_PROGRESS", ends: "IMPORT_ROLLBACK_COMPLETE", toDeploy: "UpdateStack", outcome: cfn.Updated, toDelete: "DeleteStack", neverBefore: "both"},
	{status: "IMPORT_ROLLBACK_COMPLETE", toDeploy: "UpdateStack", outcome: cfn.Updated, toDelete: "DeleteStack"},
	{status: "IMPORT_ROLLBACK_FAILED", toDeploy: "refused", toDelete: "DeleteStack"},
}

func TestStates_are_complete(t *testing.T) {
	for _, status := range types.StackStatus("").Values() {
		if !slices.ContainsFunc(states, func(s state) bool { return s.status == status }) {
			t.Errorf("nothing is decided about a stack in %s", status)
		}
	}
}

// touched returns when the first changing call after the first skip calls was made, or now if none
// was.
func (w *env) touched(skip int) time.Time {
	for _, call := range w.Calls()[skip:] {
		if slices.Contains(changingCalls, call.Operation) {
			return call.Time
		}
	}
	return time.Now()
}

// inState puts a stack into a status. An operation in progress ends by itself.
func (w *env) inState(t *testing.T, status types.StackStatus, ends string) (stack cfn.Stack, skip int) {
	t.Helper()
	stack = w.deploy(t, deployment(network), cfn.Created)
	w.SetStatus(name, string(status), "")
	if ends != "" {
		t.Cleanup(func() { <-time.After(2 * time.Minute) }) // the bubble ends only after all its goroutines have ended
		go func() {
			<-time.After(time.Minute)
			if now, err := w.client.Describe(context.Background(), stack.ID); err == nil && now.Status == status {
				w.SetStatus(name, ends, "")
			}
		}()
	}
	return stack, len(w.Calls())
}

func TestDeploy_in_each_state(t *testing.T) {
	for _, s := range states {
		t.Run(string(s.status), func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				_, skip := w.inState(t, s.status, s.ends)
				began := time.Now()
				d := deployment(network)
				d.Parameters = map[string]string{"Retention": "14"}
				stack, outcome, err := w.client.Deploy(t.Context(), d)
				if s.toDeploy == "refused" {
					if !errors.Is(err, cfn.ErrStuck) || len(hint.Of(err)) != 1 || w.changes(skip) != "" {
						t.Errorf("Deploy = %v after %q, want ErrStuck with a hint and nothing done", err, w.changes(skip))
					}
					return
				}
				if err != nil || outcome != s.outcome || w.changes(skip) != s.toDeploy {
					t.Errorf("Deploy = %s, %v by %q, want %s by %q", outcome, err, w.changes(skip), s.outcome, s.toDeploy)
				}
				if !strings.HasSuffix(string(stack.Status), "E_COMPLETE") || strings.Contains(string(stack.Status), "ROLLBACK") {
					t.Errorf("the stack is in %s afterwards", stack.Status)
				}
				if (s.neverBefore == "deploy" || s.neverBefore == "both") && w.touched(skip).Sub(began) < time.Minute {
					t.Errorf("it was touched after %s, want that to wait", w.touched(skip).Sub(began))
				}
			})
		})
	}
}

func TestDelete_in_each_state(t *testing.T) {
	for _, s := range states {
		t.Run(string(s.status), func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				stack, skip := w.inState(t, s.status, s.ends)
				began := time.Now()
				if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID}); err != nil || w.changes(skip) != s.toDelete {
					t.Errorf("Delete = %v by %q, want %q", err, w.changes(skip), s.toDelete)
				}
				if now, err := w.client.Describe(t.Context(), stack.ID); err != nil || now.Status != types.StackStatusDeleteComplete {
					t.Errorf("Describe = %s, %v, want DELETE_COMPLETE", now.Status, err)
				}
				if s.neverBefore == "both" && w.touched(skip).Sub(began) < time.Minute {
					t.Errorf("it was touched after %s, want that to wait", w.touched(skip).Sub(began))
				}
			})
		})
	}
}

// If a rollback fails again, only a new stack helps, and the caller must allow a new stack.
func TestDeploy_when_a_rollback_fails_again(t *testing.T) {
	for _, disposable := range []bool{true, false} {
		t.Run(fmt.Sprintf("disposable=%t", disposable), func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				w.deploy(t, deployment(network), cfn.Created)
				w.FailResource(name, "Logs", fakeaws.Failure{Operation: "UPDATE", Reason: "No."})
				d := deployment(network)
				d.Parameters, d.Disposable = map[string]string{"Retention": "14"}, disposable
				if _, _, err := w.client.Deploy(t.Context(), d); err == nil {
					t.Fatal("the update did not fail")
				}
				skip := len(w.Calls())
				_, outcome, err := w.client.Deploy(t.Context(), d)
				if disposable {
					if want := "ContinueUpdateRollback DeleteStack CreateStack"; err != nil || outcome != cfn.Recreated || w.changes(skip) != want {
						t.Errorf("Deploy = %s, %v by %q, want recreated by %q", outcome, err, w.changes(skip), want)
					}
					return
				}
				if !errors.Is(err, cfn.ErrStuck) || !strings.Contains(err.Error(), "UPDATE_ROLLBACK_FAILED") || !strings.Contains(err.Error(), "Logs (AWS::EC2::RouteTable): No.") || len(hint.Of(err)) != 1 {
					t.Errorf("Deploy = %v, want ErrStuck with the status, what it fails on, and a hint", err)
				}
			})
		})
	}
}

// The error names the status in which the failed rollback left the stack, and the hint fits it.
func TestDeploy_when_the_rollback_of_a_failed_update_fails(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		w.deploy(t, deployment(network), cfn.Created)
		w.FailResource(name, "Logs", fakeaws.Failure{Operation: "UPDATE", Reason: "No."})
		body, keep, key, value := network, true, "Retention", "14"
		if _, err := w.api.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
			StackName: new(name), TemplateBody: &body, DisableRollback: &keep,
			Parameters: []types.Parameter{{ParameterKey: &key, ParameterValue: &value}},
		}); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		_, _, err := w.client.Deploy(t.Context(), deployment(network))
		hints := strings.Join(hint.Of(err), "")
		if !errors.Is(err, cfn.ErrStuck) || !strings.Contains(err.Error(), "it is in UPDATE_ROLLBACK_FAILED") || !strings.Contains(hints, "continue the rollback") {
			t.Errorf("Deploy = %v, hints %q", err, hints)
		}
	})
}

// CloudFormation's reads are eventually consistent, its writes are not: another run's new stack exists, and
// is not described yet.
func TestDeploy_waits_for_a_stack_that_is_not_visible_yet(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		if _, err := w.api.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: new(name), TemplateBody: new(network)}); err != nil {
			t.Fatal(err)
		}
		w.Inject(fakeaws.Fault{Operation: "DescribeStacks", Times: 12, Code: "ValidationError", Message: "Stack with id hello-pr-7 does not exist"})
		w.deploy(t, deployment(network), cfn.Updated) // of its tags
	})
}
