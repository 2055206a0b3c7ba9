package diagnosis

import "regexp"

// canaryCases are for deployments in which ECS gave all requests back to the version before. Its reason is
// true also if tasks of that version have crashed meanwhile.
var canaryCases = []cause{
	{
		"canary without its role", rolledBack(`(?i)unable to modify|not authorized|unable to assume`), always("ECS may not shift the requests"), rolledBackReason,
		always("check that the role of the parameter InfrastructureRoleArn exists, that its trust policy names ecs.amazonaws.com, and that it has AmazonECSInfrastructureRolePolicyForLoadBalancers"),
	},
	{
		"canary that nobody continued", rolledBack(`(?i)timed out`), always("Nobody continued the deployment in time, so it was rolled back"), rolledBackReason,
		always("run the job again; raise the parameter PauseMinutes if its checks need more time"),
	},
	{
		"canary rolled back", rolledBack(`.`), always("The deployment was rolled back, and the version before has all requests"), rolledBackReason,
		always("see the log of the new version, and what the job or the person that rolled it back found"),
	},
}

func rolledBack(pattern string) func(Facts) bool {
	p := regexp.MustCompile(pattern)
	return func(f Facts) bool { return p.MatchString(f.Service.RolledBack) }
}

func rolledBackReason(f Facts) string { return unwrap(f.Service.RolledBack) }
