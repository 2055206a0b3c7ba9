package diagnosis

// placementCases are for tasks for which ECS found no place, and for deployments that ECS gave up.
var placementCases = []cause{
	{
		"compute quota", unplaced(`(?i)limit|quota`), always("The account's quota for running tasks is used up"), placementMessage,
		always("have the quota raised (Service Quotas, AWS Fargate), or close pull requests whose environments are not needed"),
	},
	{
		"no capacity", unplaced(`(?i)capacity`), always("AWS has no capacity for the task now"), placementMessage,
		always("run the job again in a while; with the parameter CapacityProvider set to FARGATE, tasks are placed before those of FARGATE_SPOT"),
	},
	{
		"no instance", unplaced(`(?i)container instance`), always("The cluster has no machine for the task"), placementMessage,
		always("add container instances to the cluster, or run on Fargate"),
	},
	{"not placed", unplaced(`.`), always("ECS found no place for the task"), placementMessage, always("see the events of the service in the ECS console")},
	{
		"given up by ECS", func(f Facts) bool { return f.Service.Failed != "" }, always("ECS gave the deployment up"),
		func(f Facts) string { return unwrap(f.Service.Failed) },
		always("see the stopped tasks and the log of the service in the ECS console"),
	},
}

// stackCases are for resources that CloudFormation could not create or update, and for stacks that it
// did not begin to change.
var stackCases = []cause{
	{
		"hook", reason(`(?i)hook\(s\) failed|hook invocation`), always("A CloudFormation hook of the account refused a resource"), resourceMessage,
		always("change what the hook objects to; whoever runs the account's CloudFormation hooks knows the rule"),
	},
	{
		"role not assumable", reason(`(?i)role arn is invalid or cannot be assumed|unable to assume|role .*(?:does not exist|is invalid|cannot be found)`),
		always("A role does not exist, or cannot be assumed"), resourceMessage,
		always("check that the role exists, and that its trust policy names the service that assumes it: cloudformation.amazonaws.com for role-arn"),
	},
	{
		"access denied", reason(deniedWords),
		deniedSummary, resourceMessage, deniedHint,
	},
	{
		"too many load balancers", reason(`(?i)TooManyLoadBalancers|maximum number of load balancers`),
		always("The account has as many load balancers as it may"), resourceMessage,
		always("close pull requests whose environments are not needed, or have the quota of load balancers raised (Service Quotas, Elastic Load Balancing)"),
	},
	{
		"quota", reason(`(?i)maximum number|limit ?exceeded|quota|limit on the number|too many`), always("A quota of the account is used up"), resourceMessage,
		always("have the quota raised (Service Quotas), or delete what is not needed"),
	},
	{
		"already exists", reason(`(?i)already exists|AlreadyExists|not idempotent`), always("A resource of that name exists already"), resourceMessage,
		always("delete what has that name, or leave the name out of the template so that each environment gets one of its own"),
	},
	{
		"service still draining", reason(`(?i)still draining`), always("The service of that name is still being deleted"), resourceMessage,
		always("run the job again in some minutes, and leave ServiceName out of the template so that no name has to become free"),
	},
	{
		"validation", reason(`(?i)hook\(s\)/validation failed|EarlyValidation`), always("CloudFormation's validation refused the template"), resourceMessage,
		always("correct what the validation names; nothing was changed"),
	},
	{
		// CloudFormation looks up networks, subnets and the like with the job's rights, and takes what it may
		// not see for something that does not exist.
		"value not found", reason(`(?i)parameter value .* for parameter name .* does not exist`),
		always("A parameter names something that does not exist"), resourceMessage,
		always("correct the parameter that the reason names; if what it names exists, grant ec2:DescribeVpcs and ec2:DescribeSubnets " +
			"to the role of this job, or to role-arn if that is set: CloudFormation looks it up with these"),
	},
	{
		"invalid parameter", reason(`(?i)^Parameters?[: ]|Parameter validation|must have values|Invalid request|InvalidParameter|InvalidRequest|` +
			`ValidationException|validation error|not valid|is invalid|Invalid value|Propert(?:y|ies) validation|Model validation`),
		always("A property or parameter of the template is not valid"), resourceMessage,
		always("correct the property or parameter that the reason names, in the template or in parameter-overrides"),
	},
	{
		"circuit breaker", func(f Facts) bool {
			return f.Resource.Type == "AWS::ECS::Service" && reason(`Circuit Breaker|NotStabilized|did not stabilize`)(f)
		}, always("The service did not come up"), resourceMessage,
		always("the container did not keep running, or did not answer health-check-path: see the stopped tasks and the log of the service in the ECS console"),
	},
	{
		"other", func(f Facts) bool { return f.Resource.LogicalID != "" }, always(""), resourceMessage,
		always("fix what the reason names and run the job again; a new stack that failed is replaced then"),
	},
}

func placementMessage(f Facts) string {
	return "no place was found for its task: " + unwrap(f.Service.Unplaced)
}

func resourceMessage(f Facts) string {
	for _, words := range []string{f.Resource.Reason, f.Reason} {
		if words = unwrap(words); words != "" {
			return words
		}
	}
	return f.awsSays() // a service that was given up has no reason of its own, but its tasks have
}
