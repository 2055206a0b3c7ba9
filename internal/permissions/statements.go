package permissions

import (
	"slices"

	"pr-stack/internal/environment"
)

// deploying are the statements of a role that creates, changes and deletes stacks.
func (s scope) deploying() []Statement {
	return slices.Concat(
		s.templates(), s.deployingAll(), s.deployingIngress(), s.deployingAPIs(), s.functions(),
		[]Statement{s.otherEnvironments(), s.otherServices()},
	)
}

// deployingAll are those that every base stack needs.
func (s scope) deployingAll() []Statement {
	return []Statement{
		s.readAnything(),
		s.countEnvironments(),
		s.readStacks("DescribeEvents", "ListStackResources"),
		s.createStacks(),
		s.tagStacks(),
		s.updateStacks(),
		s.changeStacks("DeleteStack", "CancelUpdateStack", "ContinueUpdateRollback", "RollbackStack", "UntagResource"),
		s.images("DescribeRepositories", "DescribeImages", "BatchGetImage", "BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "InitiateLayerUpload",
			"UploadLayerPart", "CompleteLayerUpload", "PutImage"),
		s.readTasks(),
		s.oneOffTasks(),
		s.tagOneOffTasks(),
		s.serviceLinkedRoles(),
		allow("TaskRoles", on("iam", "GetRole"), s.roles, nil),
		s.passTaskRoles(),
		s.namedResources(),
		s.services(),
		s.taggingOnCreate(),
		s.taggedResources(),
		allow("CreateSecurityGroups", on("ec2", "CreateSecurityGroup", "CreateTags", "DeleteTags"),
			[]string{s.arn("ec2", "security-group/*"), s.arn("ec2", "vpc/"+s.vpc)}, throughCloudFormation(nil)),
		s.securityGroups("DeleteSecurityGroup",
			"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress",
			"RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress",
			"UpdateSecurityGroupRuleDescriptionsIngress"),
		s.taskDefinitions(),
	}
}

// sweeping are the statements of a role that only deletes, and runs what has to run before.
func (s scope) sweeping() []Statement {
	named := allow("NamedResources", slices.Concat(on("ecs", "DeleteService"),
		on("logs", "DeleteLogGroup", "DeleteDataProtectionPolicy")),
		slices.Concat(s.generated("ecs", "service/"+s.cluster+"/"), s.logGroups()),
		throughCloudFormation(nil))
	tagged := allow("TaggedResources", on("elasticloadbalancing", "DeleteLoadBalancer", "DeleteListener", "DeleteRule", "DeleteTargetGroup"),
		s.loadBalancing(), throughCloudFormation(s.tagged(resourceTag)))
	return slices.Concat([]Statement{
		allow("ReadAnything", slices.Concat(
			on("ecs", "DescribeTaskDefinition", "ListTasks"),
			on("elasticloadbalancing", "DescribeLoadBalancers", "DescribeListeners", "DescribeRules", "DescribeTargetGroups"),
			on("ec2", "DescribeSecurityGroups", "DescribeInstances"),
			on("logs", "DescribeLogGroups")), anything, nil),
		s.countEnvironments(),
		s.readStacks("GetTemplate", "ListStackResources"),
		s.changeStacks("DeleteStack", "CancelUpdateStack"),
		s.images(),
		allow("ReadTasks", slices.Concat(on("ecs", "DescribeServices", "DescribeTasks"), on("logs", "GetLogEvents")),
			slices.Concat(s.generated("ecs", "service/"+s.cluster+"/"), []string{s.arn("ecs", "task/"+s.cluster+"/*")}, s.logGroups()), nil),
		s.oneOffTasks(),
		s.tagOneOffTasks(),
		allow("TaskRoles", on("iam", "GetRole"), s.roles, nil),
		s.passTaskRoles(),
		named,
		tagged,
		s.securityGroups("DeleteSecurityGroup"),
		s.taskDefinitions(),
		s.otherEnvironments(),
		s.otherServices(),
	}, s.hostNames(), s.sweepingAPIs(), s.deletedFunctions())
}

// The sources of tags in a condition.
const (
	requestTag  = "aws:RequestTag"
	resourceTag = "aws:ResourceTag"
)

var anything = []string{"*"}

