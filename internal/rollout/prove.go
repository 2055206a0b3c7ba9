package rollout

import (
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
	Path   string // to ask there
	// Timeout is how long it may take.
	Timeout time.Duration
	// Replaced reports whether another run has changed the stack since, by the stack as it is now.
	// What is in a stack shows that sooner than the stack, of which a read may be old.
	Replaced func(cfn.Stack) bool
	Inputs   diagnosis.Inputs
}

// ErrReplaced means that another run has changed or deleted the stack since it was applied.
var ErrReplaced = errors.New("another run has changed the stack since")

// errNotReady is why readiness is given up; what is missing is said before it.
var errNotReady = errors.New("not ready in time")

const (
	// StaleAfter is how long what was seen of an environment counts. Another run may have changed it
	// since.
	StaleAfter = 10 * time.Second
	// maxChecks is how often everything is checked, if the checks took so long that the earliest
	// may be stale.
	maxChecks = 3
)

// Prove waits until the promise of a green job holds: the services' deployments are complete and run
// the image in the stack's own task definition, their tasks are healthy behind the load balancer,
// and the URL answers. That a stack is complete is not enough for any of these. What the stack has
// none of is not proved, and the Proof says so.
//
// The error is a *Diagnosed if the cause was found, or wraps ErrReplaced.
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
	}
	switch {
	case err == nil:
		return proof, nil
	case ctx.Err() != nil:
		return Proof{}, err
	case errors.Is(err, ecs.ErrGone), errors.Is(err, elb.ErrGone), errors.Is(err, ErrReplaced):
		return Proof{}, fmt.Errorf("%w: %w", ErrReplaced, err)
	case c.replaced(ctx, want.Stack.ID, want.Replaced):
		return Proof{}, fmt.Errorf("%w: %w", ErrReplaced, err)
	case errors.Is(err, errNotReady):
		return Proof{}, c.explainNotReady(ctx, want.Stack.ID, want.Inputs, err)
	}
	return Proof{}, err
}

// check sees everything once, one after the other.
func (c Clients) check(ctx context.Context, part *timeline.Part, want Want) (Proof, error) {
	found, err := c.workloads(ctx, want.Stack.ID)
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
	for _, g := range found.groups {
		if seen, err = g.Ready(ctx, seen); err != nil {
			return Proof{}, err
		}
	}
	if want.URL != "" {
		if err := probe.Wait(ctx, c.HTTP, address(want.URL, want.Path), c.Log.Line); err != nil {
			return Proof{}, err
		}
	}
	return Proof{want: want, seen: seen, ownTaskDefinition: len(found.taskDefinitions) > 0}, nil
}

// running waits until all services are complete and run what is wanted. A service can be complete
// before ECS shows its new deployment, so a complete one that runs something else is asked again.
func (c Clients) running(ctx context.Context, found workloads, want Want) (Seen, error) {
	missing := ""
	waiting := poll.Reporter{Logf: c.Log.Line}
	for round := range poll.Every(ctx, 2*time.Second) {
		seen := Seen{Starts: map[string][]ecs.Start{}}
		var err error
		for _, s := range found.services {
			if seen, err = s.Ready(ctx, seen); err != nil {
				break
			}
		}
		if err != nil && ctx.Err() != nil && missing != "" {
			break // the time ran out while asking again: what was missing before still is
		}
		if err != nil {
			return Seen{}, err
		}
		if missing = lacking(seen.Running, found, want); missing == "" {
			return seen, nil
		}
		waiting.Waiting("%s", missing)
		if round > 0 && round%3 == 0 && c.replaced(ctx, want.Stack.ID, want.Replaced) {
			return Seen{}, ErrReplaced
		}
	}
	err := fmt.Errorf("%s: %w", missing, context.Cause(ctx))
	return Seen{}, hint.Wrap(err, "see the service's events in the ECS console, and run the job again; a service that something else deploys to must not be in this stack")
}

// lacking says what the services should run and do not; "" if they do.
func lacking(running ecs.Running, found workloads, want Want) string {
	if len(found.services) == 0 {
		return ""
	}
	if want.Image != "" && !running.Runs(want.Image, want.Digest) {
		return fmt.Sprintf("no running task is of image %s", want.Image)
	}
	for _, arn := range running.TaskDefinitions {
		if len(found.taskDefinitions) > 0 && !slices.Contains(found.taskDefinitions, arn) {
			return fmt.Sprintf("a service runs task definition %s, which is not the stack's", short(arn))
		}
	}
	return ""
}

// replaced reports whether another run has changed or deleted the stack, which changed decides by the
// stack as it is now. It is false while that cannot be asked.
func (c Clients) replaced(ctx context.Context, stackID string, changed func(cfn.Stack) bool) bool {
	if ctx.Err() != nil || stackID == "" {
		return false
	}
	stack, err := c.stacks(nil).Describe(ctx, stackID)
	switch {
	case errors.Is(err, cfn.ErrNotFound):
		return true
	case err != nil:
		return false
	case stack.Status == types.StackStatusDeleteInProgress, stack.Status == types.StackStatusDeleteComplete:
		return true
	}
	return changed(stack)
}

// address joins the path to a URL, which may have one of its own.
func address(url, path string) string {
	return strings.TrimRight(url, "/") + "/" + strings.TrimLeft(path, "/")
}

// short is the end of an ARN: family and revision of a task definition.
func short(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

// digest is that of an image's name, or "".
func digest(image string) string {
	_, digest, _ := strings.Cut(image, "@")
	return digest
}
