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
)

// changing are the calls that change a stack.
var changing = []string{"CreateStack", "UpdateStack", "DeleteStack", "CancelUpdateStack", "RollbackStack", "ContinueUpdateRollback"}

// changes are the changing calls since the first so many, without those that repeat the one before.
func (w *world) changes(skip int) string {
	var names []string
	for _, call := range w.Calls()[skip:] {
		if slices.Contains(changing, call.Operation) {
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
	neverBefore string // the end, which is waited for before any changing call: to "deploy", or to do "both"
}

// states is what is done about a stack in each status: the changing calls until it is deployed or gone. What is in
// progress ends by itself after a minute, in the status given.
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

func TestStates_are_all_there_are(t *testing.T) {
	for _, status := range types.StackStatus("").Values() {
		if !slices.ContainsFunc(states, func(s state) bool { return s.status == status }) {
			t.Errorf("nothing is decided about a stack in %s", status)
		}
	}
}

// touched is when the first changing call was made, or now if there was none.
func (w *world) touched(skip int) time.Time {
	for _, call := range w.Calls()[skip:] {
		if slices.Contains(changing, call.Operation) {
			return call.Time
		}
	}
	return time.Now()
}

// inState puts a stack into a status, from which it goes on by itself if it is in progress.
func (w *world) inState(t *testing.T, status types.StackStatus, ends string) (stack cfn.Stack, skip int) {
	t.Helper()
	stack = w.deploy(t, deployment(network), cfn.Created)
	w.SetStatus(name, string(status), "")
	if ends != "" {
		t.Cleanup(func() { <-time.After(2 * time.Minute) }) // the bubble ends when all in it has
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
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *world) {
				_, skip := w.inState(t, s.status, s.ends)
				began := time.Now()
				d := deployment(network)
				d.Parameters = map[string]string{"Retention": "14"}
				stack, outcome, err := w.client.Deploy(t.Context(), d)
				if s.toDeploy == "refused" {
					if stuck, ok := errors.AsType[*cfn.StuckError](err); !ok || stuck.Hint() == "" || w.changes(skip) != "" {
						t.Errorf("Deploy = %v after %q, want a StuckError with a hint and nothing done", err, w.changes(skip))
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
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *world) {
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

// A rollback that fails again has no way out but a new stack, which is for the caller to allow.
func TestDeploy_when_a_rollback_does_not_come_through(t *testing.T) {
	for _, disposable := range []bool{true, false} {
		t.Run(fmt.Sprintf("disposable=%t", disposable), func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *world) {
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
				stuck, ok := errors.AsType[*cfn.StuckError](err)
				if !ok || !strings.Contains(err.Error(), "UPDATE_ROLLBACK_FAILED") || !strings.Contains(err.Error(), "Logs (AWS::EC2::RouteTable): No.") || stuck.Hint() == "" {
					t.Errorf("Deploy = %v, want a StuckError with the status, what it fails on, and a hint", err)
				}
			})
		})
	}
}

func TestDelete_waits_for_what_lingers(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *world) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		w.FailResource(name, "Network", fakeaws.Failure{Operation: "DELETE", Reason: "resource sg-0 has a dependent object (Service: Ec2)", Times: 3})
		if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID}); err != nil {
			t.Fatalf("Delete = %v\n%s", err, &w.log)
		}
		if !strings.Contains(w.log.String(), "Network (AWS::EC2::VPC) cannot be deleted yet: resource sg-0 has a dependent object (Service: Ec2); trying again in 4m0s") {
			t.Errorf("log = %q", w.log.String())
		}
	})
}

func TestDelete_forces_only_what_it_may_and_names_what_stays(t *testing.T) {
	for _, force := range []bool{true, false} {
		t.Run(fmt.Sprintf("force=%t", force), func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *world) {
				stack := w.deploy(t, deployment(network), cfn.Created)
				w.FailResource(name, "Network", fakeaws.Failure{Operation: "DELETE", Reason: "it is not empty"})
				err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID, Force: force})
				now, _ := w.client.Describe(t.Context(), stack.ID)
				if !force {
					if err == nil || now.Status != types.StackStatusDeleteFailed {
						t.Errorf("Delete = %v, and the stack is in %s, want an error and DELETE_FAILED", err, now.Status)
					}
					return
				}
				if err != nil || now.Status != types.StackStatusDeleteComplete {
					t.Errorf("Delete = %v, and the stack is in %s, want it gone", err, now.Status)
				}
				if !strings.Contains(w.log.String(), "left behind in the account: Network (AWS::EC2::VPC) vpc-") {
					t.Errorf("log = %q, want it to name what stays", w.log.String())
				}
			})
		})
	}
}

