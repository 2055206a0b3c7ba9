package aws

import (
	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
)

// rolePermissions are the actions of AWS's resource schema (handlers.*.permissions;
// pulumi-aws-native 43eed3b, 2026-08-07). The ARNs are those of the Service Authorization Reference.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
func rolePermissions(a *account.Account) cloudformation.Permissions {
	role := func(r *cloudformation.Resource) string { return roleARN(a, roleName(a, r)) }
	on := func(actions ...string) cloudformation.Needs { return cloudformation.OnARN(role, actions...) }
	// What gives a role more rights, or takes some away, can be limited to roles with a certain boundary.
	bounded := func(actions ...string) cloudformation.Needs {
		return on(actions...).ContextOf("iam:PermissionsBoundary", func(r *cloudformation.Resource) string {
			return property.Text(r.Properties["PermissionsBoundary"])
		})
	}
	return cloudformation.Permissions{
		ARN:    role,
		Create: bounded("iam:CreateRole").WithTags(),
		Made: cloudformation.All(
			bounded("iam:PutRolePolicy").For("Policies"),
			bounded("iam:AttachRolePolicy").For("ManagedPolicyArns"),
			on("iam:GetRole"),
		),
		Read: on("iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:GetRolePolicy"),
		Update: cloudformation.All(
			on("iam:UpdateRole").For("MaxSessionDuration", "Description"),
			on("iam:UpdateRoleDescription").For("Description"),
			on("iam:UpdateAssumeRolePolicy").For("AssumeRolePolicyDocument"),
			bounded("iam:DetachRolePolicy", "iam:AttachRolePolicy").For("ManagedPolicyArns"),
			bounded("iam:DeleteRolePolicy", "iam:PutRolePolicy").For("Policies"),
			bounded("iam:PutRolePermissionsBoundary").For("PermissionsBoundary"),
			on("iam:DeleteRolePermissionsBoundary").Without("PermissionsBoundary"),
		),
		Delete: cloudformation.All(
			on("iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"),
			bounded("iam:DetachRolePolicy").For("ManagedPolicyArns"),
			bounded("iam:DeleteRolePolicy").For("Policies"),
			on("iam:DeleteRole"),
		),
		Tag:    on("iam:TagRole").WithTags(),
		Untag:  on("iam:UntagRole"),
		Refuse: cloudformation.RefuseAs(a, "Iam", 403),
	}
}

// policyPermissions are those of AWS::IAM::Policy, whose schema is not published: the calls that
// change, read and remove an inline policy of a role.
func policyPermissions(a *account.Account) cloudformation.Permissions {
	roles := func(r *cloudformation.Resource) (arns []string) {
		for _, name := range property.Texts(r.Properties["Roles"]) {
			arns = append(arns, roleARN(a, name))
		}
		return arns
	}
	return cloudformation.Permissions{
		Create: cloudformation.On(roles, "iam:PutRolePolicy"),
		Read:   cloudformation.On(roles, "iam:GetRolePolicy"),
		Update: cloudformation.On(roles, "iam:PutRolePolicy", "iam:GetRolePolicy"),
		Delete: cloudformation.On(roles, "iam:DeleteRolePolicy", "iam:GetRolePolicy"),
		Refuse: cloudformation.RefuseAs(a, "Iam", 403),
	}
}

func roleARN(a *account.Account, name string) string { return "arn:aws:iam::" + a.ID + ":role/" + name }

func roleName(a *account.Account, r *cloudformation.Resource) string {
	if name := property.Text(r.Properties["RoleName"]); name != "" {
		return name
	}
	return r.GeneratedName(a, 64)
}
