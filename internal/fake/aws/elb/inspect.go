package elb

import (
	"slices"
	"strings"
)

// WeightsOf returns to which target groups, by ARN, the rules that are for exactly this host forward, as they
// were last asked to.
func (e *ELB) WeightsOf(host string) map[string]int {
	weights := map[string]int{}
	for _, b := range e.balancers {
		for _, l := range b.listeners {
			for _, r := range l.rules {
				if !slices.ContainsFunc(r.conditions, func(c condition) bool { return c.field == "host-header" && slices.Equal(c.values, []string{host}) }) {
					continue
				}
				for _, a := range r.actions {
					if a.forward == nil {
						continue
					}
					for _, g := range a.forward.groups {
						weights[g.arn] = g.weight
					}
				}
			}
		}
	}
	return weights
}

// BalancerOf returns the ARN of the load balancer of a DNS name, or "".
func (e *ELB) BalancerOf(name string) string {
	for _, b := range e.balancers {
		if strings.EqualFold(b.host, name) {
			return b.arn
		}
	}
	return ""
}
