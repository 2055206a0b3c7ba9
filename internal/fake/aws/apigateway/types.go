package apigateway

import (
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

type resource = cloudformation.Resource

// Types returns HTTP APIs, their parts and VPC links. A change of a property of Replaces needs a new
// resource: createOnlyProperties of AWS's schemas (pulumi-aws-native 43eed3b, 2026-08-07). No recording
// shows how long they take: each but a VPC link is one call or two.
func (g *APIGateway) Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::ApiGatewayV2::Api": {
			Create: g.createAPI, Update: g.updateAPI,
			Replaces: cloudformation.AnyChanged("ProtocolType"),
			Delete: func(r *resource, done func(error)) {
				delete(g.apis, r.PhysicalID)
				g.account.After(time.Second, func() { done(nil) })
			},
			Taggable: true, Permissions: g.apiPermissions(),
			Retag: 2 * time.Second,
		},
		"AWS::ApiGatewayV2::Integration": g.part("IntegrationId", g.integrationPermissions(), []string{"ApiId", "IntegrationType"}, nil,
			g.checkIntegration, (*api).setIntegration, func(a *api, id string) { delete(a.integrations, id) }),
		"AWS::ApiGatewayV2::Authorizer": g.part("AuthorizerId", g.partPermissions("authorizers"), []string{"ApiId", "AuthorizerType", "Name"}, nil,
			nil, (*api).setAuthorizer, func(a *api, id string) { delete(a.authorizers, id) }),
		"AWS::ApiGatewayV2::Route": g.part("RouteId", g.partPermissions("routes"), []string{"ApiId", "RouteKey"}, nil,
			g.checkRoute, (*api).setRoute, func(a *api, id string) { delete(a.routes, id) }),
		"AWS::ApiGatewayV2::Stage":   g.stage(),
		"AWS::ApiGatewayV2::VpcLink": g.vpcLink(),
	}
}

func (g *APIGateway) createAPI(r *resource, done func(error)) {
	a := &api{
		id: g.account.Unique(10), integrations: map[string]*integration{}, routes: map[string]*route{},
		authorizers: map[string]*authorizer{}, stages: map[string]bool{},
	}
	a.host = a.id + ".execute-api." + g.account.Region + ".amazonaws.com"
	endpoint := "https://" + a.host
	if g.host != nil {
		a.host = g.host(a.id)
		endpoint = "http://" + a.host // sockets of the demo do not speak TLS
	}
	g.apis[a.id] = a
	r.PhysicalID = a.id
	r.Attributes["ApiId"], r.Attributes["ApiEndpoint"] = a.id, endpoint
	r.Attributes["ExecuteApiArn"] = g.account.ARN("execute-api", a.id)
	g.updateAPI(r, nil, done)
}

func (g *APIGateway) updateAPI(r *resource, _ map[string]any, done func(error)) {
	a := g.apis[r.PhysicalID]
	a.disabled = property.Text(r.Properties["DisableExecuteApiEndpoint"]) == "true"
	g.account.After(2*time.Second, func() { done(nil) })
}

// part returns the type of a part of an API, which has an ID. check returns why AWS refuses it; nil: it
// is never refused.
func (g *APIGateway) part(
	attribute string, permissions cloudformation.Permissions, required, replaces []string,
	check func(a *api, p map[string]any) error, set func(a *api, id string, p map[string]any), remove func(a *api, id string),
) cloudformation.Type {
	apply := func(r *resource, done func(error)) {
		a := g.apis[property.Text(r.Properties["ApiId"])]
		if a == nil {
			g.fail(done, "Invalid API identifier specified "+g.account.ID+":"+property.Text(r.Properties["ApiId"]), 404, "NotFound")
			return
		}
		if check != nil {
			if err := check(a, r.Properties); err != nil {
				g.fail(done, err.Error(), 400, "InvalidRequest")
				return
			}
		}
		set(a, r.PhysicalID, r.Properties)
		g.account.After(time.Second, func() { done(nil) })
	}
	return cloudformation.Type{
		Create: func(r *resource, done func(error)) {
			r.PhysicalID = g.account.Unique(7)
			r.Attributes[attribute] = r.PhysicalID
			apply(r, done)
		},
		Update:   func(r *resource, _ map[string]any, done func(error)) { apply(r, done) },
		Replaces: cloudformation.AnyChanged(append(replaces, "ApiId")...),
		Delete: func(r *resource, done func(error)) {
			if a := g.apis[property.Text(r.Properties["ApiId"])]; a != nil {
				remove(a, r.PhysicalID)
			}
			g.account.After(time.Second, func() { done(nil) })
		},
		Required: required, Permissions: permissions,
	}
}

// checkIntegration refuses what is behind a VPC link and is no listener and no service: klotho#347 and
// openab#1275 have the words. The one about the VPC link is inferred.
func (g *APIGateway) checkIntegration(_ *api, p map[string]any) error {
	if property.Text(p["ConnectionType"]) != "VPC_LINK" {
		return nil
	}
	uri, link := property.Text(p["IntegrationUri"]), property.Text(p["ConnectionId"])
	if g.links[link] == nil {
		return wire.Reason("VPC Link not found: " + link)
	}
	if !strings.Contains(uri, ":elasticloadbalancing:") && !g.maps.Exists(uri) {
		return wire.Reason("For VpcLink VPC_LINK, integration uri should be a valid ELB listener ARN or a valid Cloud Map service ARN.")
	}
	return nil
}

// checkRoute refuses a second route of the same key, and one that leads nowhere. The words are inferred.
func (g *APIGateway) checkRoute(a *api, p map[string]any) error {
	id, _ := strings.CutPrefix(property.Text(p["Target"]), "integrations/")
	if id != "" && a.integrations[id] == nil {
		return wire.Reason("Invalid integration identifier specified " + id)
	}
	return nil
}

func (a *api) setIntegration(id string, p map[string]any) {
	a.integrations[id] = &integration{
		kind: property.Text(p["IntegrationType"]), connectionType: property.Text(p["ConnectionType"]),
		link: property.Text(p["ConnectionId"]), uri: property.Text(p["IntegrationUri"]),
		headers: overwritten(p),
	}
}

func (a *api) setRoute(id string, p map[string]any) {
	to, _ := strings.CutPrefix(property.Text(p["Target"]), "integrations/")
	r := &route{key: property.Text(p["RouteKey"]), integration: to}
	if property.Text(p["AuthorizationType"]) == "JWT" {
		r.authorizer = property.Text(p["AuthorizerId"])
	}
	a.routes[id] = r
}

func (a *api) setAuthorizer(id string, p map[string]any) {
	jwt := property.Object(p["JwtConfiguration"])
	a.authorizers[id] = &authorizer{issuer: property.Text(jwt["Issuer"]), audience: property.Texts(jwt["Audience"])}
}

// fail ends an operation with a message of the API in the words of its handlers.
func (g *APIGateway) fail(done func(error), message string, status int, code string) {
	err := cloudformation.HandlerError(g.account, fmt.Sprintf("%s (Service: ApiGatewayV2, Status Code: %d, Request ID: %s)",
		message, status, g.account.UUID()), code)
	g.account.After(time.Second, func() { done(err) })
}