func TestTermination_protection_is_never_overridden(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *world) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		on := true
		if _, err := w.api.UpdateTerminationProtection(t.Context(), &cloudformation.UpdateTerminationProtectionInput{StackName: &stack.ID, EnableTerminationProtection: &on}); err != nil {
			t.Fatal(err)
		}
		if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID, Force: true}); !errors.Is(err, cfn.ErrProtected) {
			t.Errorf("Delete = %v, want ErrProtected", err)
		}
		w.SetStatus(name, "ROLLBACK_COMPLETE", "")
		d := deployment(network)
		d.Disposable = true
		if _, _, err := w.client.Deploy(t.Context(), d); !errors.Is(err, cfn.ErrProtected) {
			t.Errorf("Deploy = %v, want ErrProtected", err)
		}
		if now, err := w.client.Describe(t.Context(), stack.ID); err != nil || !now.Protected || now.Status != types.StackStatusRollbackComplete {
			t.Errorf("Describe = %+v, %v, want the stack as it was", now, err)
		}
	})
}

// ECS keeps the name of a service until it has drained, so a stack of the same name cannot be made for a while.
func TestDeploy_tries_again_what_passes_by_itself(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *world) {
		w.FailResource(name, "Network", fakeaws.Failure{Operation: "CREATE", Times: 2,
			Reason: `Resource handler returned message: "Invalid request provided: CreateService error: Unable to Start a service that is still Draining." (RequestToken: x, HandlerErrorCode: InvalidRequest)`})
		_, _, err := w.client.Deploy(t.Context(), deployment(network))
		if err != nil || !strings.Contains(w.log.String(), "failed, and is tried again: ") {
			t.Errorf("Deploy = %v\n%s", err, &w.log)
		}
	})
}

// What is hopeless is cut off at once: our own operation ends the deployment, somebody else's is out of the way.
func TestDeploy_gives_up_what_is_hopeless(t *testing.T) {
	crash := errors.New("its container ends with exit code 1")
	hopeless := func(context.Context, string) error { return crash }
	for _, c := range []struct {
		name      string
		onFailure types.OnFailure
		begun     bool // there is a stack already, which is updated
		calls     string
		nextStep  cfn.NextStep
	}{
		{"a creation that is deleted", types.OnFailureDelete, false, "CreateStack DeleteStack", cfn.Deleting},
		{"a creation that is kept", types.OnFailureDoNothing, false, "CreateStack", cfn.Kept},
		{"a creation that is rolled back", types.OnFailureRollback, false, "CreateStack", cfn.RollingBack},
		{"an update", types.OnFailureDelete, true, "UpdateStack CancelUpdateStack", cfn.RollingBack},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *world) {
				d := deployment(network)
				if c.begun {
					w.deploy(t, d, cfn.Created)
					d.Parameters = map[string]string{"Retention": "14"}
				}
				skip := len(w.Calls())
				d.OnFailure, d.Hopeless = c.onFailure, hopeless
				told := 0
				d.Failed = func(context.Context, *cfn.FailedError) { told++ }
				began := time.Now()
				_, _, err := w.client.Deploy(t.Context(), d)
				failed, ok := errors.AsType[*cfn.FailedError](err)
				if !ok || !errors.Is(err, crash) || failed.NextStep != c.nextStep || w.changes(skip) != c.calls || told != 1 {
					t.Errorf("Deploy = %v (%+v) by %q, told %d times, want %s by %q", err, failed, w.changes(skip), told, c.nextStep, c.calls)
				}
				if took := time.Since(began); took > 3*time.Second {
					t.Errorf("Deploy took %s, want no more than 3s", took)
				}
			})
		})
	}
}

func TestDeploy_cuts_off_what_another_run_left_hopeless(t *testing.T) {
	for _, creating := range []bool{true, false} {
		t.Run(fmt.Sprintf("creating=%t", creating), func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *world) {
				d := deployment(network)
				d.Parameters = map[string]string{"Retention": "14"}
				body := network
				if creating {
					w.FailResource(name, "Network", fakeaws.Failure{Operation: "CREATE", Never: true, Times: 1})
					if _, err := w.api.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: new(name), TemplateBody: &body}); err != nil {
						t.Fatal(err)
					}
				} else {
					w.deploy(t, deployment(network), cfn.Created)
					w.FailResource(name, "Logs", fakeaws.Failure{Operation: "UPDATE", Never: true, Times: 1})
					key, value := "Retention", "30"
					if _, err := w.api.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: new(name), TemplateBody: &body,
						Parameters: []types.Parameter{{ParameterKey: &key, ParameterValue: &value}}}); err != nil {
						t.Fatal(err)
					}
				}
				began, cut := time.Now(), false
				d.Hopeless = func(context.Context, string) error {
					if cut || time.Since(began) < 30*time.Second {
						return nil
					}
					cut = true
					return errors.New("its container ends with exit code 1")
				}
				want := map[bool]cfn.Outcome{true: cfn.Recreated, false: cfn.Updated}[creating]
				w.deploy(t, d, want)
				if !strings.Contains(w.log.String(), "begun by another run, is cut off: its container ends with exit code 1") {
					t.Errorf("log = %q", w.log.String())
				}
			})
		})
	}
}
