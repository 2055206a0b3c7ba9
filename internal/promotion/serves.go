package promotion

import (
	"context"
	"strings"

	"pr-stack/internal/cfn"
	"pr-stack/internal/elb"
	"pr-stack/internal/release"
	"pr-stack/internal/route53"
)

// Serves reports whether a stack gets requests according to the weights, by its resources. A Traffic of
// other stacks, or of none, may have read them: it names a stack that it does not know by an ARN or a DNS
// name. Before a stack is deleted, this is what says whether production needs it, whatever its tags say.
func (c Clients) Serves(ctx context.Context, live release.Weights, stack string, resources []cfn.Resource) (bool, error) {
	if live[stack] > 0 {
		return true, nil
	}
	for _, r := range resources {
		switch r.Type {
		case "AWS::ElasticLoadBalancingV2::TargetGroup":
			if live[r.PhysicalID] > 0 {
				return true, nil
			}
		case "AWS::ElasticLoadBalancingV2::LoadBalancer":
			hosts := hostsOf(live)
			if len(hosts) == 0 {
				continue
			}
			address, err := elb.AddressOf(ctx, c.ELB, r.PhysicalID)
			if err != nil {
				return false, err
			}
			for _, host := range hosts {
				if route53.SameHost(host, address.Host) {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

// hostsOf returns the DNS names among those that get requests. A stack's name has no full stop.
func hostsOf(live release.Weights) (hosts []string) {
	for key, percent := range live {
		if percent > 0 && strings.Contains(key, ".") && !strings.HasPrefix(key, "arn:") {
			hosts = append(hosts, key)
		}
	}
	return hosts
}
