// Package servicequotas is Service Quotas: the values of a few quotas, which a test may change.
package servicequotas

import (
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
	"pr-stack/internal/fake/aws/internal/wire"
)

// Quotas is the account's quotas.
type Quotas struct {
	account *account.Account
	quotas  map[key]quota
}

type key struct{ service, code string }

type quota struct {
	name  string
	value float64
}

// New returns the quotas of a new account: https://docs.aws.amazon.com/general/latest/gr/ecs-service.html
// and https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html; the codes are also
// in gruntwork-io/terraform-aws-utilities, docs/quotas.md.
func New(a *account.Account) *Quotas {
	return &Quotas{account: a, quotas: map[key]quota{
		{"fargate", "L-3032A538"}:    {"Fargate On-Demand vCPU resource count", 6},
		{"fargate", "L-36FBB829"}:    {"Fargate Spot vCPU resource count", 6},
		{"apigateway", "L-608BDCD4"}: {"VPC links(V2)", 10},
	}}
}

// Set changes the value of a quota, as AWS does after a request.
func (q *Quotas) Set(service, code string, value float64) {
	k := key{service, code}
	q.quotas[k] = quota{q.quotas[k].name, value}
}

// Operations returns the API.
func (q *Quotas) Operations() wire.Operations {
	return wire.Decoded(map[string]func(request) (any, error){"GetServiceQuota": q.getServiceQuota})
}

// CallPermissions returns the permissions that the API's operations need.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_servicequotas.html
func (q *Quotas) CallPermissions() permission.Table {
	return permission.Decoded(map[string]func(request) []account.Access{
		"GetServiceQuota": func(request) []account.Access {
			return []account.Access{{Action: "servicequotas:GetServiceQuota", Resource: "*"}}
		},
	})
}

type request struct{ ServiceCode, QuotaCode string }

func (q *Quotas) getServiceQuota(r request) (any, error) {
	found, ok := q.quotas[key{r.ServiceCode, r.QuotaCode}]
	if !ok {
		return nil, &wire.APIError{
			Code:    "NoSuchResourceException",
			Message: "The request failed because the specified service does not exist.",
		}
	}
	return map[string]any{"Quota": map[string]any{
		"ServiceCode": r.ServiceCode, "QuotaCode": r.QuotaCode, "QuotaName": found.name, "Value": found.value,
		"QuotaArn": q.account.ARN("servicequotas", r.ServiceCode+"/"+r.QuotaCode), "Adjustable": true,
	}}, nil
}
