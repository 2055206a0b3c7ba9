package command_test

import (
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"pr-stack/internal/actiontest"
	"pr-stack/internal/cfn"
	"pr-stack/internal/elb"
	fakeaws "pr-stack/internal/fake/aws"
	zones "pr-stack/internal/route53"
)

const productionHost = "production.preview.example.com"

// frozen is a stack policy by which an update may change nothing that the stack has.
const frozen = `{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}`

// promoted is an account in which pull request 7's environment serves production, behind its fence.
type promoted struct {
	*colleague
	base       map[string]string
	group      string // ARN of the environment's target group
	balancing  *elbv2.Client
	dns        *route53.Client
	parameters *ssm.Client
}

// asColleagueOfPromoted runs a test with the rights of whoever may push a branch.
func asColleagueOfPromoted(t *testing.T, way string, test func(t *testing.T, c *promoted)) {
	t.Helper()
	skipUnderRace(t)
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{Scale: 0.1}, "INPUT_PARAMETER-OVERRIDES="+actiontest.SharedBase, "INPUT_PROMOTE-BY="+way)
		e.GitHub.Open(7, oneCommit)
		ingress := map[string]string{"listener": "shared", "record": "dedicated"}[way]
		e.run("opened", oneCommit, "INPUT_INGRESS="+ingress).want(t, 0, "created", "")
		base, err := e.BaseOutputs(t.Context())
		e.check(err)
		config, err := e.ConfigAs("hello-world", "preview")
		e.check(err)
		c := &promoted{
			colleague: &colleague{env: e, stacks: cloudformation.NewFromConfig(config), registry: ecr.NewFromConfig(config)},
			base:      base, balancing: elbv2.NewFromConfig(config), dns: route53.NewFromConfig(config), parameters: ssm.NewFromConfig(config),
		}
		c.promote(way)
		test(t, c)
	})
}

// promote does what a promotion of pull request 7 leaves.
func (c *promoted) promote(way string) {
	ctx, admin := c.t.Context(), c.AWS.Config()
	switch way {
	case "listener":
		c.group = c.resource(stackName, "SharedTargetGroup")
		listener := elb.Listener{API: elbv2.NewFromConfig(admin), ARN: c.base["HttpsListenerArn"]}
		c.check(listener.Create(ctx, productionHost, 1, map[string]int{c.group: 100}, actiontest.Tags("hello-world", "production", 0)))
	case "record":
		address, err := elb.AddressOf(ctx, elbv2.NewFromConfig(admin), c.resource(stackName, "LoadBalancer"))
		c.check(err)
		zone := zones.Zone{API: route53.NewFromConfig(admin), ID: c.base["HostedZoneId"]}
		_, err = zone.Change(ctx, productionHost, nil, []zones.WeightedRecord{{ID: stackName, Weight: 100, Host: address.Host, Zone: address.Zone}})
		c.check(err)
	}
	stacks := &cfn.Client{API: c.CloudFormation()}
	c.check(stacks.Protect(ctx, stackName, true))
	c.check(stacks.SetPolicy(ctx, stackName, frozen))
	_, err := ssm.NewFromConfig(admin).PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(ledgerName), Value: aws.String("{}"), Type: ssmtypes.ParameterTypeString,
	})
	c.check(err)
	<-time.After(2 * time.Minute) // until all reads see it
}

const ledgerName = "/pr-stack/hello-world/production/ledger"

func TestColleague_cannot_write_the_ledger(t *testing.T) {
	asColleagueOfPromoted(t, "listener", func(t *testing.T, c *promoted) {
		for _, name := range []string{ledgerName, "/pr-stack/hello-world/production/lock", "/pr-stack/hello-world/production/stop"} {
			for _, overwrite := range []bool{true, false} {
				_, err := c.parameters.PutParameter(t.Context(), &ssm.PutParameterInput{
					Name: &name, Value: aws.String("{}"), Type: ssmtypes.ParameterTypeString, Overwrite: &overwrite,
				})
				c.denied("write "+name, err)
			}
			_, err := c.parameters.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: &name})
			c.denied("delete "+name, err)
		}
		c.deniedInStack("write the ledger", "Type: AWS::SSM::Parameter, Properties: {Type: String, Value: x, Name: "+ledgerName+"2}")
	})
}

