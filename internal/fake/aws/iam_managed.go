package aws

import (
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/identity"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
)

// managedPolicyType is a policy that roles attach. It is attached by their property ManagedPolicyArns
// only: its own lists of users, groups and roles are not implemented.
func managedPolicyType(a *account.Account, roles *identity.Identity) cloudformation.Type {
	put := func(r *cloudformation.Resource) (arn string, err error) {
		return roles.PutPolicy(property.Text(r.Properties["Path"]), managedPolicyName(a, r), written(r.Properties["PolicyDocument"]))
	}
	return cloudformation.Type{
		Create: func(r *cloudformation.Resource, done func(error)) {
			arn, err := put(r)
			r.PhysicalID, r.Attributes["PolicyArn"] = arn, arn
			a.After(18*time.Second, func() { done(err) })
		},
		Update: func(r *cloudformation.Resource, _ map[string]any, done func(error)) {
			_, err := put(r)
			a.After(18*time.Second, func() { done(err) })
		},
		Replaces: cloudformation.AnyChanged("ManagedPolicyName", "Description", "Path"),
		Delete: func(r *cloudformation.Resource, done func(error)) {
			roles.RemovePolicy(r.PhysicalID)
			a.After(2*time.Second, func() { done(nil) })
		},
		Required:    []string{"PolicyDocument"},
		Permissions: managedPolicyPermissions(a),
		Capability: func(properties map[string]any) string {
			if properties["ManagedPolicyName"] != nil {
				return cloudformation.NamedIAM
			}
			return cloudformation.IAM
		},
	}
}

func managedPolicyName(a *account.Account, r *cloudformation.Resource) string {
	if name := property.Text(r.Properties["ManagedPolicyName"]); name != "" {
		return name
	}
	return r.GeneratedName(a, 128)
}

// managedPolicyPermissions are the actions of AWS's resource schema (handlers.*.permissions;
// pulumi-aws-native 43eed3b, 2026-08-07), without those for its lists of users, groups and roles.
func managedPolicyPermissions(a *account.Account) cloudformation.Permissions {
	policy := func(r *cloudformation.Resource) string {
		return "arn:aws:iam::" + a.ID + ":policy/" + managedPolicyName(a, r)
	}
	on := func(actions ...string) cloudformation.Needs { return cloudformation.OnARN(policy, actions...) }
	return cloudformation.Permissions{
		Create: on("iam:CreatePolicy"),
		Read:   on("iam:GetPolicy", "iam:ListEntitiesForPolicy", "iam:GetPolicyVersion"),
		Update: on("iam:GetPolicy", "iam:ListPolicyVersions", "iam:CreatePolicyVersion", "iam:DeletePolicyVersion"),
		Delete: on("iam:GetPolicy", "iam:ListPolicyVersions", "iam:DeletePolicyVersion", "iam:ListEntitiesForPolicy", "iam:DeletePolicy"),
		Refuse: cloudformation.RefuseAs(a, "Iam", 403),
	}
}

// providerType is an OpenID Connect provider. An account has at most one with a URL. The words of the
// second are those that IAM and its handler have for such a conflict: "Provider with url
// https://token.actions.githubusercontent.com already exists. (Service: Iam, Status Code: 409, …)".
func providerType(a *account.Account, providers *identity.Identity) cloudformation.Type {
	return cloudformation.Type{
		Create: func(r *cloudformation.Resource, done func(error)) {
			arn, err := providers.CreateProvider(property.Text(r.Properties["Url"]), property.Texts(r.Properties["ClientIdList"]))
			if err != nil {
				err = cloudformation.HandlerError(a, err.Error()+" (Service: Iam, Status Code: 409, Request ID: "+a.UUID()+")", "AlreadyExists")
				a.After(2*time.Second, func() { done(err) })
				return
			}
			r.PhysicalID, r.Attributes["Arn"] = arn, arn
			a.After(3*time.Second, func() { done(nil) })
		},
		Update: func(r *cloudformation.Resource, _ map[string]any, done func(error)) {
			providers.AddProvider(property.Text(r.Properties["Url"]), property.Texts(r.Properties["ClientIdList"]))
			a.After(3*time.Second, func() { done(nil) })
		},
		Replaces: cloudformation.AnyChanged("Url"),
		Delete: func(r *cloudformation.Resource, done func(error)) {
			providers.RemoveProvider(r.PhysicalID)
			a.After(2*time.Second, func() { done(nil) })
		},
		Permissions: providerPermissions(a),
		Taggable:    true, Retag: 3 * time.Second,
	}
}

// providerPermissions are the actions of the same schemas. How long the type takes is not recorded.
func providerPermissions(a *account.Account) cloudformation.Permissions {
	provider := func(r *cloudformation.Resource) string {
		host := property.Text(r.Properties["Url"])
		return "arn:aws:iam::" + a.ID + ":oidc-provider/" + strings.TrimPrefix(host, "https://")
	}
	on := func(actions ...string) cloudformation.Needs { return cloudformation.OnARN(provider, actions...) }
	return cloudformation.Permissions{
		ARN:    provider,
		Create: on("iam:CreateOpenIDConnectProvider").WithTags(),
		Read:   on("iam:GetOpenIDConnectProvider"),
		Update: cloudformation.All(
			on("iam:RemoveClientIDFromOpenIDConnectProvider", "iam:AddClientIDToOpenIDConnectProvider").For("ClientIdList"),
			on("iam:UpdateOpenIDConnectProviderThumbprint").For("ThumbprintList"),
			on("iam:GetOpenIDConnectProvider"),
		),
		Delete: on("iam:DeleteOpenIDConnectProvider"),
		Tag:    on("iam:TagOpenIDConnectProvider").WithTags(),
		Untag:  on("iam:UntagOpenIDConnectProvider", "iam:ListOpenIDConnectProviderTags"),
		Refuse: cloudformation.RefuseAs(a, "Iam", 403),
	}
}
