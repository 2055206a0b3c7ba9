package aws

import "time"

// iamTypes are roles and policies. Nobody is refused anything for want of one.
func iamTypes() map[string]resourceType {
	role := takes(17*time.Second, 4*time.Second, func(a *AWS, r *resource) {
		r.PhysicalID = text(r.Properties["RoleName"])
		if r.PhysicalID == "" {
			r.PhysicalID = a.generated(r, 64)
		}
		r.Attributes["Arn"] = "arn:aws:iam::" + a.opts.Account + ":role/" + r.PhysicalID
		r.Attributes["RoleId"] = "AROA" + a.unique(16)
	})
	role.replaces = differ("RoleName", "Path")
	policy := takes(18*time.Second, 2*time.Second, func(a *AWS, r *resource) { r.PhysicalID = a.generated(r, 64) })
	return map[string]resourceType{"AWS::IAM::Role": role, "AWS::IAM::Policy": policy}
}
