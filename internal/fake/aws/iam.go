package aws

import (
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
)

// iamTypes are roles and policies. No call is denied for want of one.
func iamTypes(a *account.Account) map[string]cloudformation.Type {
	role := cloudformation.Timed(a, 17*time.Second, 4*time.Second, func(r *cloudformation.Resource) {
		r.PhysicalID = roleName(a, r)
		r.Attributes["Arn"] = roleARN(a, r.PhysicalID)
		r.Attributes["RoleId"] = "AROA" + a.Unique(16)
	})
	role.Replaces = cloudformation.AnyChanged("RoleName", "Path")
	policy := cloudformation.Timed(a, 18*time.Second, 2*time.Second, func(r *cloudformation.Resource) {
		r.PhysicalID = r.GeneratedName(a, 64)
	})
	role.Required, policy.Required = []string{"AssumeRolePolicyDocument"}, []string{"PolicyName", "PolicyDocument"}
	role.Permissions, policy.Permissions = rolePermissions(a), policyPermissions(a)
	// No recording shows how long a change of a role's tags takes: IAM answers at once, and is read
	// until all of its servers know.
	role.Taggable, role.Retag = true, 6*time.Second
	role.Capability, policy.Capability = capability, capability
	return map[string]cloudformation.Type{"AWS::IAM::Role": role, "AWS::IAM::Policy": policy}
}

func capability(properties map[string]any) string {
	if properties["RoleName"] != nil {
		return cloudformation.NamedIAM
	}
	return cloudformation.IAM
}
