package rollout

import (
	"context"
	"errors"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"pr-stack/internal/cfn"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/elb"
)

// Listener is what a listener that environments share has.
type Listener struct {
	hosts        map[int][]string // of its rules, by priority
	targetGroups int
}

// Listener reads the rules of a listener that environments share.
func (c Clients) Listener(ctx context.Context, arn string) (Listener, error) {
	rules, err := elb.Listener{API: c.ELB, ARN: arn}.Rules(ctx)
	l := Listener{hosts: map[int][]string{}}
	var groups []string
	for _, r := range rules {
		l.hosts[r.Priority] = r.Hosts
		groups = append(groups, r.TargetGroups...)
	}
	slices.Sort(groups)
	l.targetGroups = len(slices.Compact(groups))
	return l, err
}

// Taken reports whether a rule for another host has the priority.
func (l Listener) Taken(priority int, host string) bool {
	hosts, taken := l.hosts[priority]
	return taken && !slices.Contains(hosts, host)
}

// Has reports whether a rule is for the host.
func (l Listener) Has(host string) bool {
	for _, hosts := range l.hosts {
		if slices.Contains(hosts, host) {
			return true
		}
	}
	return false
}

// Used returns how much of a load balancer's quota is used: of target groups or of rules, whichever is
// more. It may have 100 of each.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
func (l Listener) Used() int { return max(l.targetGroups, len(l.hosts)) }

// priorityTaken is how ELB refuses a rule. Older handlers wrote the code behind it, and one of 2023
// another text (stelligent/mu#324, copilot-cli#4532).
var priorityTaken = regexp.MustCompile(`Priority '?\d+'? is currently in use|PriorityInUse|One or more priorities not found`)

// PriorityTaken reports whether a deployment failed because another rule on the listener has the
// priority.
func PriorityTaken(err error) bool {
	failed, ok := errors.AsType[*cfn.FailedError](err)
	return ok && slices.ContainsFunc(append(failed.All, failed.Cause), func(e cfn.Event) bool {
		return e.Type == "AWS::ElasticLoadBalancingV2::ListenerRule" && priorityTaken.MatchString(e.Reason)
	})
}

// otherHosts returns the hosts that the stack's rules are for if the URL's is none of them.
func (c Clients) otherHosts(ctx context.Context, found workloads, address string) diagnosis.Rule {
	u, err := url.Parse(address)
	if err != nil || len(found.rules) == 0 || address == "" {
		return diagnosis.Rule{}
	}
	rules, err := elb.Rules(ctx, c.ELB, found.rules)
	if err != nil {
		return diagnosis.Rule{}
	}
	var hosts []string
	for _, r := range rules {
		fits := func(host string) bool {
			matches, _ := path.Match(strings.ToLower(host), strings.ToLower(u.Hostname()))
			return matches
		}
		if len(r.Hosts) == 0 || slices.ContainsFunc(r.Hosts, fits) {
			return diagnosis.Rule{}
		}
		hosts = append(hosts, r.Hosts...)
	}
	return diagnosis.Rule{URLHost: u.Hostname(), Hosts: hosts}
}
