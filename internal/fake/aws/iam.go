package aws

import (
	"encoding/json"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/identity"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
)

// iamTypes are roles, policies and identity providers. A role that is complete can be assumed.
func iamTypes(a *account.Account, roles *identity.Identity) map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::IAM::Role": roleType(a, roles), "AWS::IAM::Policy": policyType(a, roles),
		"AWS::IAM::ManagedPolicy": managedPolicyType(a, roles), "AWS::IAM::OIDCProvider": providerType(a, roles),
	}
}

func roleType(a *account.Account, roles *identity.Identity) cloudformation.Type {
	after := func(d time.Duration, done func(error), err error) { a.After(d, func() { done(err) }) }
	return cloudformation.Type{
		Create: func(r *cloudformation.Resource, done func(error)) {
			r.PhysicalID = roleName(a, r)
			arn, id, err := roles.CreateRole(readRole(r))
			r.Attributes["Arn"], r.Attributes["RoleId"] = arn, id
			after(17*time.Second, done, err)
		},
		Update: func(r *cloudformation.Resource, _ map[string]any, done func(error)) {
			after(17*time.Second, done, roles.UpdateRole(property.Text(r.Attributes["Arn"]), readRole(r)))
		},
		Replaces:    cloudformation.AnyChanged("RoleName", "Path"),
		Required:    []string{"AssumeRolePolicyDocument"},
		Permissions: rolePermissions(a),
		// No recording shows how long a change of a role's tags takes: IAM answers at once, and is
		// read until all of its servers know.
		Taggable: true, Retag: 6 * time.Second,
		Delete: func(r *cloudformation.Resource, done func(error)) {
			roles.RemoveRole(property.Text(r.Attributes["Arn"]))
			after(4*time.Second, done, nil)
		},
		Capability: capability,
	}
}

// readRole reads a role's properties. Those that take rights away must not be ignored.
func readRole(r *cloudformation.Resource) identity.Role {
	with := identity.Role{
		Name: r.PhysicalID, Path: property.Text(r.Properties["Path"]), Trust: written(r.Properties["AssumeRolePolicyDocument"]),
		ManagedPolicies: property.Texts(r.Properties["ManagedPolicyArns"]),
		MaxSession:      property.Seconds(r.Properties["MaxSessionDuration"], 0),
		Boundary:        property.Text(r.Properties["PermissionsBoundary"]),
	}
	list, _ := r.Properties["Policies"].([]any)
	for _, p := range list {
		with.Policies = append(with.Policies, written(property.Object(p)["PolicyDocument"]))
	}
	return with
}

// written returns a policy of a template as JSON. A template may also have it as a text.
func written(document any) string {
	if text, ok := document.(string); ok {
		return text
	}
	text, err := json.Marshal(document)
	if err != nil {
		return err.Error() // this is not JSON, so reading the policy fails
	}
	return string(text)
}

func policyType(a *account.Account, roles *identity.Identity) cloudformation.Type {
	attach := func(r *cloudformation.Resource) error {
		return roles.Attach(r.PhysicalID, written(r.Properties["PolicyDocument"]), property.Texts(r.Properties["Roles"]))
	}
	return cloudformation.Type{
		Create: func(r *cloudformation.Resource, done func(error)) {
			r.PhysicalID = r.GeneratedName(a, 64)
			err := attach(r)
			a.After(18*time.Second, func() { done(err) })
		},
		Update: func(r *cloudformation.Resource, _ map[string]any, done func(error)) {
			err := attach(r)
			a.After(18*time.Second, func() { done(err) })
		},
		Delete: func(r *cloudformation.Resource, done func(error)) {
			roles.Detach(r.PhysicalID)
			a.After(2*time.Second, func() { done(nil) })
		},
		Required:    []string{"PolicyName", "PolicyDocument"},
		Permissions: policyPermissions(a),
		Capability:  capability,
	}
}

func capability(properties map[string]any) string {
	if properties["RoleName"] != nil {
		return cloudformation.NamedIAM
	}
	return cloudformation.IAM
}