// readAnything: none of these can be limited to a resource. They change nothing.
func (s scope) readAnything() Statement {
	return allow("ReadAnything", slices.Concat(
		on("cloudformation", "GetTemplateSummary"),
		on("ecr", "GetAuthorizationToken"),
		on("ecs", "DescribeTaskDefinition", "ListTasks"),
		on("elasticloadbalancing", "DescribeLoadBalancers", "DescribeLoadBalancerAttributes", "DescribeCapacityReservation",
			"DescribeListeners", "DescribeListenerAttributes", "DescribeRules", "DescribeTargetGroups", "DescribeTargetGroupAttributes",
			"DescribeTargetHealth", "DescribeTags"),
		on("ec2", "DescribeSecurityGroups", "DescribeInstances", "DescribeVpcs", "DescribeSubnets",
			"DescribeInternetGateways", "DescribeAccountAttributes", "DescribeAddresses"),
		on("logs", "DescribeLogGroups", "DescribeIndexPolicies", "DescribeResourcePolicies")), anything, nil)
}

// countEnvironments: without a stack's name, DescribeStacks describes all stacks of the account, and
// then needs ListStacks as well. It is for max-environments and sweep.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
func (s scope) countEnvironments() Statement {
	return allow("CountEnvironments", on("cloudformation", "DescribeStacks", "ListStacks"), anything, nil)
}

func (s scope) readStacks(more ...string) Statement {
	return allow("ReadStacks", on("cloudformation", append([]string{"DescribeStacks", "DescribeStackEvents"}, more...)...),
		append(s.each("cloudformation", "stack/", "/*"), s.arn("cloudformation", "stack/"+s.base+"/*")), nil)
}

func (s scope) createStacks() Statement {
	return allow("CreateStacks", on("cloudformation", "CreateStack"),
		s.each("cloudformation", "stack/", "/*"), s.tagged(requestTag))
}

// tagStacks: CloudFormation checks these when CreateStack or UpdateStack has tags. Called by
// themselves they could make another service's stack with a similar name look like this one's, and
// so are not allowed.
func (s scope) tagStacks() Statement {
	condition := s.tagged(requestTag)
	condition["StringEquals"]["cloudformation:CreateAction"] = []string{"CreateStack", "UpdateStack"}
	return allow("TagStacks", on("cloudformation", "TagResource"), s.each("cloudformation", "stack/", "/*"), condition)
}

// updateStacks: an update may not give the stack to another service or environment.
func (s scope) updateStacks() Statement {
	return allow("UpdateStacks", on("cloudformation", "UpdateStack"),
		s.each("cloudformation", "stack/", "/*"), s.tagged(requestTag, resourceTag))
}

func (s scope) changeStacks(operations ...string) Statement {
	return allow("ChangeStacks", on("cloudformation", operations...),
		s.each("cloudformation", "stack/", "/*"), s.tagged(resourceTag))
}

// images: all that docker push needs, and what finds and deletes an environment's images.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
func (s scope) images(more ...string) Statement {
	return allow("Images", on("ecr", append([]string{"ListImages", "BatchDeleteImage"}, more...)...),
		[]string{s.arn("ecr", "repository/"+s.repository)}, nil)
}

// readTasks: what pr-stack and the handlers read of the environments' services, tasks and logs.
func (s scope) readTasks() Statement {
	return allow("ReadTasks", slices.Concat(
		on("ecs", "DescribeServices", "ListServiceDeployments", "DescribeServiceDeployments", "DescribeTasks", "ListTagsForResource"),
		on("logs", "GetLogEvents", "ListTagsForResource", "GetDataProtectionPolicy")),
		slices.Concat(s.ecsResources(), []string{s.arn("ecs", "task/"+s.cluster+"/*")}, s.logGroups()), nil)
}

// serviceLinkedRoles: the first load balancer and the first service of an account create a role of
// AWS's own. https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-service-linked-roles.html
func (s scope) serviceLinkedRoles() Statement {
	return allow("ServiceLinkedRoles", on("iam", "CreateServiceLinkedRole"),
		[]string{"arn:" + s.partition + ":iam::" + s.account + ":role/aws-service-role/*"},
		Condition{"StringEquals": {"iam:AWSServiceName": {"elasticloadbalancing.amazonaws.com", "ecs.amazonaws.com"}}})
}

func (s scope) passTaskRoles() Statement {
	return allow("PassTaskRoles", on("iam", "PassRole"), s.roles,
		Condition{"StringEquals": {"iam:PassedToService": {"ecs-tasks.amazonaws.com"}}})
}

// namedResources: the resources whose ARN begins with the stack's name.
func (s scope) namedResources() Statement {
	return allow("NamedResources", slices.Concat(
		on("ecs", "DeleteService", "StopServiceDeployment", "RegisterTaskDefinition",
			"TagResource", "UntagResource"),
		on("logs", "CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy",
			"DeleteDataProtectionPolicy", "TagResource", "UntagResource")),
		slices.Concat(s.ecsResources(), s.logGroups()), throughCloudFormation(nil))
}

