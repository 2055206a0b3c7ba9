package ecs

import (
	"strings"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// The actions are those of AWS's resource schemas (handlers.*.permissions; pulumi-aws-native 43eed3b,
// 2026-08-07), without those for keys of KMS and for settings of the account. The ARNs are those of
// the Service Authorization Reference: clusters are created, and task definitions are read and
// deregistered, on no particular resource.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html

type resource = cloudformation.Resource

var (
	anywhere = cloudformation.Anywhere
	on       = cloudformation.On
	onARN    = cloudformation.OnARN
	all      = cloudformation.All
)

func (e *ECS) clusterPermissions() cloudformation.Permissions {
	cluster := func(r *resource) string { return e.account.ARN("ecs", "cluster/"+e.nameOf(r, "ClusterName")) }
	return cloudformation.Permissions{
		ARN: cluster,
		// iam:CreateServiceLinkedRole is checked where the cluster is created.
		Create: anywhere("ecs:CreateCluster").WithTags(),
		Made:   onARN(cluster, "ecs:DescribeClusters"),
		Read:   onARN(cluster, "ecs:DescribeClusters"),
		Update: all(
			onARN(cluster, "ecs:DescribeClusters", "ecs:ListTagsForResource"),
			onARN(cluster, "ecs:UpdateCluster").For("Configuration", "ServiceConnectDefaults"),
			onARN(cluster, "ecs:UpdateClusterSettings").For("ClusterSettings"),
			onARN(cluster, "ecs:PutClusterCapacityProviders").For("CapacityProviders", "DefaultCapacityProviderStrategy"),
		),
		Delete: onARN(cluster, "ecs:DeleteCluster", "ecs:DescribeClusters"),
		Tag:    onARN(cluster, "ecs:TagResource").WithTags(),
		Untag:  onARN(cluster, "ecs:UntagResource"),
		Refuse: cloudformation.RefuseAs(e.account, "Ecs", 400),
	}
}

func (e *ECS) taskDefinitionPermissions() cloudformation.Permissions {
	definition := func(r *resource) string {
		if r.PhysicalID != "" {
			return r.PhysicalID
		}
		return e.account.ARN("ecs", "task-definition/"+e.nameOf(r, "Family")+":*")
	}
	roles := all(
		on(rolesOf, "iam:GetRole"),
		on(rolesOf, "iam:PassRole").Context("iam:PassedToService", "ecs-tasks.amazonaws.com"),
	)
	return cloudformation.Permissions{
		ARN:    definition,
		Create: all(roles, onARN(definition, "ecs:RegisterTaskDefinition").WithTags()),
		Made:   anywhere("ecs:DescribeTaskDefinition"),
		Read:   anywhere("ecs:DescribeTaskDefinition"),
		Update: all(roles, anywhere("ecs:DescribeTaskDefinition"), onARN(definition, "ecs:ListTagsForResource")),
		Delete: all(roles, anywhere("ecs:DescribeTaskDefinition", "ecs:DeregisterTaskDefinition")),
		Tag:    onARN(definition, "ecs:TagResource").WithTags(),
		Untag:  onARN(definition, "ecs:UntagResource"),
		Refuse: cloudformation.RefuseAs(e.account, "Ecs", 400),
	}
}

// rolesOf returns the ARNs of the roles that a task definition passes on.
func rolesOf(r *resource) (arns []string) {
	for _, name := range []string{"ExecutionRoleArn", "TaskRoleArn"} {
		if arn := property.Text(r.Properties[name]); arn != "" {
			arns = append(arns, arn)
		}
	}
	return arns
}

func (e *ECS) servicePermissions() cloudformation.Permissions {
	service := func(r *resource) string {
		cluster := clusterName(property.Text(r.Properties["Cluster"]))
		return e.account.ARN("ecs", "service/"+cluster+"/"+e.nameOf(r, "ServiceName"))
	}
	deployments := func(r *resource) string {
		return strings.Replace(service(r), ":service/", ":service-deployment/", 1) + "/*"
	}
	role := func(r *resource) string { return property.Text(r.Properties["Role"]) }
	passed := on(infrastructureRoles, "iam:PassRole").Context("iam:PassedToService", "ecs.amazonaws.com")
	changes := func(action string) cloudformation.Needs {
		return onARN(service, action).ContextOf("ecs:task-definition", e.definitionOf).ContextOf("ecs:subnet", subnetsOf)
	}
	wait := all(
		onARN(service, "ecs:DescribeServices", "ecs:ListServiceDeployments"),
		onARN(deployments, "ecs:DescribeServiceDeployments"),
	)
	return cloudformation.Permissions{
		ARN: service,
		Create: all(
			onARN(role, "iam:PassRole").For("Role").Context("iam:PassedToService", "ecs.amazonaws.com"),
			passed,
			changes("ecs:CreateService").WithTags(),
		),
		Made: wait,
		Read: onARN(service, "ecs:DescribeServices"),
		Update: all(
			onARN(service, "ecs:ListTagsForResource"),
			passed.IfChanged(),
			changes("ecs:UpdateService").IfChanged(),
			// It ends the deployment that is to be undone.
			onARN(deployments, "ecs:StopServiceDeployment").IfChanged().InRollback(),
			wait,
		),
		Delete: onARN(service, "ecs:DeleteService", "ecs:DescribeServices"),
		Tag:    onARN(service, "ecs:TagResource").WithTags(),
		Untag:  onARN(service, "ecs:UntagResource"),
		Refuse: cloudformation.RefuseAs(e.account, "Ecs", 400),
	}
}

// infrastructureRoles returns the ARNs of the roles with which ECS changes a service's load balancers.
func infrastructureRoles(r *resource) (arns []string) {
	if c := readCanary(r.Properties); c != nil && c.role != "" {
		arns = append(arns, c.role)
	}
	return arns
}

// definitionOf returns the ARN of the task definition that a service names, as ECS resolves it.
func (e *ECS) definitionOf(r *resource) string {
	name := property.Text(r.Properties["TaskDefinition"])
	if name == "" || strings.HasPrefix(name, "arn:") {
		return name
	}
	return e.account.ARN("ecs", "task-definition/"+name)
}

// subnetsOf returns the subnets of a service's tasks, joined by commas.
func subnetsOf(r *resource) string {
	network := property.Object(property.Object(r.Properties["NetworkConfiguration"])["AwsvpcConfiguration"])
	return strings.Join(property.Texts(network["Subnets"]), ",")
}

// nameOf returns the name that a property gives, or else CloudFormation.
func (e *ECS) nameOf(r *resource, name string) string {
	if given := property.Text(r.Properties[name]); given != "" {
		return given
	}
	return r.GeneratedName(e.account, 255)
}
