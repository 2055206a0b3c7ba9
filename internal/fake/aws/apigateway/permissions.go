package apigateway

import (
	"net/url"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// The actions are those of AWS's resource schemas (handlers.*.permissions; pulumi-aws-native 43eed3b,
// 2026-08-07), without those for properties that the resources here do not have: an API's definition, a
// role that an integration passes on. An action is an HTTP method on the path of what is asked for, and
// ARNs have no account: "not authorized to perform: apigateway:POST on resource:
// arn:aws:apigateway:eu-west-3::/apis" (serverless-permission-generator#12).
//
// For the tags of a new API, POST is checked on /tags/ too (cloudformation-coverage-roadmap#997), and
// for those of a stage, apigateway:TagResource on the stages (amplify-cli#12316).
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html

var (
	onARN = cloudformation.OnARN
	all   = cloudformation.All
)

// itself returns the ARN of a resource in a collection, or that of the collection if it does not exist
// yet.
func (g *APIGateway) itself(collection func(*resource) string) func(*resource) string {
	return func(r *resource) string {
		if r.PhysicalID == "" {
			return collection(r)
		}
		return collection(r) + "/" + r.PhysicalID
	}
}

// inAPI returns the ARN of a collection of an API's parts.
func (g *APIGateway) inAPI(collection string) func(*resource) string {
	return func(r *resource) string {
		return g.arn("/apis/" + property.Text(r.Properties["ApiId"]) + "/" + collection)
	}
}

// tagsOf returns the ARN on which the tags of a resource are read and changed.
func (g *APIGateway) tagsOf(arn func(*resource) string) func(*resource) string {
	return func(r *resource) string { return g.arn("/tags/" + url.QueryEscape(arn(r))) }
}

func (g *APIGateway) apiPermissions() cloudformation.Permissions {
	api := g.itself(func(*resource) string { return g.arn("/apis") })
	return cloudformation.Permissions{
		ARN:    api,
		Create: onARN(api, "apigateway:POST").WithTags(),
		Read:   onARN(api, "apigateway:GET"),
		Update: all(onARN(api, "apigateway:GET"), onARN(api, "apigateway:PATCH").IfChanged()),
		Delete: onARN(api, "apigateway:GET", "apigateway:DELETE"),
		Tag:    onARN(g.tagsOf(api), "apigateway:POST").WithTags(),
		Untag:  onARN(g.tagsOf(api), "apigateway:DELETE"),
		Refuse: cloudformation.RefuseAs(g.account, "ApiGatewayV2", 403),
	}
}

// partPermissions are those of a part of an API that takes no tags.
func (g *APIGateway) partPermissions(collection string) cloudformation.Permissions {
	part := g.itself(g.inAPI(collection))
	return cloudformation.Permissions{
		ARN:    part,
		Create: onARN(part, "apigateway:POST"),
		Read:   onARN(part, "apigateway:GET"),
		Update: onARN(part, "apigateway:GET", "apigateway:PATCH"),
		Delete: onARN(part, "apigateway:GET", "apigateway:DELETE"),
		Refuse: cloudformation.RefuseAs(g.account, "ApiGatewayV2", 403),
	}
}

// integrationPermissions: an integration with a VPC link needs the right to read the link (the words
// are not recorded, so it is not checked).
func (g *APIGateway) integrationPermissions() cloudformation.Permissions {
	return g.partPermissions("integrations")
}

func (g *APIGateway) stagePermissions() cloudformation.Permissions {
	p, stage := g.partPermissions("stages"), g.itself(g.inAPI("stages"))
	p.Create = onARN(stage, "apigateway:POST").WithTags()
	p.Update = onARN(stage, "apigateway:PATCH").IfChanged()
	p.Delete = onARN(stage, "apigateway:DELETE")
	p.Tag = onARN(stage, "apigateway:TagResource").WithTags()
	p.Untag = onARN(stage, "apigateway:UntagResource")
	return p
}

func (g *APIGateway) linkPermissions() cloudformation.Permissions {
	link := g.itself(func(*resource) string { return g.arn("/vpclinks") })
	return cloudformation.Permissions{
		ARN: link,
		// iam:CreateServiceLinkedRole is checked where the link is created.
		Create: onARN(link, "apigateway:POST").WithTags(),
		Made:   onARN(link, "apigateway:GET"),
		Read:   onARN(link, "apigateway:GET"),
		Update: all(onARN(link, "apigateway:GET"), onARN(link, "apigateway:PATCH").IfChanged()),
		Delete: onARN(link, "apigateway:GET", "apigateway:DELETE"),
		Tag:    onARN(link, "apigateway:TagResource").WithTags(),
		Untag:  onARN(link, "apigateway:UntagResource"),
		Refuse: cloudformation.RefuseAs(g.account, "ApiGatewayV2", 403),
	}
}