func TestColleague_cannot_move_the_requests_of_productions_rule(t *testing.T) {
	asColleagueOfPromoted(t, "listener", func(t *testing.T, c *promoted) {
		listener := elb.Listener{API: elbv2.NewFromConfig(c.AWS.Config()), ARN: c.base["HttpsListenerArn"]}
		rule, err := listener.Weighted(t.Context(), productionHost)
		c.check(err)
		other := []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &c.group}}
		_, err = c.balancing.ModifyRule(t.Context(), &elbv2.ModifyRuleInput{RuleArn: &rule.ARN, Actions: other})
		c.denied("move production's requests", err)
		_, err = c.balancing.DeleteRule(t.Context(), &elbv2.DeleteRuleInput{RuleArn: &rule.ARN})
		c.denied("delete production's rule", err)
		for what, tags := range map[string]map[string]string{"": nil, " with a preview's tags": actiontest.Tags("hello-world", "pr-9", 9)} {
			input := &elbv2.CreateRuleInput{
				ListenerArn: &listener.ARN, Priority: aws.Int32(2), Actions: other,
				Conditions: []elbtypes.RuleCondition{{Field: aws.String("path-pattern"), Values: []string{"*"}}},
			}
			for key, value := range tags {
				input.Tags = append(input.Tags, elbtypes.Tag{Key: &key, Value: &value})
			}
			_, err = c.balancing.CreateRule(t.Context(), input)
			c.denied("create a rule"+what, err)
		}
		// A preview's tags would make production's rule one that a stack of a preview may change.
		_, err = c.balancing.AddTags(t.Context(), &elbv2.AddTagsInput{
			ResourceArns: []string{rule.ARN}, Tags: []elbtypes.Tag{{Key: aws.String("pr-stack:environment"), Value: aws.String("pr-9")}},
		})
		c.denied("give production's rule a preview's tags", err)
		// Nothing comes before the first rule.
		mine := "Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: '" + listener.ARN + "', Priority: 1, " +
			"Conditions: [{Field: host-header, Values: [" + productionHost + "]}], Actions: [{Type: forward, TargetGroupArn: '" + c.group + "'}]}"
		if reason := c.failed(mine); !strings.Contains(reason, "riority") {
			t.Errorf("a rule in the place of production's: %q, want that its priority is in use", reason)
		}
		if after, err := listener.Weighted(t.Context(), productionHost); err != nil || after.ARN != rule.ARN || !maps.Equal(after.Weights, rule.Weights) {
			t.Errorf("production's rule is %+v, %v, want %+v", after, err, rule)
		}
	})
}

// failed creates a stack with one resource, and returns why that failed, or "".
func (c *promoted) failed(resource string) string {
	created, err := c.stacks.CreateStack(c.t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("hello-world-pr-9"), TemplateBody: aws.String("Resources: {Mine: {" + resource + "}}"), Tags: previewTags(),
	})
	c.check(err)
	c.settled(*created.StackId)
	defer c.remove(*created.StackId)
	return c.failure(c.t.Context(), *created.StackId)
}

func TestColleague_cannot_move_the_requests_of_productions_record(t *testing.T) {
	asColleagueOfPromoted(t, "record", func(t *testing.T, c *promoted) {
		zone := zones.Zone{API: route53.NewFromConfig(c.AWS.Config()), ID: c.base["HostedZoneId"]}
		before, err := zone.Weighted(t.Context(), productionHost)
		c.check(err)
		target := &route53types.AliasTarget{DNSName: &before[0].Host, HostedZoneId: &before[0].Zone}
		for _, name := range []string{productionHost, "pr-9.preview.example.com"} {
			for _, action := range []route53types.ChangeAction{"UPSERT", "CREATE", "DELETE"} {
				_, err := c.dns.ChangeResourceRecordSets(t.Context(), &route53.ChangeResourceRecordSetsInput{
					HostedZoneId: &zone.ID, ChangeBatch: &route53types.ChangeBatch{Changes: []route53types.Change{{Action: action, ResourceRecordSet: &route53types.ResourceRecordSet{
						Name: &name, Type: "A", SetIdentifier: aws.String("mine"), Weight: aws.Int64(255), AliasTarget: target,
					}}}},
				})
				c.denied(string(action)+" a record of "+name, err)
			}
		}
		c.deniedInStack("add a record of production", "Type: AWS::Route53::RecordSet, Properties: {HostedZoneId: "+zone.ID+", Name: "+productionHost+
			", Type: A, SetIdentifier: mine, Weight: 255, AliasTarget: {DNSName: a, HostedZoneId: Z9}}")
		if after, err := zone.Weighted(t.Context(), productionHost); err != nil || len(after) != 1 || after[0].Weight != before[0].Weight {
			t.Errorf("production's records are %+v, %v, want %+v", after, err, before)
		}
	})
}

