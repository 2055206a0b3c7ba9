package elb

import (
	"net/url"
	"strings"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
	"pr-stack/internal/fake/aws/internal/wire"
)

// CallPermissions returns what the API's operations need. To describe is on no particular resource. A rule
// is created on its listener, and the tags that a call gives it at once need AddTags on the rule, too.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html
func (e *ELB) CallPermissions() permission.Table {
	onEverything := func(action string) func(url.Values) []account.Access {
		return func(url.Values) []account.Access {
			return []account.Access{{Action: "elasticloadbalancing:" + action, Resource: "*"}}
		}
	}
	onRule := func(action string) func(url.Values) []account.Access {
		return func(form url.Values) []account.Access {
			return []account.Access{e.on(action, form.Get("RuleArn"))}
		}
	}
	return permission.Query(map[string]func(url.Values) []account.Access{
		"DescribeAccountLimits": onEverything("DescribeAccountLimits"),
		"DescribeLoadBalancers": onEverything("DescribeLoadBalancers"),
		"DescribeTargetGroups":  onEverything("DescribeTargetGroups"),
		"DescribeTargetHealth":  onEverything("DescribeTargetHealth"),
		"DescribeRules":         onEverything("DescribeRules"),
		"DescribeTags":          onEverything("DescribeTags"),
		"CreateRule":            e.createRuleNeeds,
		"ModifyRule":            onRule("ModifyRule"),
		"DeleteRule":            onRule("DeleteRule"),
		"AddTags": func(form url.Values) (list []account.Access) {
			for _, arn := range wire.Members(form, "ResourceArns") {
				list = append(list, e.on("AddTags", arn).WithRequestTags(wire.Pairs(form, "Tags", "Key", "Value")))
			}
			return list
		},
	})
}

// on is an action on a resource, with its tags.
func (e *ELB) on(action, arn string) account.Access {
	return account.Access{Action: "elasticloadbalancing:" + action, Resource: arn}.WithResourceTags(e.account.Tags(arn))
}

func (e *ELB) createRuleNeeds(form url.Values) []account.Access {
	listener, tags := form.Get("ListenerArn"), wire.Pairs(form, "Tags", "Key", "Value")
	list := []account.Access{e.on("CreateRule", listener).WithRequestTags(tags)}
	if len(tags) == 0 {
		return list
	}
	rules := strings.Replace(listener, ":listener/", ":listener-rule/", 1) + "/*"
	tagging := account.Access{Action: "elasticloadbalancing:AddTags", Resource: rules}.WithRequestTags(tags)
	return append(list, tagging.With("elasticloadbalancing:CreateAction", "CreateRule"))
}
