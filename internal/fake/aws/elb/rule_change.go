package elb

import (
	"cmp"
	"slices"
	"time"
)

// defaultRuleDelay is how long a change of a rule takes until requests follow it. No document states a
// figure; the guide says that there is "a slight delay".
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
const defaultRuleDelay = 3 * time.Second

// changeRule applies properties to a rule, or refuses them all.
func (e *ELB) changeRule(b *balancer, l *listener, r *rule, p map[string]any) refusal {
	changed := *r
	if refused := cmp.Or(changed.configure(l, p), e.checkGroups(b, changed.actions)); refused != (refusal{}) {
		return refused
	}
	*r = changed
	e.record(l)
	actions := r.actions
	delay := cmp.Or(e.RuleDelay, defaultRuleDelay)
	if delay < 0 {
		r.inEffect = actions
		return refusal{}
	}
	e.account.After(delay, func() { r.inEffect = actions })
	return refusal{}
}

func (e *ELB) addRule(l *listener, r *rule) {
	l.rules[r.arn] = r
	e.record(l)
}

// removeRule deletes the rule of an ARN and reports whether there was one. Requests stop following it at
// once.
func (e *ELB) removeRule(arn string) (found bool) {
	_, l, r := e.rule(arn)
	if r == nil {
		return false
	}
	delete(l.rules, arn)
	delete(e.tags, arn)
	e.record(l)
	return true
}

// rule returns the rule of an ARN, with its listener and load balancer, or nil.
func (e *ELB) rule(arn string) (*balancer, *listener, *rule) {
	for _, b := range e.balancers {
		for _, l := range b.listeners {
			if r := l.rules[arn]; r != nil {
				return b, l, r
			}
		}
	}
	return nil, nil, nil
}

// pastRules are the rules that a listener had from a point in time on.
type pastRules struct {
	at    time.Time
	rules []*rule
}

// record keeps what the rules of a listener are now, if old answers may be asked for.
func (e *ELB) record(l *listener) {
	if e.RuleStaleness == nil {
		return
	}
	now := pastRules{at: e.account.Now()}
	for _, r := range l.ordered() {
		unchanging := *r
		now.rules = append(now.rules, &unchanging)
	}
	l.past = append(l.past, now)
}

// described returns the rules of a listener as DescribeRules has them at an age.
func (e *ELB) described(l *listener, age time.Duration) []*rule {
	if age <= 0 {
		return l.ordered()
	}
	then := e.account.Now().Add(-age)
	for _, p := range slices.Backward(l.past) {
		if !p.at.After(then) {
			return slices.Clone(p.rules)
		}
	}
	return nil
}
