package rollout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/ecs"
	"pr-stack/internal/elb"
	"pr-stack/internal/hint"
	"pr-stack/internal/lambda"
	"pr-stack/internal/poll"
	"pr-stack/internal/probe"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// Want is what has to be proved about a stack.
type Want struct {
	Stack  cfn.Stack
	Image  string // that the services must run, as the task definition names it; "": any
	Digest string // of that image; "" if its name has none
	URL    string // that must answer; "" if the stack has none
	Path   string // the path to request at URL
	// Timeout is how long the proof may take.
	Timeout time.Duration
	// Replaced reports whether another run has changed the stack since it was applied. It is given
	// the current stack. CloudFormation may return an old description, so a change can be visible in
	// the stack's resources before Replaced reports it.
	Replaced func(cfn.Stack) bool
	Inputs   diagnosis.Inputs
	Access   Access
	made     map[string]string // physical IDs of the workloads that CloudFormation reported, by logical ID
	isNew    bool              // the stack was created, so that no older task can be asked
	token    bool              // URL asks for a token that the run does not have
	steady   time.Duration     // for how long URL was seen to answer without an error
}

// ErrReplaced means that another run has changed or deleted the stack since it was applied.
var ErrReplaced = errors.New("another run has changed or deleted the stack meanwhile")

// errNotReady means that the time for becoming ready is over. The text before it says what is missing.
var errNotReady = errors.New("not ready in time")

const (
	// StaleAfter is how long a check of an environment stays valid. Another run may change the
	// environment after the check.
	StaleAfter = 10 * time.Second
	// listLag is how long CloudFormation's list of resources may be older than its events.
	listLag = 30 * time.Second
	// maxChecks is how often everything is checked at most. It is checked again if the checks took
	// so long that the first of them may be stale.
	maxChecks = 3
)

// Prove waits until the promise of a green job holds: the services' deployments are complete and run
// the image in the stack's own task definition, their tasks are healthy behind the load balancer,
// and the URL answers. A complete stack proves none of these. A service or URL that the stack does
// not have is not proved, and the Proof says so.
//
// The error is a *Diagnosed if the cause was found. It wraps ErrReplaced if another run changed or
// deleted the stack.
func (c Clients) Prove(ctx context.Context, want Want) (Proof, error) {
	return runner.Phase(c.Log, c.Times, "URL", "Wait until the new code answers", func(part *timeline.Part) (Proof, error) {
		proof, err := c.prove(ctx, part, want)
		if err != nil {
			return proof, err
		}
		if want.Image != "" {
			c.Log.Line("  image: %s", want.Image)
		}
		c.Log.Line("  proved: %s", proof)
		for _, missing := range proof.Unchecked() {
			c.Log.Warning("not proved", missing)
		}
		part.Note("checked")
		return proof, nil
	})
}

func (c Clients) prove(ctx context.Context, part *timeline.Part, want Want) (Proof, error) {
	limited, cancel := context.WithTimeoutCause(ctx, want.Timeout, fmt.Errorf("%w: %s were given", errNotReady, timeline.Duration(want.Timeout)))
	defer cancel()
	var proof Proof
	var err error
	for range maxChecks {
		began := time.Now()
		proof, err = c.check(limited, part, want)
		if err != nil || time.Since(began) < StaleAfter {
			break
		}
		want.steady = proof.want.steady // which need not be seen a second time
	}
	switch {
	case err == nil:
		return proof, nil
	case ctx.Err() != nil:
		return Proof{}, err
	case errors.Is(err, ErrReplaced):
		return Proof{}, err
	case errors.Is(err, ecs.ErrGone), errors.Is(err, elb.ErrGone), errors.Is(err, lambda.ErrGone):
		return Proof{}, fmt.Errorf("%w: %w", ErrReplaced, err)
	case c.replaced(ctx, want.Stack.ID, want.Replaced):
		return Proof{}, fmt.Errorf("%w: %w", ErrReplaced, err)
	case errors.Is(err, errNotReady):
		return Proof{}, c.explainNotReady(ctx, want, err)
	}
	return Proof{}, err
}

// check checks everything once, one thing after the other.
func (c Clients) check(ctx context.Context, part *timeline.Part, want Want) (Proof, error) {
	found, err := c.list(ctx, want)
	if err != nil {
		return Proof{}, err
	}
	seen, err := c.running(ctx, found, want)
	if err != nil {
		return Proof{}, err
	}
	for id, starts := range seen.Starts {
		recordTask(part, id, starts)
	}
	if len(seen.Foreign) > 0 { // CodeDeploy, for example, leaves one target group of two empty
		found.groups = nil
	}
	busy := slices.DeleteFunc(slices.Clone(found.groups), seen.isIdle)
	unasked := want.URL != "" && (seen.allIdle() || len(found.groups) > 0 && len(busy) == 0 && len(found.apis) == 0)
	if unasked {
		want.URL = ""
	}
	if busy, err = c.serving(ctx, busy, seen); err != nil {
		return Proof{}, err
	}
	for _, g := range busy {
		if seen, err = g.Ready(ctx, seen); err != nil {
			return Proof{}, err
		}
	}
	if want.URL != "" && !want.Access.Limited {
		want.token = want.Access.SignIn && len(found.apis) > 0
		expect := probe.Expect{Token: want.token}
		if want.steady == 0 {
			expect.Steady = steady(found, seen, want)
		}
		if err := c.ask(ctx, found, expect, want); err != nil {
			return Proof{}, err
		}
		want.steady = max(want.steady, expect.Steady)
	}
	if err := c.checkSignIn(ctx, want); err != nil {
		return Proof{}, err
	}
	return Proof{want: want, seen: seen, ownTaskDefinition: len(found.taskDefinitions) > 0, unasked: unasked}, nil
}

