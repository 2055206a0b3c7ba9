package cfn_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
)

const name = "hello-pr-7"

// network is a template in which the order matters: the subnet needs the VPC; Logs needs neither.
const network = `
Parameters:
  Retention: {Type: Number, Default: 7}
Resources:
  Network: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Network, CidrBlock: 10.0.0.0/24}}
  Logs: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-1, RetentionInDays: !Ref Retention}}
Outputs:
  Network: {Value: !Ref Network}
`

// env is one account and a client for it, inside a bubble.
type env struct {
	*fakeaws.AWS
	api    *cloudformation.Client
	client *cfn.Client
	events []cfn.Event
	log    strings.Builder
}

func inBubble(t *testing.T, options fakeaws.Options, story func(t *testing.T, w *env)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &env{AWS: fakeaws.New(options)}
		w.api = cloudformation.NewFromConfig(w.Config(), func(o *cloudformation.Options) { o.RetryMaxAttempts = 20 })
		w.client = &cfn.Client{
			API:     w.api,
			OnEvent: func(e cfn.Event) { w.events = append(w.events, e) },
			Logf:    func(format string, args ...any) { fmt.Fprintf(&w.log, format+"\n", args...) },
		}
		story(t, w)
	})
}

func deployment(template string) cfn.Deployment {
	return cfn.Deployment{
		StackName: name,
		Template:  cfn.Template{Body: template},
		Tags:      map[string]string{"owner": "us"},
		Allow:     func(context.Context, cfn.Stack) error { return nil },
	}
}

// deploy calls Deploy, and fails the test unless the outcome is want.
func (w *env) deploy(t *testing.T, d cfn.Deployment, want cfn.Outcome) cfn.Stack {
	t.Helper()
	stack, got, err := w.client.Deploy(t.Context(), d)
	if err != nil || got != want {
		t.Fatalf("Deploy = %s, %v, want %s", got, err, want)
	}
	return stack
}

// history returns the IDs of the stack's events from CloudFormation itself, oldest first, each once.
func (w *env) history(t *testing.T, id string) []string {
	t.Helper()
	var all []string
	pages := cloudformation.NewDescribeStackEventsPaginator(w.api, &cloudformation.DescribeStackEventsInput{StackName: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("DescribeStackEvents = %v", err)
		}
		for _, e := range page.StackEvents {
			if !slices.Contains(all, *e.EventId) {
				all = append(all, *e.EventId)
			}
		}
	}
	slices.Reverse(all)
	return all
}

func (w *env) seen() []string {
	var ids []string
	for _, e := range w.events {
		ids = append(ids, e.ID)
	}
	return ids
}

func TestDeploy_creates_a_stack_and_returns_its_outputs(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		if stack.Status != types.StackStatusCreateComplete {
			t.Errorf("status = %s, want CREATE_COMPLETE", stack.Status)
		}
		if !strings.HasPrefix(stack.Outputs["Network"], "vpc-") {
			t.Errorf("outputs = %v, want the VPC's id under Network", stack.Outputs)
		}
		if stack.Tags["owner"] != "us" {
			t.Errorf("tags = %v, want owner: us", stack.Tags)
		}
		if diff := cmp.Diff(w.history(t, stack.ID), w.seen()); diff != "" {
			t.Errorf("events followed differ from the stack's own (-want +got):\n%s", diff)
		}
	})
}

func TestDeploy_updates_in_place_and_follows_only_its_own_events(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		before := w.history(t, stack.ID)
		w.events = nil
		d := deployment(network)
		d.Parameters = map[string]string{"Retention": "14"}
		w.deploy(t, d, cfn.Updated)
		if diff := cmp.Diff(w.history(t, stack.ID)[len(before):], w.seen()); diff != "" {
			t.Errorf("events followed differ from those of the update (-want +got):\n%s", diff)
		}
	})
}

func TestDeploy_of_the_same_again_is_unchanged_and_at_once(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		first := w.deploy(t, deployment(network), cfn.Created)
		began := time.Now()
		again := w.deploy(t, deployment(network), cfn.Unchanged)
		if took := time.Since(began); took > time.Second {
			t.Errorf("Deploy took %v to find nothing to do", took)
		}
		if diff := cmp.Diff(first.Outputs, again.Outputs); diff != "" {
			t.Errorf("outputs of the unchanged stack differ (-first +again):\n%s", diff)
		}
	})
}

func TestDeploy_leaves_a_stack_alone_that_is_not_owned(t *testing.T) {
	stranger := errors.New("it is somebody else's")
	for _, status := range []string{"CREATE_COMPLETE", "ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS"} {
		t.Run(status, func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				w.deploy(t, deployment(network), cfn.Created)
				w.SetStatus(name, status, "")
				calls := len(w.Calls())
				d := deployment(network)
				d.Allow = func(context.Context, cfn.Stack) error { return stranger }
				if _, _, err := w.client.Deploy(t.Context(), d); !errors.Is(err, stranger) {
					t.Fatalf("Deploy = %v, want %v", err, stranger)
				}
				for _, call := range w.Calls()[calls:] {
					if call.Operation != "DescribeStacks" {
						t.Errorf("%s was called on a stack of somebody else", call.Operation)
					}
				}
			})
		})
	}
}

func TestDeploy_waits_for_an_operation_that_another_run_began(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		body := network
		if _, err := w.api.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: new(name), TemplateBody: &body}); err != nil {
			t.Fatal(err)
		}
		w.deploy(t, deployment(network), cfn.Updated) // the tags are new
		if want := "waiting for stack " + name + ": CREATE_IN_PROGRESS (10s)\n"; w.log.String() != want {
			t.Errorf("log = %q, want %q", w.log.String(), want)
		}
	})
}

