package elb

import (
	"fmt"
	"net/http"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// Functions are the account's functions, as targets. Functions and target groups are given by their ARNs.
type Functions struct {
	// Invocable reports whether Elastic Load Balancing may invoke a function for a target group.
	Invocable func(function, targetGroup string) bool
	// Handler returns what answers with a function.
	Handler func(function, targetGroup string) http.Handler
}

// ConnectFunctions makes functions known, so that they can be targets.
func (e *ELB) ConnectFunctions(f Functions) { e.functions = f }

// healthCheckDisabled is the reason of a target whose group has no health checks, as one of a function has
// by default. It gets requests, too.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
const healthCheckDisabled = "Target.HealthCheckDisabled"

func (t *Target) takesRequests() bool { return t.State == "healthy" || t.reason == healthCheckDisabled }

// registerFunctions registers the function of a target group of type lambda. Elastic Load Balancing looks
// at once whether it may invoke the function (aws-cdk#4663, ansible#52253).
func (e *ELB) registerFunctions(g *TargetGroup, p map[string]any) error {
	if property.Text(p["TargetType"]) != "lambda" {
		return nil
	}
	g.targets = nil
	for _, target := range property.List(p["Targets"]) {
		arn := property.Text(property.Object(target)["Id"])
		if e.functions.Invocable == nil || !e.functions.Invocable(arn, g.ARN) {
			return cloudformation.HandlerError(e.account, fmt.Sprintf("elasticloadbalancing principal does not have permission "+
				"to invoke %s from target group %s (Service: ElasticLoadBalancingV2, Status Code: 403, Request ID: %s) "+
				"(SDK Attempt Count: 1)", arn, g.ARN, e.account.UUID()), "AccessDenied")
		}
		g.targets = append(g.targets, &Target{
			backend: &functionTarget{arn, e.functions.Handler(arn, g.ARN)},
			State:   "unavailable", reason: healthCheckDisabled, Description: "Health checks are disabled",
		})
	}
	return nil
}

// functionTarget is a function behind a load balancer.
type functionTarget struct {
	arn     string
	handler http.Handler
}

func (f *functionTarget) Address() string                 { return f.arn }
func (f *functionTarget) Listens(int) bool                { return true }
func (f *functionTarget) Hangs() bool                     { return false }
func (f *functionTarget) Handler() http.Handler           { return f.handler }
func (f *functionTarget) Healthy()                        {}
func (f *functionTarget) Unhealthy(*TargetGroup, *Target) {}
