package command

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"

	"pr-stack/internal/permissions"
)

func (w *wiring) newServing() servingClients {
	return servingClients{
		stacks: w.newStacks(), elb: elbv2.NewFromConfig(w.aws), ecs: ecs.NewFromConfig(w.aws), route53: route53.NewFromConfig(w.aws), book: w.newBook(permissions.Production),
	}
}
