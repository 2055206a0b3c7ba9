package command

import (
	"context"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/ecs"
)

// lookout watches the ECS services of a stack while CloudFormation works on it. CloudFormation waits for a service that
// cannot come up, for three hours if nothing stops it; the tasks tell within a minute or two.
type lookout struct {
	edges    *edges
	services []part
	listed   time.Time
	before   map[string]bool // deployments that were there before CloudFormation began
}

// part is a resource of the stack with a readiness of its own.
type part struct {
	cfn.Resource
	service ecs.Service
}

// doomed is a service that cannot come up.
type doomed struct {
	part    part
	trouble ecs.Trouble
}

func (d *doomed) Error() string { return d.part.LogicalID + " (" + d.part.Type + ") does not come up" }

// relist is how often it is asked which services the stack has: one is made, or replaced, while it is watched.
const relist = 10 * time.Second

// note is told of the stack before anything is done to it. What its services do already is then not held against what is
// done, unless that was begun by somebody else.
func (l *lookout) note(ctx context.Context, stack cfn.Stack) {
	l.before, l.services, l.listed = map[string]bool{}, nil, time.Time{}
	if stack.ID == "" || inProgress(stack) {
		return
	}
	for _, p := range l.list(ctx, stack.ID) {
		if trouble, err := p.service.Trouble(ctx); err == nil {
			l.before[trouble.Deployment] = true
		}
	}
}

// hopeless returns a *doomed if a service of the stack cannot come up any more. Whatever else goes wrong here is not said:
// CloudFormation comes to the same end, later.
func (l *lookout) hopeless(ctx context.Context, stackID string) error {
	for _, p := range l.list(ctx, stackID) {
		trouble, err := p.service.Trouble(ctx)
		if err == nil && trouble.Hopeless() && !l.before[trouble.Deployment] {
			return &doomed{part: p, trouble: trouble}
		}
	}
	return nil
}

func (l *lookout) list(ctx context.Context, stackID string) []part {
	if time.Since(l.listed) < relist {
		return l.services
	}
	services, _, err := l.edges.parts(ctx, stackID)
	if err == nil {
		l.services, l.listed = services, time.Now()
	}
	return l.services
}
