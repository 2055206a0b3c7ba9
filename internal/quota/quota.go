// Package quota reads the values of an account's quotas from Service Quotas.
package quota

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
)

// Code identifies a quota: by its service's code and by its own, which are the same in all accounts.
type Code struct{ Service, Quota string }

// The quotas that environments need room in.
// https://docs.aws.amazon.com/general/latest/gr/ecs-service.html#limits_fargate
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
var (
	FargateCPUs     = Code{"fargate", "L-3032A538"} // vCPUs of all on-demand tasks at a time
	FargateSpotCPUs = Code{"fargate", "L-36FBB829"} // and of those on Spot
	VPCLinks        = Code{"apigateway", "L-608BDCD4"}
)

// Value returns the value of a quota in the account and region.
func Value(ctx context.Context, api *servicequotas.Client, c Code) (float64, error) {
	answer, err := api.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &c.Service, QuotaCode: &c.Quota})
	if err != nil {
		return 0, fmt.Errorf("read quota %s of %s: %w", c.Quota, c.Service, err)
	}
	return aws.ToFloat64(answer.Quota.Value), nil
}
