package command_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
)

// What a template of a pull request's own asks for is done with the rights of its job. It gets no way to
// production's load balancer, no change of the shared one, and no name of others. It may add a rule for any
// host name to the shared listener: IAM has no condition on that, which README.md, Security, says.
func TestColleague_cannot_use_the_ingress_of_others(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{Scale: 0.1}, "INPUT_PARAMETER-OVERRIDES="+actiontest.SharedBase)
		e.GitHub.Open(7, oneCommit)
		e.run("opened", oneCommit, "INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT=production", "INPUT_INGRESS=dedicated").want(t, 0, "created", "")
		config, err := e.ConfigAs("hello-world", "preview")
		e.check(err)
		stacks := cloudformation.NewFromConfig(config)
		base, err := e.BaseOutputs(t.Context())
		e.check(err)
		production := (&colleague{env: e}).resource("hello-world-production", "HttpsListener")
		shared := base["HttpsListenerArn"]
		balancer := strings.Replace(shared[:strings.LastIndex(shared, "/")], ":listener/", ":loadbalancer/", 1)
		rule := func(listener, tags string) string {
			return fmt.Sprintf("{Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: %q, Priority: 5, %s"+
				"Conditions: [{Field: host-header, Values: [a]}], Actions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: '200'}}]}}", listener, tags)
		}
		record := func(name, kind string) string {
			return fmt.Sprintf("{Type: AWS::Route53::RecordSet, Properties: {HostedZoneId: %s, Name: %q, Type: %s, AliasTarget: {DNSName: a, HostedZoneId: Z9}}}",
				base["HostedZoneId"], name, kind)
		}
		for what, test := range map[string]struct{ resource, denied string }{
			"a rule on production's listener": {rule(production, ""), "elasticloadbalancing:CreateRule"},
			"a rule with production's tags":   {rule(shared, "Tags: [{Key: 'pr-stack:environment', Value: production}], "), "elasticloadbalancing:CreateRule"},
			"another listener of the shared load balancer": {fmt.Sprintf("{Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: %q, Port: 8080, "+
				"DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: '200'}}]}}", balancer), "elasticloadbalancing:CreateListener"},
			"production's name":      {record("staging.preview.example.com", "A"), "route53:ChangeResourceRecordSets"},
			"a name of another zone": {record("pr-9.example.com", "A"), "route53:ChangeResourceRecordSets"},
			"a record of mail":       {record("pr-9.preview.example.com", "MX"), "route53:ChangeResourceRecordSets"},
			"its own name":           {record("pr-9.preview.example.com", "A"), ""},
			"its own rule":           {rule(shared, ""), ""},
		} {
			name := aws.String("hello-world-pr-9")
			_, err := stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{
				StackName: name, Tags: previewTags(), TemplateBody: aws.String("Resources: {R: " + test.resource + "}"),
			})
			e.check(err)
			<-time.After(time.Minute)
			answer, err := stacks.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: name})
			e.check(err)
			reason := ""
			for _, event := range answer.StackEvents {
				if event.ResourceStatus == "CREATE_FAILED" {
					reason = aws.ToString(event.ResourceStatusReason)
				}
			}
			if want := "is not authorized to perform: " + test.denied; (test.denied == "") != (reason == "") || test.denied != "" && !strings.Contains(reason, want) {
				t.Errorf("%s: %q, want %q", what, reason, test.denied)
			}
			_, err = e.CloudFormation().DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: name})
			e.check(err)
			<-time.After(time.Minute)
		}
	})
}
