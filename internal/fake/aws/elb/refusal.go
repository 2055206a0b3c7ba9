package elb

import (
	"fmt"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/wire"
)

// refusal is why the API refuses a call, the code that the handler makes of it, and the API's own code.
// Its zero value means that it does not.
type refusal struct{ message, code, api string }

func (refusal) invalid(message string) refusal {
	return refusal{message, "InvalidRequest", "ValidationError"}
}

// The refusals of what does not exist.
var (
	noRule     = refusal{"One or more rules not found", "NotFound", "RuleNotFound"}
	noListener = refusal{"One or more listeners not found", "NotFound", "ListenerNotFound"}
	noGroup    = refusal{"One or more target groups not found", "NotFound", "TargetGroupNotFound"}
	noBalancer = refusal{"One or more load balancers not found", "NotFound", "LoadBalancerNotFound"}
)

// asAPI returns a refusal as the answer to a call.
func (r refusal) asAPI() error { return &wire.APIError{Code: r.api, Message: r.message} }

// inUse is PriorityInUse. The message is from stelligent/mu#324 and terraform#24239; that the handler
// makes AlreadyExists of it is inferred from what it does with ports that are in use (aws-cdk#34235).
func inUse(priority int) refusal {
	return refusal{fmt.Sprintf("Priority '%d' is currently in use", priority), "AlreadyExists", "PriorityInUse"}
}

// asHandler returns a refusal as the handler's error (aws-cdk#34235).
func (e *ELB) asHandler(r refusal) error {
	return cloudformation.HandlerError(e.account, fmt.Sprintf("%s (Service: ElasticLoadBalancingV2, Status Code: 400, Request ID: %s) (SDK Attempt Count: 1)",
		r.message, e.account.UUID()), r.code)
}

// The quotas of one load balancer. The first cannot be raised.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const (
	maxGroups = 100
	maxRules  = 100 // default rules do not count
)

// checkActions refuses a sign-in without HTTPS, in words that are inferred, and what forward.check refuses.
func checkActions(l *listener, actions []action) refusal {
	if l.protocol != "HTTPS" && slices.ContainsFunc(actions, func(a action) bool { return strings.HasPrefix(a.kind, "authenticate-") }) {
		return refusal{}.invalid("An action of type 'authenticate-oidc' is only supported on HTTPS listeners")
	}
	for _, a := range actions {
		if a.forward == nil {
			continue
		}
		if refused := a.forward.check(); refused != (refusal{}) {
			return refused
		}
	}
	return refusal{}
}

// checkGroups refuses target groups of other load balancers, and too many of them. The texts are from
// the API's users: TargetGroupAssociationLimit, TooManyUniqueTargetGroupsPerLoadBalancer.
func (e *ELB) checkGroups(b *balancer, actions []action) refusal {
	used := e.used(b)
	for _, arn := range groups(actions) {
		if e.groups[arn] == nil {
			return noGroup
		}
		for _, other := range e.balancers {
			if other != b && slices.Contains(e.used(other), arn) {
				return refusal{"The following target groups cannot be associated with more than one load balancer: " + arn,
					"ServiceLimitExceeded", "TargetGroupAssociationLimit"}
			}
		}
		if !slices.Contains(used, arn) && len(used) >= maxGroups {
			return refusal{"You have reached the maximum number of unique target groups that you can associate with a load balancer of type 'application': [100]",
				"ServiceLimitExceeded", "TooManyUniqueTargetGroupsPerLoadBalancer"}
		}
	}
	return refusal{}
}

// used returns the target groups that a load balancer forwards to.
func (e *ELB) used(b *balancer) (arns []string) {
	for _, l := range b.listeners {
		arns = append(arns, groups(l.defaults)...)
		for _, r := range l.rules {
			arns = append(arns, groups(r.actions)...)
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

// checkRules refuses one rule too many (aws-load-balancer-controller#1856).
func (e *ELB) checkRules(b *balancer) refusal {
	count := 0
	for _, l := range b.listeners {
		count += len(l.rules)
	}
	if count >= maxRules {
		return refusal{"The maximum number of rules on load balancer '" + b.arn + "' has been reached",
			"ServiceLimitExceeded", "TooManyRules"}
	}
	return refusal{}
}

// checkListener refuses a port that is in use (aws-cdk#34235), and HTTPS without a certificate that was
// validated (aws-secure-environment-accelerator#990).
func (e *ELB) checkListener(b *balancer, l *listener) refusal {
	for _, other := range b.listeners {
		if other.arn != l.arn && other.port == l.port {
			return refusal{"A listener already exists on this port for this load balancer '" + b.arn + "'",
				"AlreadyExists", "DuplicateListener"}
		}
	}
	if l.protocol == "HTTPS" && len(l.certificates) == 0 {
		return refusal{}.invalid("A certificate must be specified for HTTPS listeners")
	}
	for _, arn := range l.certificates {
		if !e.certificate(arn).Issued {
			return refusal{"The certificate '" + arn + "' must have a fully-qualified domain name, a supported signature, and a supported key size.",
				"InvalidRequest", "UnsupportedCertificate"}
		}
	}
	return checkActions(l, l.defaults)
}

// checkUnused refuses the deletion of a target group that a listener or a rule forwards to, also one of
// another stack or made by a call (terraform-provider-aws, deleting a target group). That the handler
// makes ResourceConflict of it is inferred.
func (e *ELB) checkUnused(g *TargetGroup) refusal {
	if g == nil || !e.Forwards(g) {
		return refusal{}
	}
	return refusal{"Target group '" + g.ARN + "' is currently in use by a listener or a rule", "ResourceConflict", "ResourceInUse"}
}
