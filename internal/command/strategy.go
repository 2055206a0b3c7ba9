package command

import (
	"pr-stack/internal/config"
	"pr-stack/internal/hint"
	"pr-stack/internal/rollout"
	"pr-stack/internal/template"
)

// checkStrategy refuses a canary where ECS cannot share the requests.
func checkStrategy(job config.Deploy, plan rollout.Plan) error {
	permanent := job.Environment.PullRequest == 0
	if permanent && job.Strategy == config.Canary && !template.IsCanary(plan.Parameters) {
		return hint.New("use the template fargate, or one that declares it; or leave strategy out",
			"strategy canary: the template declares no parameter %s", template.StrategyParameter)
	}
	if !template.IsCanary(plan.Parameters) {
		return nil
	}
	switch ingress := config.Ingress(plan.Parameters[template.IngressParameter]); {
	case !permanent:
		return hint.New("leave "+template.StrategyParameter+" out of parameter-overrides",
			"strategy canary is for permanent environments, such as production")
	case ingress != config.Dedicated && ingress != config.SharedLB:
		return hint.New("choose ingress dedicated or shared, or leave strategy out",
			"strategy canary needs a load balancer that shares the requests, and with ingress %s there is none", ingress)
	case plan.Parameters[issuerParameter] != "":
		// ECS developer guide, "Application Load Balancer resources for blue/green deployments".
		return hint.New("leave authenticate-oidc or strategy out",
			"strategy canary: ECS cannot use a listener rule that asks people to sign in before it forwards requests")
	case plan.Parameters[template.InfrastructureRoleParameter] == "":
		return hint.New("run bootstrap again to add it",
			"strategy canary: base stack %s has no output PermanentInfrastructureRoleArn, the role with which ECS shifts requests", job.BaseStack)
	}
	return nil
}
