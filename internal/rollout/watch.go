package rollout

import (
	"context"
	"fmt"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/diagnosis"
)

// watch watches the ECS services of a stack while CloudFormation works on the stack. CloudFormation
// waits up to three hours for a service that cannot come up; the service's tasks show the problem
// within a minute or two.
type watch struct {
	workloads func(ctx context.Context, stackID string) (workloads, error)
	explain   func(ctx context.Context, failed *cfn.FailedError) error

	services []Workload
	listed   time.Time
	baseline map[string]bool // ECS deployments that were there before CloudFormation began
}

func (c Clients) watch(inputs diagnosis.Inputs) *watch {
	return &watch{workloads: c.workloads, explain: func(ctx context.Context, failed *cfn.FailedError) error {
		return c.explainFailure(ctx, failed, inputs)
	}}
}

// stuckService means that a service cannot come up, and that the operation should end early.
type stuckService struct{ trouble Trouble }

func (s *stuckService) Error() string {
	return fmt.Sprintf("%s (%s) cannot come up", s.trouble.Resource.LogicalID, s.trouble.Resource.Type)
}

// relistAfter is how often the stack's services are listed: CloudFormation may create or replace one
// during the watch.
const relistAfter = 10 * time.Second

// Before records the services' current deployments. Check then ignores their trouble. If an operation
// is in progress already, another run began it; Before then records none, and Check ignores nothing.
func (w *watch) Before(ctx context.Context, stack cfn.Stack) {
	w.baseline, w.services, w.listed = map[string]bool{}, nil, time.Time{}
	if stack.ID == "" || cfn.InProgress(stack.Status) {
		return
	}
	for _, s := range w.list(ctx, stack.ID) {
		if trouble, err := s.Trouble(ctx); err == nil {
			w.baseline[trouble.Deployment] = true
		}
	}
}

// Check returns a *stuckService if a service of the stack cannot come up any more. Errors are
// ignored: CloudFormation will eventually report the failure.
func (w *watch) Check(ctx context.Context, stackID string) error {
	for _, s := range w.list(ctx, stackID) {
		trouble, err := s.Trouble(ctx)
		if err == nil && trouble.Stuck && !w.baseline[trouble.Deployment] {
			return &stuckService{trouble: trouble}
		}
	}
	return nil
}

func (w *watch) list(ctx context.Context, stackID string) []Workload {
	if time.Since(w.listed) < relistAfter {
		return w.services
	}
	found, err := w.workloads(ctx, stackID)
	if err == nil {
		w.services, w.listed = found.services, time.Now()
	}
	return w.services
}

// Explain finds out why an operation failed, from the resources that still exist.
func (w *watch) Explain(ctx context.Context, failed *cfn.FailedError) error {
	return w.explain(ctx, failed)
}
