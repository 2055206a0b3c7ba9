package elb

import (
	"slices"
	"strings"
)

// Healthy reports whether the load balancer of a DNS name is healthy, as Route 53 sees it: each of its
// target groups has a healthy target. One without any target is not healthy.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-alias-common.html
func (e *ELB) Healthy(host string) bool {
	for _, b := range e.balancers {
		if !strings.EqualFold(b.host, host) {
			continue
		}
		unhealthy := func(arn string) bool {
			g := e.groups[arn]
			return g == nil || !slices.ContainsFunc(g.targets, (*Target).takesRequests)
		}
		return b.active && !slices.ContainsFunc(e.used(b), unhealthy)
	}
	return false
}
