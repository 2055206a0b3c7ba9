package command_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
)

// asColleagueWithAPIs is asColleague, with all environments behind HTTP APIs.
func asColleagueWithAPIs(t *testing.T, test func(t *testing.T, c *colleague)) {
	t.Helper()
	skipUnderRace(t)
	asColleague(t, func(t *testing.T, c *colleague) {
		for _, service := range []string{"hello-world", "hello-world-pr"} {
			service = "INPUT_SERVICE=" + service
			c.run("opened", oneCommit, service, "INPUT_COMMAND=bootstrap", "INPUT_INGRESS=api").want(t, 0, "updated", "")
			c.run("opened", oneCommit, service).want(t, 0, "updated", "")
		}
		c.run("opened", oneCommit, "INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT=production").want(t, 0, "updated", "")
		test(t, c)
	})
}

// A part of an API is created in the API, whose tags say whose it is.
func TestColleague_cannot_reach_others_APIs_through_a_stack(t *testing.T) {
	asColleagueWithAPIs(t, func(t *testing.T, c *colleague) {
		base, err := c.BaseOutputs(t.Context())
		c.check(err)
		other, err := c.Stack(t.Context(), "hello-world-pr-base")
		c.check(err)
		production := "ApiId: " + c.resource("hello-world-production", "Api")
		for what, resource := range map[string]string{
			"lead production's API elsewhere": "Type: AWS::ApiGatewayV2::Integration, Properties: {" + production +
				", IntegrationType: HTTP_PROXY, IntegrationMethod: ANY, IntegrationUri: 'https://evil.example.com'}",
			"add a route to production's API": "Type: AWS::ApiGatewayV2::Route, Properties: {" + production + ", RouteKey: GET /evil}",
			"add a stage to production's API": "Type: AWS::ApiGatewayV2::Stage, Properties: {" + production + ", StageName: evil}",
			"accept other tokens in production's API": "Type: AWS::ApiGatewayV2::Authorizer, Properties: {" + production +
				", Name: evil, AuthorizerType: JWT}",
			"add a route to another service's API": "Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: " +
				c.resource("hello-world-pr-pr-7", "Api") + ", RouteKey: GET /evil}",
			"make a VPC link":                   "Type: AWS::ApiGatewayV2::VpcLink, Properties: {Name: mine, SubnetIds: [" + base["PublicSubnetIds"] + "]}",
			"register tasks in another network": "Type: AWS::ServiceDiscovery::Service, Properties: {NamespaceId: " + other.Outputs["NamespaceId"] + "}",
			"make a namespace":                  "Type: AWS::ServiceDiscovery::PrivateDnsNamespace, Properties: {Name: mine, Vpc: " + base["VpcId"] + "}",
		} {
			c.deniedInStack(what, resource)
		}
	})
}

// Tags cannot be taken over either: all calls that change something are CloudFormation's.
func TestColleague_cannot_call_API_Gateway_or_Cloud_Map_to_change_something(t *testing.T) {
	asColleagueWithAPIs(t, func(t *testing.T, c *colleague) {
		role, err := c.RoleARN("hello-world", "preview")
		c.check(err)
		mine := map[string]string{
			"aws:ResourceTag/pr-stack:service": "hello-world", "aws:ResourceTag/pr-stack:environment": "pr-7",
			"aws:RequestTag/pr-stack:service": "hello-world", "aws:RequestTag/pr-stack:environment": "pr-7",
		}
		for _, access := range [][2]string{
			{"apigateway:POST", "arn:aws:apigateway:eu-north-1::/apis"},
			{"apigateway:PATCH", "arn:aws:apigateway:eu-north-1::/apis/a"},
			{"apigateway:POST", "arn:aws:apigateway:eu-north-1::/tags/arn%3Aaws%3Aapigateway%3Aeu-north-1%3A%3A%2Fapis%2Fa"},
			{"apigateway:DELETE", "arn:aws:apigateway:eu-north-1::/tags/arn%3Aaws%3Aapigateway%3Aeu-north-1%3A%3A%2Fapis%2Fa"},
			{"apigateway:GET", "arn:aws:apigateway:eu-north-1::/vpclinks/other"},
			{"servicediscovery:DeleteService", "arn:aws:servicediscovery:eu-north-1:123456789012:service/srv-1"},
			{"servicediscovery:TagResource", "*"},
			{"servicediscovery:RegisterInstance", "arn:aws:servicediscovery:eu-north-1:123456789012:service/srv-1"},
		} {
			if c.AWS.Simulate(role, access[0], access[1], mine) {
				t.Errorf("a preview's role may call %s on %s, want that only CloudFormation may", access[0], access[1])
			}
		}
		production := map[string]string{"aws:ResourceTag/pr-stack:service": "hello-world", "aws:ResourceTag/pr-stack:environment": "production"}
		if c.AWS.Simulate(role, "servicediscovery:ListInstances", "arn:aws:servicediscovery:eu-north-1:123456789012:service/srv-1", production) {
			t.Error("a preview's role may list production's tasks")
		}
	})
}

// What a diagnosis reads, a pull request's job may read.
func TestColleague_may_read_what_is_their_own(t *testing.T) {
	asColleagueWithAPIs(t, func(t *testing.T, c *colleague) {
		base, err := c.Stack(t.Context(), "hello-world-base")
		c.check(err)
		config, err := c.ConfigAs("hello-world", "preview")
		c.check(err)
		_, err = apigatewayv2.NewFromConfig(config).GetVpcLink(t.Context(), &apigatewayv2.GetVpcLinkInput{VpcLinkId: aws.String(base.Outputs["VpcLinkId"])})
		c.check(err)
		id := c.resource("hello-world-pr-7", "DiscoveryService")
		_, err = servicediscovery.NewFromConfig(config).ListInstances(t.Context(), &servicediscovery.ListInstancesInput{ServiceId: &id})
		c.check(err)
	})
}

// The base stack cannot go while an environment is registered in its namespace.
func TestBase_with_a_VPC_link_outlives_its_environments(t *testing.T) {
	asColleagueWithAPIs(t, func(t *testing.T, c *colleague) {
		_, err := c.CloudFormation().DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("hello-world-base")})
		c.check(err)
		<-time.After(time.Hour)
		base, err := c.Stack(t.Context(), "hello-world-base")
		c.check(err)
		if base.Status != "DELETE_FAILED" {
			t.Errorf("the base stack is in %s, want DELETE_FAILED", base.Status)
		}
	})
}
