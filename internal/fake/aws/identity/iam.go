package identity

import (
	"cmp"
	"net/url"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
	"pr-stack/internal/fake/aws/internal/wire"
)

// IAMOperations returns the API of IAM.
func (i *Identity) IAMOperations() wire.Operations {
	return wire.Operations{Query: map[string]wire.Query{
		"GetRole":                 i.getRole,
		"SimulatePrincipalPolicy": i.simulatePrincipalPolicy,
	}}
}

// IAMCallPermissions returns the permissions that the operations of IAM need.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
func (i *Identity) IAMCallPermissions() permission.Table {
	return permission.Query(map[string]func(url.Values) []account.Access{
		"GetRole": func(form url.Values) []account.Access {
			arn := cmp.Or(i.RoleARN(form.Get("RoleName")), "arn:aws:iam::"+i.account.ID+":role/"+form.Get("RoleName"))
			return []account.Access{{Action: "iam:GetRole", Resource: arn}}
		},
		"SimulatePrincipalPolicy": func(form url.Values) []account.Access {
			return []account.Access{{Action: "iam:SimulatePrincipalPolicy", Resource: form.Get("PolicySourceArn")}}
		},
	})
}