// list returns the stack's workloads. CloudFormation's list of resources may be older than the events
// that made the stack complete: it may lack a service, or have the task definition that was replaced. So
// list asks again, for a while, until the list agrees with the events.
func (c Clients) list(ctx context.Context, want Want) (workloads, error) {
	began := time.Now()
	waiting := poll.Reporter{Logf: c.Log.Line}
	for round := range poll.Every(ctx, 2*time.Second) {
		found, err := c.workloads(ctx, want.Stack.ID)
		stale := errors.Is(err, cfn.ErrNotFound) || err == nil && !found.have(want.made)
		if !stale || time.Since(began) >= listLag {
			return found, err
		}
		if round > 0 && c.replaced(ctx, want.Stack.ID, want.Replaced) {
			return workloads{}, ErrReplaced
		}
		waiting.Waiting("  waiting until CloudFormation lists all resources of stack %s", want.Stack.Name)
	}
	return workloads{}, context.Cause(ctx)
}

// running waits until all services are complete and run what is wanted. ECS can report a service as
// complete before it shows the new deployment, so running asks again if the service runs something
// else.
func (c Clients) running(ctx context.Context, found workloads, want Want) (Seen, error) {
	missing := ""
	waiting := poll.Reporter{Logf: c.Log.Line}
	for round := range poll.Every(ctx, 2*time.Second) {
		seen := Seen{Starts: map[string][]ecs.Start{}}
		var err error
		for _, s := range slices.Concat(found.services, found.functions) {
			if seen, err = s.Ready(ctx, seen); err != nil {
				break
			}
		}
		if err != nil && ctx.Err() != nil && missing != "" {
			break // the time ended while asking again: report what was missing before
		}
		if err != nil {
			return Seen{}, err
		}
		missing = lacking(seen, found, want)
		if missing == "" && len(seen.Idle) > 0 && round == 0 {
			continue // ECS may still show that none was desired before
		}
		if missing == "" {
			return seen, nil
		}
		waiting.Waiting("%s", missing)
		if round > 0 && round%3 == 0 && c.replaced(ctx, want.Stack.ID, want.Replaced) {
			return Seen{}, ErrReplaced
		}
	}
	err := fmt.Errorf("%s: %w", cmp.Or(missing, "a service wants no task"), context.Cause(ctx))
	if len(found.services) == 0 {
		return Seen{}, hint.Wrap(err, otherImageHint)
	}
	return Seen{}, hint.Wrap(err, "see the service's events in the ECS console, and run the job again; if another tool also deploys to this service, take the service out of this stack")
}

// lacking returns how the running services differ from what is wanted, or "" if they do not. A service
// that something other than ECS deploys to may run the image, or one that is scaled to 0 may be the one for it.
func lacking(seen Seen, found workloads, want Want) string {
	if len(found.services) == 0 && len(seen.Functions) == 0 {
		return ""
	}
	mayRunElsewhere := len(seen.Foreign)+len(seen.Idle) > 0
	if want.Image != "" && !mayRunElsewhere && !seen.runsImage(want) {
		if len(found.services) == 0 {
			return fmt.Sprintf("no function runs image %s", want.Image)
		}
		return fmt.Sprintf("no running task is of image %s", want.Image)
	}
	for _, arn := range seen.Running.TaskDefinitions {
		if len(found.taskDefinitions) > 0 && !slices.Contains(found.taskDefinitions, arn) {
			return fmt.Sprintf("a service runs task definition %s, which is not the stack's", short(arn))
		}
	}
	return ""
}

// replaced reports whether another run has changed or deleted the stack. The function changed decides
// this from the current stack. If the stack cannot be read, replaced reports false.
func (c Clients) replaced(ctx context.Context, stackID string, changed func(cfn.Stack) bool) bool {
	if ctx.Err() != nil || stackID == "" {
		return false
	}
	stack, err := c.stacks(nil).Describe(ctx, stackID)
	switch {
	case err != nil: // also ErrNotFound: CloudFormation finds a deleted stack by its ID
		return false
	case stack.Status == types.StackStatusDeleteInProgress, stack.Status == types.StackStatusDeleteComplete:
		return true
	}
	return changed(stack)
}

// address joins the path to a URL. The URL may already have a path.
func address(url, path string) string {
	return strings.TrimRight(url, "/") + "/" + strings.TrimLeft(path, "/")
}

// short returns the end of an ARN: family and revision of a task definition.
func short(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

// digest returns the digest in an image's name, or "" if there is none.
func digest(image string) string {
	_, digest, _ := strings.Cut(image, "@")
	return digest
}
