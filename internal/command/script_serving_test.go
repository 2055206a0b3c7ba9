package command_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/rogpeppe/go-internal/testscript"

	"pr-stack/internal/actiontest"
	"pr-stack/internal/elb"
	"pr-stack/internal/ledger"
	"pr-stack/internal/release"
	"pr-stack/internal/route53"
)

// servingCommands put on AWS what a promotion would have left, for stories about what must not be deleted:
//
//	record-ledger BY STACK=PULL[@AGO]...    production's ledger, as promotions left it
//	rule HOST [STACK...]         production's rule on that listener leads to these stacks; without any, there is none
//	record HOST [STACK[=ID]...]  production's records lead to these stacks; without any, there are none
//	tasks STACK                  prints how many tasks the stack's service runs
func (s *script) servingCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"record-ledger": atLeast(1, s.recordLedger),
		"rule":          atLeast(1, s.rule),
		"record":        atLeast(1, s.record),
		"tasks":         atLeast(1, s.tasks),
	}
}

// recordLedger writes the ledger of production as promotions would have left it. Its arguments are what is
// moved, and the generations, the newest first: STACK=PULL-REQUEST, and @DURATION if it went out of production
// so long ago. The first without one has all requests.
func (s *script) recordLedger(ts *testscript.TestScript, args []string) {
	l := release.Ledger{By: release.Way(args[0]), Status: release.Stable, Next: len(args), KeepFor: time.Hour}
	for i, arg := range args[1:] {
		name, out, isOut := strings.Cut(arg, "@")
		stack, pull, _ := strings.Cut(name, "=")
		g := release.Generation{Number: len(args) - 1 - i, Stack: stack, PullRequest: count(ts, pull), Since: time.Now().Add(-999 * time.Hour)}
		if isOut {
			g.Until = time.Now().Add(-duration(ts, out))
		} else if l.Stable == 0 {
			l.Stable = g.Number
		}
		l.Generations = append(l.Generations, g)
	}
	s.AWS.PutParameter(ledger.Name("hello-world", "production", "ledger"), l.String())
}

// rule makes the shared listener's rule of a host, as a promotion does: it leads to these stacks. Without
// any, it is deleted.
func (s *script) rule(ts *testscript.TestScript, args []string) {
	ctx := context.Background()
	base, err := s.BaseOutputs(ctx)
	ts.Check(err)
	listener := elb.Listener{API: elbv2.NewFromConfig(s.AWS.Config()), ARN: base["HttpsListenerArn"]}
	before, err := listener.Weighted(ctx, args[0])
	if !errors.Is(err, elb.ErrNoRule) {
		ts.Check(err)
	}
	weights := map[string]int{}
	for _, stack := range args[1:] {
		weights[s.physicalID(ts, stack, "SharedTargetGroup")] = 100 / (len(args) - 1)
	}
	switch {
	case err == nil && len(weights) == 0:
		ts.Check(listener.Delete(ctx, before))
	case err == nil:
		ts.Check(listener.SetWeights(ctx, before, weights))
	case len(weights) > 0:
		ts.Check(listener.Create(ctx, args[0], 1, weights, nil))
	}
}

// record makes the records of a host, as a promotion does: they lead to these stacks. STACK as NAME is one of
// a set identifier that is not the stack's name. Without any stack, they are deleted.
func (s *script) record(ts *testscript.TestScript, args []string) {
	ctx := context.Background()
	zone := route53.Zone{API: awsroute53.NewFromConfig(s.AWS.Config()), ID: actiontest.ZoneID}
	before, err := zone.Weighted(ctx, args[0])
	ts.Check(err)
	var records []route53.WeightedRecord
	for _, arg := range args[1:] {
		stack, id, renamed := strings.Cut(arg, "=")
		if !renamed {
			id = stack
		}
		address, err := elb.AddressOf(ctx, elbv2.NewFromConfig(s.AWS.Config()), s.physicalID(ts, stack, "LoadBalancer"))
		ts.Check(err)
		records = append(records, route53.WeightedRecord{ID: id, Weight: 100, Host: address.Host, Zone: address.Zone})
	}
	_, err = zone.Change(ctx, args[0], before, records)
	ts.Check(err)
}

// physicalID returns that of a resource of a stack.
func (s *script) physicalID(ts *testscript.TestScript, stack, logicalID string) string {
	for line := range strings.Lines(s.held(ts, stack)) {
		if id, found := strings.CutPrefix(line, logicalID+" "); found {
			return strings.TrimSpace(id)
		}
	}
	ts.Fatalf("stack %s has no %s", stack, logicalID)
	return ""
}

// tasks prints how many tasks the service of a stack runs.
func (s *script) tasks(ts *testscript.TestScript, args []string) {
	arn := s.physicalID(ts, args[0], "EcsService")
	cluster, _, _ := strings.Cut(arn[strings.Index(arn, ":service/")+len(":service/"):], "/")
	answer, err := ecs.NewFromConfig(s.AWS.Config()).DescribeServices(context.Background(), &ecs.DescribeServicesInput{Cluster: &cluster, Services: []string{arn}})
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d tasks\n", answer.Services[0].RunningCount)
}
