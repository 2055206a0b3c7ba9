package identity

import (
	"cmp"
	"net/url"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
	"pr-stack/internal/fake/aws/internal/wire"
)

// IAM is the API of IAM, beside that of STS, which Identity itself answers.
type IAM struct{ identity *Identity }

// IAM returns the API of IAM.
func (i *Identity) IAM() IAM { return IAM{i} }

// Operations returns IAM's operations.
func (a IAM) Operations() wire.Operations {
	i := a.identity
	return wire.Operations{Query: map[string]wire.Query{
		"ListOpenIDConnectProviders": i.listProviders,
		"GetOpenIDConnectProvider":   i.getProvider,
		"GetRole":                    i.getRole,
		"SimulatePrincipalPolicy":    i.simulatePrincipalPolicy,
	}}
}

// CallPermissions returns the permissions that they need.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
func (a IAM) CallPermissions() permission.Table {
	i := a.identity
	return permission.Query(map[string]func(url.Values) []account.Access{
		"ListOpenIDConnectProviders": func(url.Values) []account.Access {
			return []account.Access{{Action: "iam:ListOpenIDConnectProviders", Resource: i.providerARN("*")}}
		},
		"GetOpenIDConnectProvider": func(form url.Values) []account.Access {
			return []account.Access{{Action: "iam:GetOpenIDConnectProvider", Resource: form.Get("OpenIDConnectProviderArn")}}
		},
		"GetRole": func(form url.Values) []account.Access {
			arn := cmp.Or(i.RoleARN(form.Get("RoleName")), "arn:aws:iam::"+i.account.ID+":role/"+form.Get("RoleName"))
			return []account.Access{{Action: "iam:GetRole", Resource: arn}}
		},
		"SimulatePrincipalPolicy": func(form url.Values) []account.Access {
			return []account.Access{{Action: "iam:SimulatePrincipalPolicy", Resource: form.Get("PolicySourceArn")}}
		},
	})
}
