package elb

import (
	"net/url"

	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// createRuleCall creates a rule by a call; createRule is CloudFormation's.
func (e *ELB) createRuleCall(form url.Values) (any, error) {
	b, l := e.listener(form.Get("ListenerArn"))
	if l == nil {
		return nil, noListener.asAPI()
	}
	if refused := e.checkRules(b); refused != (refusal{}) {
		return nil, refused.asAPI()
	}
	made := &rule{arn: ruleARN(l) + e.account.Unique(16)}
	if refused := e.changeRule(b, l, made, property.Object(wire.Tree(form))); refused != (refusal{}) {
		return nil, refused.asAPI()
	}
	e.addRule(l, made)
	e.tag(made.arn, wire.Pairs(form, "Tags", "Key", "Value"))
	return describedRules{[]describedRule{made.describe()}}, nil
}

type describedRules struct {
	Rules []describedRule `xml:"Rules>member"`
}

// modifyRule replaces the actions or the conditions of a rule, or both. What the call does not have stays.
func (e *ELB) modifyRule(form url.Values) (any, error) {
	b, l, r := e.rule(form.Get("RuleArn"))
	if r == nil {
		return nil, e.notChangeable(form.Get("RuleArn"), "modified")
	}
	asked := property.Object(wire.Tree(form))
	delete(asked, "Priority") // SetRulePriorities changes it
	if refused := e.changeRule(b, l, r, asked); refused != (refusal{}) {
		return nil, refused.asAPI()
	}
	return describedRules{[]describedRule{r.describe()}}, nil
}

func (e *ELB) deleteRule(form url.Values) (any, error) {
	if !e.removeRule(form.Get("RuleArn")) {
		return nil, e.notChangeable(form.Get("RuleArn"), "deleted")
	}
	return nil, nil
}

// notChangeable returns the error for a rule that does not exist, or that is a listener's default rule
// (FeLvi-zzz/tentez#32, aws-load-balancer-controller#37).
func (e *ELB) notChangeable(arn, done string) error {
	for _, b := range e.balancers {
		for _, l := range b.listeners {
			if arn == ruleARN(l)+"default" {
				return &wire.APIError{Code: "OperationNotPermitted", Message: "Default rule '" + arn + "' cannot be " + done}
			}
		}
	}
	return noRule.asAPI()
}
