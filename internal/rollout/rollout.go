// Package rollout brings a stack to a wanted state and proves that its content works: it applies
// the template, watches what CloudFormation does not see, waits until the new code answers, and
// explains what went wrong. Its caller decides whether a stack may be changed at all, and publishes
// the result.
package rollout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"

	"pr-stack/internal/awsconfig"
	"pr-stack/internal/cfn"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/hint"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// Clients holds the services that a rollout calls, and the log that it writes to. All fields but HTTP
// must be set.
type Clients struct {
	CloudFormation *cloudformation.Client
	ECS            *ecs.Client
	ELB            *elbv2.Client
	Lambda         *lambda.Client
	APIGateway     *apigatewayv2.Client
	CloudMap       *servicediscovery.Client
	Logs           *cloudwatchlogs.Client
	HTTP           http.RoundTripper // for the URL; nil is the default one
	Log            *runner.Log
	Times          *timeline.Recorder
}

// Spec is the wanted state of a stack, and how to reach it.
type Spec struct {
	Name       string
	Plan       Plan
	Tags       map[string]string
	RoleARN    string          // the role that CloudFormation assumes; "" for the caller's own rights
	Timeout    time.Duration   // for CloudFormation; 0: none was given
	OnFailure  types.OnFailure // of a new stack; an update that fails is always rolled back
	Disposable bool            // the stack may be deleted if no update is possible
	Protect    bool            // turn the stack's termination protection on as soon as it is complete
	// Allow is called directly before each change, with the current stack, or with a zero Stack if
	// there is none. If it returns an error, the rollout ends and Apply returns that error.
	Allow  func(context.Context, cfn.Stack) error
	Inputs diagnosis.Inputs
	Tasks  Tasks

	title string   // of the phase; "": that the stack is deployed
	keep  []string // the parameters that an update does not change
}

// defaultTimeout is how long CloudFormation may take unless the user says otherwise. A first stack
// takes five to eight minutes; a service that never settles would take CloudFormation three hours.
const defaultTimeout = 30 * time.Minute

// ErrTimedOut means that CloudFormation was still at work when the time was up, and continues.
var ErrTimedOut = errors.New("timed out")

// Apply creates or updates a stack and returns it when CloudFormation is done. Its error explains
// why the operation failed, and comes as soon as that is known. If the time is up, the error names
// the resources that are still in progress.
func (c Clients) Apply(ctx context.Context, spec Spec) (Applied, error) {
	return runner.Phase(c.Log, c.Times, "Stack", cmp.Or(spec.title, "Deploy stack "+spec.Name), func(part *timeline.Part) (Applied, error) {
		applied, err := c.apply(ctx, part, spec)
		part.Note(string(applied.Outcome))
		return applied, err
	})
}

// Applied is a stack, and what was done to it. After an error it holds what is known of both.
type Applied struct {
	Stack   cfn.Stack
	Outcome cfn.Outcome
	made    map[string]string // physical IDs of the workloads that were created or updated, by logical ID
}

func (c Clients) apply(ctx context.Context, part *timeline.Part, spec Spec) (Applied, error) {
	ctx, cancel, late := spec.limited(ctx)
	defer cancel()

	events := &events{logf: c.Log.Line, part: part}
	defer events.close()
	deployment := spec.deployment()
	deployment.Watch = c.watch(spec.Inputs)
	stack, outcome, err := c.stacks(events).Deploy(ctx, deployment)
	failed, isFailure := errors.AsType[*cfn.FailedError](err)
	switch {
	case isFailure && failed.Explanation != nil:
		err = withNextStep(failed)
	case err != nil && errors.Is(err, ErrTimedOut):
		if pending := events.pending(); pending != "" {
			advice := late.Hint
			if strings.Contains(pending, "AWS::CertificateManager::Certificate") {
				advice = "the certificate is in PENDING_VALIDATION until its record in the hosted zone can be seen by everyone: " +
					"give the domain the name servers of that zone, at its registrar or in the zone above; " + advice
			}
			err = &hint.Error{Message: late.Message + "; still in progress: " + pending, Hint: advice, Cause: err}
		}
	case err != nil && ctx.Err() == nil && len(hint.Of(err)) == 0: // CloudFormation refused the call itself
		if advice := diagnosis.Explain(diagnosis.Facts{Reason: awsconfig.Message(awsconfig.Innermost(err))}).Hint; advice != "" {
			err = hint.Wrap(err, advice)
		}
	}
	return Applied{stack, outcome, events.made}, err
}

// limited returns a context that ends when CloudFormation has had enough time, and with which error.
func (s Spec) limited(ctx context.Context) (context.Context, context.CancelFunc, *hint.Error) {
	limit := cmp.Or(s.Timeout, defaultTimeout)
	late := hint.New("CloudFormation continues with it: run the job again, or raise timeout-in-minutes",
		"deploy stack %s: not complete after %s", s.Name, timeline.Duration(limit))
	late.Cause = ErrTimedOut
	ctx, cancel := context.WithTimeoutCause(ctx, limit, late)
	return ctx, cancel, late
}

func (s Spec) deployment() cfn.Deployment {
	return cfn.Deployment{
		StackName:     s.Name,
		Template:      s.Plan.Template,
		Parameters:    s.Plan.Parameters,
		Keep:          s.keep,
		Tags:          s.Tags,
		Capabilities:  s.Plan.Capabilities,
		RoleARN:       s.RoleARN,
		CreateTimeout: s.Timeout,
		OnFailure:     s.OnFailure,
		Disposable:    s.Disposable,
		Allow:         s.Allow,
	}
}

// Delete deletes a stack, and shows what happens to it.
func (c Clients) Delete(ctx context.Context, name string, d cfn.Deletion) error {
	_, err := runner.Phase(c.Log, c.Times, "Stack", "Delete stack "+name, func(part *timeline.Part) (struct{}, error) {
		events := &events{logf: c.Log.Line, part: part}
		defer events.close()
		part.Note("deleted")
		d.OnLeft = func(e cfn.Event) { c.Log.Warning("left behind in the account", leftBehind(e)) }
		return struct{}{}, c.stacks(events).Delete(ctx, d)
	})
	return err
}

// leftBehind says what a deletion has left in the account, and what to do about it.
func leftBehind(e cfn.Event) string {
	what := e.Type + " " + e.PhysicalID + " could not be deleted with its stack"
	if e.Type == "AWS::S3::Bucket" && strings.Contains(e.Reason, "is not empty") {
		return what + ", because it is not empty: empty and delete it by hand. A command in before-destroy can empty it each time"
	}
	return what + ": " + strings.TrimSpace(e.Reason)
}

func (c Clients) stacks(events *events) *cfn.Client {
	client := &cfn.Client{API: c.CloudFormation, Logf: c.Log.Line}
	if events != nil {
		client.OnEvent = events.show
	}
	return client
}

// names returns the resources in a map as a list for a person, without the stack itself.
func names(resources map[string]cfn.Event) string {
	var list []string
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		if e := resources[id]; !e.OfStack() {
			list = append(list, fmt.Sprintf("%s (%s)", e.LogicalID, e.Type))
		}
	}
	return strings.Join(list, ", ")
}
