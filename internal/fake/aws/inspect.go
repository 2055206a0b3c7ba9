package aws

import "maps"

// Backend is what requests for a host are sent to.
type Backend struct {
	Target        string // ARN of the target group, or DNS name of the load balancer
	Weight        int    // as it was last asked for
	Stack, Status string // that has made it, now; "" if none has, or if it is deleted
	Tasks         int    // that the stack's services are to run
}

// Backends returns what the rules that are for exactly this host, and its weighted records, lead to. Unlike
// an answer of the API, what it returns is never old.
func (a *AWS) Backends(host string) (list []Backend) {
	a.account.Lock()
	defer a.account.Unlock()
	a.account.Advance()
	targets := a.elb.WeightsOf(host)
	maps.Copy(targets, a.route53.WeightsOf(host))
	for target, weight := range targets {
		b := Backend{Target: target, Weight: weight}
		physicalID := target
		if arn := a.elb.BalancerOf(target); arn != "" {
			physicalID = arn
		}
		b.Stack, b.Status = a.stacks.Maker(physicalID)
		for _, arn := range a.stacks.Made(b.Stack, "AWS::ECS::Service") {
			b.Tasks += a.ecs.Desired(arn)
		}
		list = append(list, b)
	}
	return list
}

// StackNow returns the status of a stack and the values of its parameters; "" if there is none.
func (a *AWS) StackNow(name string) (status string, parameters map[string]string) {
	a.account.Lock()
	defer a.account.Unlock()
	a.account.Advance()
	return a.stacks.Now(name)
}

// Made returns the physical IDs of what a stack has of a type.
func (a *AWS) Made(stack, kind string) []string {
	a.account.Lock()
	defer a.account.Unlock()
	a.account.Advance()
	return a.stacks.Made(stack, kind)
}

// Tasks returns how many tasks the services of a stack are to run.
func (a *AWS) Tasks(stack string) (n int) {
	for _, arn := range a.Made(stack, "AWS::ECS::Service") {
		a.account.Lock()
		n += a.ecs.Desired(arn)
		a.account.Unlock()
	}
	return n
}

// Parameter returns the value of a parameter of the Parameter Store.
func (a *AWS) Parameter(name string) (value string, found bool) {
	a.account.Lock()
	defer a.account.Unlock()
	a.account.Advance()
	return a.store.Get(name)
}
