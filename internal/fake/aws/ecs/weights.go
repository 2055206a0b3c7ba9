package ecs

import (
	"fmt"
	"math"

	"pr-stack/internal/fake/aws/internal/account"
)

// infrastructure returns the session in which ECS uses the role of a canary. It is nil, which may do
// anything, in an account without roles.
func (e *ECS) infrastructure(c *canary) (*account.Principal, error) {
	if e.account.ServiceRole == nil {
		return nil, nil
	}
	return e.account.ServiceRole(c.role, "ecs.amazonaws.com")
}

// roleOf returns why ECS cannot use the role of a canary, or nil.
func (e *ECS) roleOf(c *canary) error {
	principal, err := e.infrastructure(c)
	if err != nil {
		return err
	}
	return principal.Check(account.Access{Action: "elasticloadbalancing:DescribeRules", Resource: "*"})
}

// shift gives one of the two revisions a share of the requests. Its error becomes the reason of a rollback. A rule
// that does something else than forward is none that ECS can use (ECS developer guide, "Application
// Load Balancer resources for blue/green deployments", limitations). Its words are inferred.
func (e *ECS) shift(d *serviceDeployment, target *deployment, percent float64) error {
	c := d.canary
	principal, err := e.infrastructure(c)
	if err == nil {
		err = principal.Check(account.Access{Action: "elasticloadbalancing:ModifyRule", Resource: c.rule}.WithResourceTags(e.account.Tags(c.rule)))
	}
	if err != nil {
		return fmt.Errorf("unable to modify listener rule %s: %w", c.rule, err)
	}
	if _, others, _ := e.ELB.RuleGroups(c.rule); len(others) > 0 {
		return fmt.Errorf("listener rule %s has other actions than forward: %v", c.rule, others)
	}
	mine, rest := weights(percent)
	if err := e.ELB.SetWeights(c.rule, map[string]int{target.group: mine, c.other(target.group): rest}); err != nil {
		return err
	}
	d.target.weight = 100 - percent
	if d.source != nil {
		d.source.weight = 100 - percent
	}
	target.weight = percent
	return nil
}

// weights returns the weights of a share and of the rest. A weight is a whole number up to 999. That a
// part of a percent is made of larger ones is inferred.
func weights(percent float64) (mine, rest int) {
	if percent == math.Trunc(percent) {
		return int(percent), 100 - int(percent)
	}
	mine = int(math.Round(percent * 10))
	return mine, min(1000-mine, 999)
}
