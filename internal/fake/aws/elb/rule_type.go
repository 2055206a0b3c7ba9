package elb

import (
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// ruleType is recorded with a second for a creation and for a deletion.
func (e *ELB) ruleType() cloudformation.Type {
	return cloudformation.Type{
		Create:   e.createRule,
		Replaces: cloudformation.AnyChanged("ListenerArn"),
		Taggable: true, Required: []string{"Actions", "Conditions", "Priority", "ListenerArn"}, Permissions: e.rulePermissions(),
		Retag: 2 * time.Second, // not recorded: a creation, and a call more
		Update: func(r *cloudformation.Resource, _ map[string]any, done func(error)) {
			b, l := e.listener(property.Text(r.Properties["ListenerArn"]))
			if l == nil || l.rules[r.PhysicalID] == nil {
				e.account.After(time.Second, func() { done(e.asHandler(noRule)) })
				return
			}
			e.configureRule(b, l, l.rules[r.PhysicalID], r.Properties, done)
		},
		Delete: func(r *cloudformation.Resource, done func(error)) {
			e.removeRule(r.PhysicalID)
			e.account.After(time.Second, func() { done(nil) })
		},
	}
}

func (e *ELB) createRule(r *cloudformation.Resource, done func(error)) {
	b, l := e.listener(property.Text(r.Properties["ListenerArn"]))
	refused := noListener
	if l != nil {
		refused = e.checkRules(b)
	}
	if refused != (refusal{}) {
		e.account.After(time.Second, func() { done(e.asHandler(refused)) })
		return
	}
	made := &rule{arn: ruleARN(l) + e.account.Unique(16)}
	if e.configureRule(b, l, made, r.Properties, done) {
		e.addRule(l, made)
		r.PhysicalID = made.arn
		r.Attributes["RuleArn"], r.Attributes["IsDefault"] = made.arn, "false"
	}
}

// configureRule is configure for a rule.
func (e *ELB) configureRule(b *balancer, l *listener, r *rule, p map[string]any, done func(error)) bool {
	if refused := e.changeRule(b, l, r, p); refused != (refusal{}) {
		e.account.After(time.Second, func() { done(e.asHandler(refused)) })
		return false
	}
	e.account.After(time.Second, func() { done(nil) })
	return true
}
