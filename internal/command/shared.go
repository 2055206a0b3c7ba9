package command

import (
	"context"
	"fmt"
	"strconv"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/hint"
	"pr-stack/internal/policy"
	"pr-stack/internal/rollout"
	"pr-stack/internal/template"
)

// priorityParameter is the priority of an environment's rule on the listener that environments share.
const priorityParameter = "ListenerRulePriority"

// maxPriorityTries is how often a stack is deployed at most if another rule takes its priority meanwhile.
const maxPriorityTries = 3

// sharedRule is an environment's rule on the listener that environments share.
type sharedRule struct {
	job      config.Deploy
	listener string // ARN
	host     string
	first    int // the priorities of this service are above it
	kept     int // the priority that the environment's stack has; 0 if it has none
	tried    map[int]bool
}

// newSharedRule returns nil if the stack will have no such rule, or if the user chose its priority.
func newSharedRule(job config.Deploy, base map[string]string, existing cfn.Stack, plan rollout.Plan) *sharedRule {
	_, chosen := job.ParameterOverrides[priorityParameter]
	if _, declared := plan.Parameters[priorityParameter]; chosen || !declared {
		return nil
	}
	r := &sharedRule{job: job, listener: plan.Parameters["HttpsListenerArn"], host: plan.Parameters["Hostname"], tried: map[int]bool{}}
	r.first = firstPriority(base)
	if existing.Parameters[template.IngressParameter] == string(config.SharedLB) {
		r.kept, _ = strconv.Atoi(existing.Parameters[priorityParameter])
	}
	return r
}

// place returns the plan with a priority that is free. It skips a new environment of a pull request if
// the load balancer is nearly full: the last places are for permanent environments, and for what is
// deployed at this moment.
func (r *sharedRule) place(ctx context.Context, plan rollout.Plan, with deployClients) (rollout.Plan, *policy.Skip, error) {
	if r == nil {
		return plan, nil, nil
	}
	listener, err := with.rollout.Listener(ctx, r.listener)
	if err != nil {
		return plan, nil, err
	}
	if skip := policy.SharedLimit(listener.Used(), r.job.Environment.PullRequest == 0 || listener.Has(r.host)); skip != nil && len(r.tried) == 0 {
		return plan, skip, nil
	}
	taken := func(priority int) bool { return r.tried[priority] || listener.Taken(priority, r.host) }
	priority, ok := r.kept, true
	if priority == 0 || taken(priority) {
		priority, ok = r.job.Environment.RulePriority(r.first, taken)
	}
	if !ok {
		return plan, nil, hint.New("remove rules that are not needed from the listener, or set "+priorityParameter+" in parameter-overrides",
			"no priority is free for the rule of %s on the shared listener", r.host)
	}
	r.tried[priority] = true
	return plan.With(priorityParameter, strconv.Itoa(priority)), nil, nil
}

// bringUp brings the stack up, with another priority if the one of the plan is taken at the last moment.
// It returns the plan that was deployed.
func (r *sharedRule) bringUp(
	ctx context.Context, plan rollout.Plan, existing cfn.Stack, with deployClients, job config.Deploy,
) (rollout.Release, rollout.Plan, error) {
	for try := 1; ; try++ {
		release, err := with.bringUp(ctx, job, spec(job, plan, existing, with), rollout.Goal{
			Path: job.HealthCheckPath, Timeout: job.HealthCheckTimeout, Replaced: replaced(plan), Access: accessOf(plan),
		})
		if r == nil || try == maxPriorityTries || ctx.Err() != nil || !rollout.PriorityTaken(err) {
			return release, plan, err
		}
		taken := plan.Parameters[priorityParameter]
		next, _, placing := r.place(ctx, plan, with)
		if placing != nil {
			return release, plan, err
		}
		plan = next
		with.log.Line("%s", fmt.Sprintf("Another rule on the shared listener has priority %s: deploying again with %s.", taken, plan.Parameters[priorityParameter]))
	}
}
