package command

import (
	"context"
	"errors"
	"fmt"
	"slices"

	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"

	"pr-stack/internal/cfn"
	"pr-stack/internal/elb"
	"pr-stack/internal/ledger"
	"pr-stack/internal/permissions"
	"pr-stack/internal/release"
	"pr-stack/internal/route53"
)

// servingClients is what is asked what serves production, before something is deleted.
type servingClients struct {
	stacks  *cfn.Client
	elb     *elbv2.Client
	ecs     *awsecs.Client
	route53 *awsroute53.Client
	book    ledger.Book // of production
}

// serving is where a service's production is looked for. The ledger is a record, so AWS's own rule or record
// is looked at as well: whatever tags and ledger say, what has production's requests is not deleted.
type serving struct {
	servingClients
	service  string
	hostname string            // production's, as the user gave it; or ""
	base     map[string]string // the base stack's outputs
}

// by returns what moves production's requests, or its image; "" if no environment of a pull request becomes
// production. Only a base stack that says so is followed, since its roles have the permissions to look.
func (s serving) by() release.Way { return release.Way(s.base[promoteBy]) }

// movesTraffic reports whether environments of pull requests serve production themselves, and the base stack
// has what their requests are moved by. Else the roles may not look, and there is nothing to see.
func (s serving) movesTraffic() bool {
	switch s.by() {
	case release.Listener:
		return s.base["HttpsListenerArn"] != ""
	case release.Record:
		return s.base["HostedZoneId"] != ""
	}
	return false
}

// why returns why a stack of a pull request must not be deleted, as a clause, or "".
func (s serving) why(ctx context.Context, stack cfn.Stack) (string, error) {
	if !s.movesTraffic() {
		return "", nil
	}
	l, err := s.book.Read(ctx)
	why := inLedger(l, stack.Name)
	if err == nil && why == "" {
		why, err = s.leads(ctx, stack)
	}
	if err != nil {
		return "", fmt.Errorf("look whether stack %s serves production, in which case it must not be deleted: %w", stack.Name, err)
	}
	return why, nil
}

// inLedger returns what a stack is to production according to the ledger, as a clause, or "".
func inLedger(l release.Ledger, stack string) string {
	switch n := l.Serves(stack); {
	case n != 0 && n == l.Candidate:
		return fmt.Sprintf("production's requests are being shifted to it (generation %d)", n)
	case n != 0:
		return fmt.Sprintf("it serves production (generation %d)", n)
	case l.Weights[stack] > 0:
		return fmt.Sprintf("it has %d %% of production's requests, according to the ledger", l.Weights[stack])
	}
	return ""
}

// leads returns which rule or record of production leads to a stack now, as a clause, or "".
func (s serving) leads(ctx context.Context, stack cfn.Stack) (string, error) {
	if !s.movesTraffic() {
		return "", nil
	}
	host, err := wayAndHost{s.by(), s.service, permissions.Production, s.hostname}.host(s.base)
	if err != nil {
		return "", err
	}
	if s.by() == release.Record {
		return s.recordLeads(ctx, host, stack)
	}
	return s.ruleLeads(ctx, host, stack)
}

// ruleLeads looks at the rules of the shared listener that take requests for the host. One that the stack
// itself has is deleted with it, and is not production's.
func (s serving) ruleLeads(ctx context.Context, host string, stack cfn.Stack) (string, error) {
	rules, err := elb.Listener{API: s.elb, ARN: s.base["HttpsListenerArn"]}.Rules(ctx)
	rules = slices.DeleteFunc(rules, func(r elb.Rule) bool { return !r.Takes(host) })
	if err != nil || len(rules) == 0 {
		return "", err
	}
	own, err := s.resources(ctx, stack.ID)
	if err != nil {
		return "", err
	}
	for _, r := range rules {
		if !slices.Contains(own["AWS::ElasticLoadBalancingV2::ListenerRule"], r.ARN) &&
			slices.ContainsFunc(r.TargetGroups, func(arn string) bool { return slices.Contains(own["AWS::ElasticLoadBalancingV2::TargetGroup"], arn) }) {
			return "the rule of " + host + " on the shared listener leads to it", nil
		}
	}
	return "", nil
}

// recordLeads looks at the records of the host.
func (s serving) recordLeads(ctx context.Context, host string, stack cfn.Stack) (string, error) {
	targets, err := route53.Zone{API: s.route53, ID: s.base["HostedZoneId"]}.Targets(ctx, host)
	if err != nil || len(targets) == 0 {
		return "", err
	}
	own, err := s.resources(ctx, stack.ID)
	if err != nil {
		return "", err
	}
	var hosts []string
	for _, arn := range own["AWS::ElasticLoadBalancingV2::LoadBalancer"] {
		address, err := elb.AddressOf(ctx, s.elb, arn)
		if gone := (*types.LoadBalancerNotFoundException)(nil); errors.As(err, &gone) {
			continue
		}
		if err != nil {
			return "", err
		}
		hosts = append(hosts, address.Host)
	}
	for _, t := range targets {
		if t.ID == stack.Name || t.Host != "" && slices.ContainsFunc(hosts, func(h string) bool { return route53.SameHost(h, t.Host) }) {
			return "a record of " + host + " leads to it", nil
		}
	}
	return "", nil
}

// resources returns the physical IDs of what a stack holds, and the stacks nested in it, by their types.
func (s serving) resources(ctx context.Context, id string) (map[string][]string, error) {
	found := map[string][]string{}
	for r, err := range s.stacks.Resources(ctx, id) {
		if err != nil {
			return nil, err
		}
		found[r.Type] = append(found[r.Type], r.PhysicalID)
	}
	for _, nested := range slices.Clone(found["AWS::CloudFormation::Stack"]) {
		inner, err := s.resources(ctx, nested)
		if err != nil {
			return nil, err
		}
		for kind, ids := range inner {
			found[kind] = append(found[kind], ids...)
		}
	}
	return found, nil
}

// readBase returns the outputs of the base stack; none if it does not exist any more.
func readBase(ctx context.Context, name string, stacks *cfn.Client) (map[string]string, error) {
	base, err := stacks.Describe(ctx, name)
	if errors.Is(err, cfn.ErrNotFound) {
		return nil, nil
	}
	return base.Outputs, err
}
