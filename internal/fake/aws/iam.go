package aws

import (
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
)

// iamTypes are roles and policies. No call is denied for want of one.
func iamTypes(a *account.Account) map[string]cloudformation.Type {
	role := cloudformation.Timed(a, 17*time.Second, 4*time.Second, func(r *cloudformation.Resource) {
		r.PhysicalID = property.Text(r.Properties["RoleName"])
		if r.PhysicalID == "" {
			r.PhysicalID = r.GeneratedName(a, 64)
		}
		r.Attributes["Arn"] = "arn:aws:iam::" + a.ID + ":role/" + r.PhysicalID
		r.Attributes["RoleId"] = "AROA" + a.Unique(16)
	})
	role.Replaces = cloudformation.AnyChanged("RoleName", "Path")
	policy := cloudformation.Timed(a, 18*time.Second, 2*time.Second, func(r *cloudformation.Resource) {
		r.PhysicalID = r.GeneratedName(a, 64)
	})
	role.Capability, policy.Capability = capability, capability
	return map[string]cloudformation.Type{"AWS::IAM::Role": role, "AWS::IAM::Policy": policy}
}

func capability(properties map[string]any) string {
	if properties["RoleName"] != nil {
		return cloudformation.NamedIAM
	}
	return cloudformation.IAM
}
