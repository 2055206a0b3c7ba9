package template

import "cmp"

// The values of the parameter Ingress, which says how requests reach an environment.
const (
	Dedicated = "dedicated" // by a load balancer of its own
	Shared    = "shared"    // by a rule on a load balancer that environments share
	API       = "api"       // by an HTTP API of its own
	None      = "none"      // not at all
)

// IngressParameter is the name of that parameter, and of the base stack's output with its default.
const IngressParameter = "Ingress"

// offers are the outputs of a base stack that offers an ingress. Every base stack offers the others.
var offers = map[string][]string{
	Shared: {"HttpsListenerArn", "LoadBalancerSecurityGroupId", "Domain"},
	API:    {"VpcLinkId", "VpcLinkSecurityGroupId", "NamespaceId"},
}

// Offers reports whether a base stack with these outputs has what environments with the ingress need.
func Offers(ingress string, base map[string]string) bool {
	for _, output := range offers[ingress] {
		if base[output] == "" {
			return false
		}
	}
	return true
}

// Ingress returns the ingress of an environment: the one that is asked for, else the base stack's
// default, else the one that every environment had before there was a choice.
func Ingress(asked string, base map[string]string) string {
	return cmp.Or(asked, base[IngressParameter], Dedicated)
}
