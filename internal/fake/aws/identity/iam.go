package identity

import (
	"net/url"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
	"pr-stack/internal/fake/aws/internal/wire"
)

// IAMOperations returns the API of IAM.
func (i *Identity) IAMOperations() wire.Operations {
	return wire.Operations{Query: map[string]wire.Query{
		"ListOpenIDConnectProviders": i.listProviders,
		"GetOpenIDConnectProvider":   i.getProvider,
	}}
}

// IAMCallPermissions returns the permissions that the operations of IAM need.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
func (i *Identity) IAMCallPermissions() permission.Table {
	return permission.Query(map[string]func(url.Values) []account.Access{
		"ListOpenIDConnectProviders": func(url.Values) []account.Access {
			return []account.Access{{Action: "iam:ListOpenIDConnectProviders", Resource: i.providerARN("*")}}
		},
		"GetOpenIDConnectProvider": func(form url.Values) []account.Access {
			return []account.Access{{Action: "iam:GetOpenIDConnectProvider", Resource: form.Get("OpenIDConnectProviderArn")}}
		},
	})
}
