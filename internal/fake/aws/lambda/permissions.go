package lambda

import (
	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// The actions are those of AWS's resource schemas (handlers.*.permissions; pulumi-aws-native 43eed3b,
// 2026-08-07), without those for properties that a function here does not have: archives in S3, file
// systems, keys, layers, networks, code signing, capacity providers. The ARNs are those of the Service
// Authorization Reference.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html

func (l *Lambda) functionPermissions() cloudformation.Permissions {
	function := func(r *cloudformation.Resource) string { return l.arn(l.nameOf(r)) }
	role := func(r *cloudformation.Resource) string { return property.Text(r.Properties["Role"]) }
	on := func(actions ...string) cloudformation.Needs { return cloudformation.OnARN(function, actions...) }
	pass := cloudformation.OnARN(role, "iam:PassRole").Context("iam:PassedToService", "lambda.amazonaws.com")
	concurrency := on("lambda:PutFunctionConcurrency").For("ReservedConcurrentExecutions")
	return cloudformation.Permissions{
		ARN:    function,
		Create: cloudformation.All(pass, on("lambda:CreateFunction").WithTags()),
		Made:   cloudformation.All(on("lambda:GetFunction"), concurrency),
		Read: on("lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionRecursionConfig",
			"lambda:GetRuntimeManagementConfig", "lambda:GetFunctionScalingConfig"),
		Update: cloudformation.All(
			on("lambda:GetFunction"),
			pass.For("Role"),
			on("lambda:UpdateFunctionCode").For("Code", "Architectures"),
			on("lambda:UpdateFunctionConfiguration").For("Role", "Environment", "MemorySize", "Timeout", "LoggingConfig",
				"ImageConfig", "Description", "EphemeralStorage"),
			concurrency,
			on("lambda:DeleteFunctionConcurrency").Without("ReservedConcurrentExecutions"),
			on("lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionRecursionConfig", "lambda:GetRuntimeManagementConfig"),
		),
		Delete: on("lambda:GetFunction", "lambda:DeleteFunction"),
		Tag:    on("lambda:TagResource").WithTags(),
		Untag:  on("lambda:UntagResource"),
		Refuse: cloudformation.RefuseAs(l.account, "Lambda", 403),
	}
}

func (l *Lambda) permissionPermissions() cloudformation.Permissions {
	return cloudformation.Permissions{
		Create: cloudformation.OnARN(l.functionOf, "lambda:AddPermission"),
		Read:   cloudformation.OnARN(l.functionOf, "lambda:GetPolicy"),
		Delete: cloudformation.OnARN(l.functionOf, "lambda:RemovePermission"),
		Refuse: cloudformation.RefuseAs(l.account, "Lambda", 403),
	}
}

// versionPermissions and aliasPermissions are those of the same schemas, without those for provisioned
// concurrency and for the shifting of traffic.
func (l *Lambda) versionPermissions() cloudformation.Permissions {
	version := func(r *cloudformation.Resource) string { return r.PhysicalID }
	return cloudformation.Permissions{
		Create: cloudformation.OnARN(l.functionOf, "lambda:PublishVersion"),
		Read:   cloudformation.OnARN(version, "lambda:GetFunctionConfiguration"),
		Delete: cloudformation.OnARN(version, "lambda:GetFunctionConfiguration", "lambda:DeleteFunction"),
		Refuse: cloudformation.RefuseAs(l.account, "Lambda", 403),
	}
}

func (l *Lambda) aliasPermissions() cloudformation.Permissions {
	return cloudformation.Permissions{
		Create: cloudformation.OnARN(l.functionOf, "lambda:CreateAlias"),
		Read:   cloudformation.OnARN(l.functionOf, "lambda:GetAlias"),
		Update: cloudformation.OnARN(l.functionOf, "lambda:UpdateAlias", "lambda:GetAlias"),
		Delete: cloudformation.OnARN(l.functionOf, "lambda:DeleteAlias", "lambda:GetAlias"),
		Refuse: cloudformation.RefuseAs(l.account, "Lambda", 403),
	}
}

// functionOf returns the ARN of the function that a resource is of.
func (l *Lambda) functionOf(r *cloudformation.Resource) string {
	name, _ := split(property.Text(r.Properties["FunctionName"]))
	return l.arn(name)
}