// The stack that serves production is one of a preview. Neither can it be deleted, nor can an update change
// what it has, nor can either be made possible.
func TestColleague_cannot_lift_the_fence(t *testing.T) {
	asColleagueOfPromoted(t, "listener", func(t *testing.T, c *promoted) {
		name, ctx := aws.String(stackName), t.Context()
		before, err := c.Stack(ctx, stackName)
		c.check(err)
		_, err = c.stacks.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{StackName: name, EnableTerminationProtection: aws.Bool(false)})
		c.denied("turn the protection off", err)
		_, err = c.stacks.SetStackPolicy(ctx, &cloudformation.SetStackPolicyInput{StackName: name, StackPolicyBody: aws.String("{}")})
		c.denied("set the stack's policy", err)
		_, err = c.stacks.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: name})
		if err == nil || !strings.Contains(err.Error(), "TerminationProtection") {
			t.Errorf("delete the stack: %v, want that it is protected", err)
		}
		template, err := c.CloudFormation().GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: name})
		c.check(err)
		update := &cloudformation.UpdateStackInput{
			StackName: name, TemplateBody: template.TemplateBody, Tags: tagsOf(before.Tags),
		}
		for key, value := range before.Parameters {
			if key == "HealthCheckPath" {
				value = "/other"
			}
			update.Parameters = append(update.Parameters, types.Parameter{ParameterKey: &key, ParameterValue: &value})
		}
		update.StackPolicyDuringUpdateBody = aws.String(strings.Replace(frozen, "Deny", "Allow", 1))
		_, err = c.stacks.UpdateStack(ctx, update)
		c.denied("update with another policy", err)
		update.StackPolicyDuringUpdateBody, update.StackPolicyBody = nil, aws.String("{}")
		_, err = c.stacks.UpdateStack(ctx, update)
		c.denied("update and set the policy", err)
		update.StackPolicyBody = nil
		_, err = c.stacks.UpdateStack(ctx, update)
		c.check(err)
		if status := c.settled(before.ID); status != types.StackStatusUpdateRollbackComplete {
			t.Errorf("after an update the stack is in %s, want that the stack's policy denies what it changes", status)
		}
		if status, _, err := c.Get(ctx, "https://"+productionHost); err != nil || !strings.HasPrefix(status, "200") {
			t.Errorf("production answers %s, %v, want 200", status, err)
		}
	})
}

// What IAM cannot keep from the role of previews, README.md, Production, says. If one of these is refused one
// day, that can be shorter.
func TestColleague_can_still_harm_what_serves_production(t *testing.T) {
	asColleagueOfPromoted(t, "listener", func(t *testing.T, c *promoted) {
		role, err := c.RoleARN("hello-world", "preview")
		c.check(err)
		const here = ":eu-north-1:123456789012:"
		own := map[string]string{"aws:ResourceTag/pr-stack:service": "hello-world", "aws:ResourceTag/pr-stack:environment": "pr-7",
			"ecs:cluster": "arn:aws:ecs" + here + "cluster/" + c.base["ClusterName"]}
		for what, access := range map[string][2]string{
			"delete the promoted image": {"ecr:BatchDeleteImage", "arn:aws:ecr" + here + "repository/" + c.base["RepositoryName"]},
			"stop the promoted tasks":   {"ecs:StopTask", "arn:aws:ecs" + here + "task/" + c.base["ClusterName"] + "/1"},
		} {
			if !c.AWS.Simulate(role, access[0], access[1], own) {
				t.Errorf("%s: it is not allowed, and README.md says that it is", what)
			}
		}
		rule := "Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: '" + c.base["HttpsListenerArn"] + "', Priority: 2, " +
			"Conditions: [{Field: host-header, Values: [" + productionHost + "]}], Actions: [{Type: forward, TargetGroupArn: '" + c.group + "'}]}"
		if reason := c.failed(rule); reason != "" {
			t.Errorf("a rule for production's name after production's: %s, and README.md says that it is allowed", reason)
		}
	})
}

// By record, production's requests come to a load balancer that is a preview's.
func TestColleague_can_still_harm_what_serves_production_by_record(t *testing.T) {
	asColleagueOfPromoted(t, "record", func(_ *testing.T, c *promoted) {
		if reason := c.failed("Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: '" + c.resource(stackName, "HttpsListener") + "', Priority: 1, " +
			"Conditions: [{Field: host-header, Values: [" + productionHost + "]}], Actions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: '200'}}]}"); reason != "" {
			t.Errorf("a rule of the load balancer that serves production: %s, and README.md says that it is allowed", reason)
		}
	})
}
