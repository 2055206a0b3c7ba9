package elb

import (
	"net/url"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
)

// CallPermissions returns what the API's operations need. None of them is on a particular resource.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
func (e *ELB) CallPermissions() permission.Table {
	onEverything := func(action string) func(url.Values) []account.Access {
		return func(url.Values) []account.Access {
			return []account.Access{{Action: "elasticloadbalancing:" + action, Resource: "*"}}
		}
	}
	return permission.Query(map[string]func(url.Values) []account.Access{
		"DescribeAccountLimits": onEverything("DescribeAccountLimits"),
		"DescribeLoadBalancers": onEverything("DescribeLoadBalancers"),
		"DescribeTargetGroups":  onEverything("DescribeTargetGroups"),
		"DescribeTargetHealth":  onEverything("DescribeTargetHealth"),
		"DescribeRules":         onEverything("DescribeRules"),
	})
}
