package apigateway

import (
	"errors"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
)

// stage returns the type of stages, whose ID is their name.
func (g *APIGateway) stage() cloudformation.Type {
	stage := g.part("", g.stagePermissions(), []string{"ApiId", "StageName"}, []string{"StageName"}, nil,
		func(a *api, name string, _ map[string]any) { a.stages[name] = true }, func(a *api, name string) { delete(a.stages, name) })
	apply := stage.Update
	stage.Create = func(r *resource, done func(error)) {
		r.PhysicalID = property.Text(r.Properties["StageName"])
		apply(r, nil, done)
	}
	stage.Taggable, stage.Retag = true, 2*time.Second
	return stage
}

// vpcLink returns the type of VPC links. It is inferred that the handler waits until one is available.
func (g *APIGateway) vpcLink() cloudformation.Type {
	return cloudformation.Type{
		Create:   g.createLink,
		Replaces: cloudformation.AnyChanged("SecurityGroupIds", "SubnetIds"),
		Update: func(r *resource, _ map[string]any, done func(error)) {
			g.links[r.PhysicalID].name = property.Text(r.Properties["Name"])
			g.account.After(2*time.Second, func() { done(nil) })
		},
		Delete: func(r *resource, done func(error)) {
			if l := g.links[r.PhysicalID]; l != nil {
				g.ec2.Linger(l.groups)
			}
			delete(g.links, r.PhysicalID)
			g.account.After(time.Minute, func() { done(nil) })
		},
		Taggable: true, Required: []string{"Name", "SubnetIds"}, Permissions: g.linkPermissions(),
		Retag: 2 * time.Second,
	}
}

func (g *APIGateway) createLink(r *resource, done func(error)) {
	if err := g.account.EnsureServiceLinkedRole(r.Principal(), "ops.apigateway.amazonaws.com"); err != nil {
		if denied, ok := errors.AsType[*account.Denied](err); ok {
			err = cloudformation.RefuseAs(g.account, "ApiGatewayV2", 403)(denied, false)
		}
		g.account.After(time.Second, func() { done(err) })
		return
	}
	l := &vpcLink{
		id: g.account.Unique(6), name: property.Text(r.Properties["Name"]), status: "PENDING", message: "VPC link is provisioning",
		groups: property.Texts(r.Properties["SecurityGroupIds"]), subnets: property.Texts(r.Properties["SubnetIds"]), created: g.account.Now(),
	}
	g.links[l.id] = l
	r.PhysicalID = l.id
	r.Attributes["VpcLinkId"] = l.id
	g.account.After(linkDelay, func() {
		l.status, l.message = "AVAILABLE", "VPC link is ready to route traffic"
		done(nil)
	})
}