// The stack may change after Deploy has read it. Deploy then reads it again, and returns no error.
func TestDeploy_loses_no_race(t *testing.T) {
	for race, fault := range map[string]fakeaws.Fault{
		"created meanwhile": {Operation: "DescribeStacks", Code: "ValidationError", Message: "Stack with id " + name + " does not exist"},
		"updated meanwhile": {Operation: "UpdateStack", Code: "ValidationError", Message: "Stack:arn is in UPDATE_IN_PROGRESS state and can not be updated."},
		"deleted meanwhile": {Operation: "UpdateStack", Code: "ValidationError", Message: "Stack [" + name + "] does not exist"},
	} {
		t.Run(race, func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				w.deploy(t, deployment(network), cfn.Created)
				fault.Times = 1
				w.Inject(fault)
				d := deployment(network)
				d.Parameters = map[string]string{"Retention": "14"}
				w.deploy(t, d, cfn.Updated)
			})
		})
	}
}

func TestDeploy_names_what_failed_first_and_not_what_was_cancelled(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		w.FailResource(name, "Network", fakeaws.Failure{Operation: "CREATE", Reason: "The maximum number of VPCs has been reached.", After: 2 * time.Second})
		began := time.Now()
		stack, _, err := w.client.Deploy(t.Context(), deployment(network))
		want := "create stack hello-pr-7: Network (AWS::EC2::VPC): The maximum number of VPCs has been reached."
		if err == nil || err.Error() != want {
			t.Fatalf("Deploy = %v\nwant %s", err, want)
		}
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("Deploy took %s, want it to end within 3s of the failure, which is 3s after the beginning", took)
		}
		if stack.ID == "" {
			t.Error("the stack that failed has no ID")
		}
		if failed, ok := errors.AsType[*cfn.FailedError](err); !ok || failed.NextStep != cfn.RollingBack {
			t.Errorf("Deploy = %#v, want it to say that the stack is rolled back", err)
		}
	})
}

// The event of the resource that failed may appear after the events of the resources that were
// cancelled because of it.
func TestDeploy_names_what_failed_first_when_its_event_is_late(t *testing.T) {
	late := func(logicalID, status string) time.Duration {
		if logicalID == "Network" && status == "CREATE_FAILED" {
			return 2 * time.Second
		}
		return 0
	}
	inBubble(t, fakeaws.Options{EventDelay: late}, func(t *testing.T, w *env) {
		w.FailResource(name, "Network", fakeaws.Failure{Operation: "CREATE", Reason: "No.", After: time.Second})
		_, _, err := w.client.Deploy(t.Context(), deployment(network))
		want := "create stack hello-pr-7: Network (AWS::EC2::VPC): No."
		if err == nil || err.Error() != want {
			t.Errorf("Deploy = %v\nwant %s", err, want)
		}
	})
}

func TestDeploy_reports_an_update_that_is_rolled_back_as_failed(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		w.deploy(t, deployment(network), cfn.Created)
		w.FailResource(name, "Logs", fakeaws.Failure{Operation: "UPDATE", Reason: "No.", Times: 1})
		d := deployment(network)
		d.Parameters = map[string]string{"Retention": "14"}
		_, _, err := w.client.Deploy(t.Context(), d)
		want := "update stack hello-pr-7: Logs (AWS::EC2::RouteTable): No."
		if err == nil || err.Error() != want {
			t.Errorf("Deploy = %v\nwant %s", err, want)
		}
	})
}

func TestDeploy_refused_by_CloudFormation_says_its_words_alone(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		_, _, err := w.client.Deploy(t.Context(), deployment("Resources: {}"))
		want := "create stack hello-pr-7: Template format error: At least one Resources member must be defined."
		if err == nil || err.Error() != want {
			t.Errorf("Deploy = %v\nwant %s", err, want)
		}
	})
}

func TestDeploy_ends_with_the_contexts_cause(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		cause := errors.New("not at rest after 5s")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Second, cause)
		defer cancel()
		began := time.Now()
		if _, _, err := w.client.Deploy(ctx, deployment(network)); !errors.Is(err, cause) {
			t.Errorf("Deploy = %v, want %v", err, cause)
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("Deploy ended after %v, want 5s", took)
		}
	})
}

// The answer to a call is lost, the SDK repeats the call, and CloudFormation refuses the token because it
// has it already. The operation runs, so the deployment must not fail.
func TestDeploy_continues_if_its_token_is_in_use(t *testing.T) {
	for operation, want := range map[string]cfn.Outcome{"CreateStack": cfn.Created, "UpdateStack": cfn.Updated} {
		t.Run(operation, func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				d := deployment(network)
				if operation == "UpdateStack" {
					w.deploy(t, d, cfn.Created)
					d.Parameters = map[string]string{"Retention": "14"}
				}
				w.Inject(fakeaws.Fault{Operation: operation, Times: 1, Lost: true})
				w.Inject(fakeaws.Fault{Operation: operation, Times: 1, Code: "TokenAlreadyExistsException", Message: "A client request token already exists"})
				stack := w.deploy(t, d, want)
				if stack.Outputs["Network"] == "" || cfn.InProgress(stack.Status) {
					t.Errorf("Deploy = %+v, want the complete stack", stack)
				}
			})
		})
	}
}
