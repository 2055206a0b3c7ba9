package ecs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// canary is how requests move from one version of a service to the next with the strategy CANARY.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/canary-deployment.html
type canary struct {
	percent    float64
	canaryBake time.Duration // with that share
	bake       time.Duration // with all requests, before the old tasks are stopped
	pauses     []pauseHook
	groups     [2]string // ARNs of the target group and of the alternate one
	rule, role string    // ARNs
}

// pauseHook is a lifecycle hook of the type PAUSE.
type pauseHook struct {
	stages  []string
	timeout time.Duration
	action  string // CONTINUE or ROLLBACK
}

// readCanary returns nil for a service with another strategy. The defaults are those of the API
// reference: CanaryConfiguration, DeploymentLifecycleHookTimeoutConfiguration.
func readCanary(p map[string]any) *canary {
	d := property.Object(p["DeploymentConfiguration"])
	if property.Text(d["Strategy"]) != "CANARY" {
		return nil
	}
	steps := property.Object(d["CanaryConfiguration"])
	c := &canary{
		percent: 5, bake: minutes(d["BakeTimeInMinutes"], 0), canaryBake: minutes(steps["CanaryBakeTimeInMinutes"], 10),
	}
	if percent, err := strconv.ParseFloat(property.Text(steps["CanaryPercent"]), 64); err == nil {
		c.percent = percent
	}
	for _, item := range property.List(d["LifecycleHooks"]) {
		hook := property.Object(item)
		timeout := property.Object(hook["TimeoutConfiguration"])
		if property.Text(hook["TargetType"]) == "PAUSE" {
			c.pauses = append(c.pauses, pauseHook{
				stages: property.Texts(hook["LifecycleStages"]), timeout: minutes(timeout["TimeoutInMinutes"], 1440),
				action: cmp.Or(property.Text(timeout["Action"]), "ROLLBACK"),
			})
		}
	}
	for _, item := range property.List(p["LoadBalancers"]) {
		advanced := property.Object(property.Object(item)["AdvancedConfiguration"])
		c.groups = [2]string{property.Text(property.Object(item)["TargetGroupArn"]), property.Text(advanced["AlternateTargetGroupArn"])}
		c.rule, c.role = property.Text(advanced["ProductionListenerRule"]), property.Text(advanced["RoleArn"])
	}
	return c
}

func minutes(v any, defaultValue int) time.Duration {
	return time.Duration(property.Number(v, defaultValue)) * time.Minute
}

// other returns the group of the next tasks, if those before are in group.
func (c *canary) other(group string) string {
	if group == c.groups[0] {
		return c.groups[1]
	}
	return c.groups[0]
}

// checkCanary returns why CreateService or UpdateService refuses a canary. The first text is recorded
// for other services that pass a role for their load balancer (amazon-ecs-cli#21), the third is the
// guide's ("Troubleshooting Amazon ECS blue/green deployments"), and the others are inferred.
func (e *ECS) checkCanary(r *cloudformation.Resource, operation string) error {
	c := readCanary(r.Properties)
	if c == nil {
		return nil
	}
	refuse := func(format string, args ...any) error {
		return e.handlerError("Invalid request provided: "+operation+" error: "+fmt.Sprintf(format, args...), "InvalidRequest")
	}
	breaker := property.Object(property.Object(r.Properties["DeploymentConfiguration"])["DeploymentCircuitBreaker"])
	pausesInShift := slices.ContainsFunc(c.pauses, func(p pauseHook) bool { return slices.Contains(p.stages, "PRODUCTION_TRAFFIC_SHIFT") })
	forwards, _, found := e.ELB.RuleGroups(c.rule)
	switch {
	case c.role != "" && e.roleOf(c) != nil:
		return refuse("Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role being passed has the proper permissions.")
	case c.groups[1] == "", c.rule == "", c.role == "":
		return refuse("advancedConfiguration with alternateTargetGroupArn, productionListenerRule and roleArn is required for the CANARY deployment strategy.")
	case !found:
		return refuse("productionListenerRule has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: %s", c.rule)
	case !slices.Contains(forwards, c.groups[0]), !slices.Contains(forwards, c.groups[1]):
		return refuse("The target groups %s and %s must both be actions of the rule %s.", c.groups[0], c.groups[1], c.rule)
	case property.Text(breaker["Enable"]) == "true":
		return refuse("The deployment circuit breaker can only be used with the ROLLING deployment strategy.")
	case c.percent < 0.1 || c.percent > 100:
		return refuse("canaryPercent must be from 0.1 to 100.0.")
	case pausesInShift:
		return refuse("PAUSE hooks cannot be configured at the PRODUCTION_TRAFFIC_SHIFT stage.")
	}
	return nil
}

// describe adds the strategy to the description of a service.
func (c *canary) describe(described map[string]any) {
	hooks := []any{}
	for _, p := range c.pauses {
		hooks = append(hooks, map[string]any{"targetType": "PAUSE", "lifecycleStages": p.stages, "timeoutConfiguration": map[string]any{
			"timeoutInMinutes": int(p.timeout.Minutes()), "action": p.action,
		}})
	}
	described["deploymentConfiguration"] = map[string]any{
		"strategy": "CANARY", "bakeTimeInMinutes": int(c.bake.Minutes()), "lifecycleHooks": hooks,
		"canaryConfiguration": map[string]any{"canaryPercent": c.percent, "canaryBakeTimeInMinutes": int(c.canaryBake.Minutes())},
	}
	for _, g := range described["loadBalancers"].([]any) {
		g.(map[string]any)["advancedConfiguration"] = map[string]any{
			"alternateTargetGroupArn": c.groups[1], "productionListenerRule": c.rule, "roleArn": c.role,
		}
	}
}