// services: a service runs a task definition of these stacks, in the base stack's subnets. ECS makes a
// task's network interface with a role of its own, so without the second condition a service could put
// its tasks into any network of the account, into any security group there, and so behind production's
// load balancer, also if production has a base stack of its own. Without the first it could run
// production's code a second time, with production's role.
//
// An update need not name either. Nothing shows such a request, and a policy that expects another form
// of a value would stop the first deployment: the patterns match IDs and names, and ARNs as well.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security_iam_service-with-iam.html
func (s scope) services() Statement {
	var families []string
	for _, name := range s.stacks {
		families = append(families, name, "*/"+name)
	}
	return allow("Services", on("ecs", "CreateService", "UpdateService"), s.generated("ecs", "service/"+s.cluster+"/"),
		throughCloudFormation(Condition{
			"StringLikeIfExists":      {"ecs:task-definition": families},
			"ForAllValues:StringLike": {"ecs:subnet": s.subnetPatterns()},
		}))
}

// taggingOnCreate and taggedResources: the name of a load balancer or a target group is too short to
// hold the stack's, so its tags say whose it is. They are those of the stack. A listener is created on
// its load balancer, which must be the stack's own, and a rule on its listener: see also deployingIngress.
func (s scope) taggingOnCreate() Statement {
	return allow("CreateTaggedResources", on("elasticloadbalancing", "CreateLoadBalancer", "CreateTargetGroup", "AddTags"),
		s.loadBalancing(), throughCloudFormation(s.tagged(requestTag)))
}

func (s scope) taggedResources() Statement {
	return allow("TaggedResources", on("elasticloadbalancing",
		"ModifyLoadBalancerAttributes", "SetSecurityGroups", "SetSubnets", "DeleteLoadBalancer",
		"CreateListener", "ModifyListener", "ModifyListenerAttributes", "DeleteListener",
		"CreateRule", "ModifyRule", "SetRulePriorities", "DeleteRule",
		"ModifyTargetGroup", "ModifyTargetGroupAttributes", "DeleteTargetGroup", "RemoveTags"),
		s.loadBalancing(), throughCloudFormation(s.tagged(resourceTag)))
}

// securityGroups: a security group's ARN has only an ID. So those of the base stack's network are
// allowed, but for those whose tags say that they are another's: see otherEnvironments. Whether
// CloudFormation tags a group when it creates it, or directly afterwards, is not documented, so the
// tags are not required.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-policy-examples.html
func (s scope) securityGroups(operations ...string) Statement {
	return allow("SecurityGroups", on("ec2", operations...), []string{s.arn("ec2", "security-group/*")},
		throughCloudFormation(Condition{"ArnEquals": {"ec2:Vpc": {s.arn("ec2", "vpc/"+s.vpc)}}}))
}

// otherEnvironments and otherServices deny what the statements above allow for want of a name.
func (s scope) otherEnvironments() Statement {
	return s.deny("OtherEnvironments", environment.TagEnvironment, "StringNotLike", s.environment)
}

func (s scope) otherServices() Statement {
	return s.deny("OtherServices", environment.TagService, "StringNotEquals", s.service)
}

// deny denies every change of security groups whose tag has another value.
func (s scope) deny(sid, tag, operator, value string) Statement {
	key := resourceTag + "/" + tag
	return Statement{
		Sid: sid, Effect: "Deny", Resource: []string{s.arn("ec2", "security-group/*")},
		Action:    on("ec2", "*"),
		Condition: Condition{"Null": {key: {"false"}}, operator: {key: {value}}},
	}
}

// taskDefinitions: this action cannot be limited to a resource.
func (s scope) taskDefinitions() Statement {
	return allow("TaskDefinitions", on("ecs", "DeregisterTaskDefinition"), anything, throughCloudFormation(nil))
}

func (s scope) ecsResources() []string {
	return slices.Concat(
		s.generated("ecs", "service*/"+s.cluster+"/"), // and service-deployment
		s.each("ecs", "task-definition/", ""),
	)
}

func (s scope) loadBalancing() []string {
	return []string{
		s.arn("elasticloadbalancing", "*/app/*"), // load balancers, listeners and rules
		s.arn("elasticloadbalancing", "targetgroup/*"),
	}
}

func allow(sid string, actions, resources []string, condition Condition) Statement {
	return Statement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources, Condition: condition}
}

// on returns the names of a service's actions.
func on(service string, operations ...string) []string {
	actions := make([]string, len(operations))
	for i, operation := range operations {
		actions[i] = service + ":" + operation
	}
	return actions
}
