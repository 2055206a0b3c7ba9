package elb

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
)

// Types returns load balancers, listeners, their rules and target groups. A load balancer takes two and a half
// minutes, the median of recorded ones; after that its name resolves. A change of a property of
// Replaces needs a new resource: createOnlyProperties of AWS's schemas (pulumi-aws-native 43eed3b,
// 2026-08-07).
func (e *ELB) Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::ElasticLoadBalancingV2::LoadBalancer": {
			Create:   e.createBalancer,
			Replaces: cloudformation.AnyChanged("Name", "Scheme", "Type"),
			Taggable: true, Permissions: e.balancerPermissions(),
			// Not recorded: after the calls the handler waits until the load balancer is active, as at its
			// creation, but it has been so all the time.
			Retag: 6 * time.Second,
			Delete: func(r *cloudformation.Resource, done func(error)) {
				if e.balancers[r.PhysicalID] != nil {
					e.ec2.Linger(property.Texts(r.Properties["SecurityGroups"]))
				}
				delete(e.balancers, r.PhysicalID)
				e.account.After(time.Second, func() { done(nil) })
			},
		},
		"AWS::ElasticLoadBalancingV2::TargetGroup": {
			Create:   e.createTargetGroup,
			Replaces: cloudformation.AnyChanged("TargetType", "ProtocolVersion", "Port", "Name", "VpcId", "Protocol", "IpAddressType"),
			Taggable: true, Permissions: e.targetGroupPermissions(),
			Retag: 3 * time.Second, // not recorded: two calls, and the health of the targets is read
			Update: func(r *cloudformation.Resource, _ map[string]any, done func(error)) {
				e.groups[r.PhysicalID].configure(r.Properties)
				err := e.registerFunctions(e.groups[r.PhysicalID], r.Properties)
				e.account.After(2*time.Second, func() { done(err) })
			},
			Delete: func(r *cloudformation.Resource, done func(error)) {
				if refused := e.checkUnused(e.groups[r.PhysicalID]); refused != (refusal{}) {
					e.account.After(time.Second, func() { done(e.asHandler(refused)) })
					return
				}
				delete(e.groups, r.PhysicalID)
				e.account.After(time.Second, func() { done(nil) })
			},
		},
		"AWS::ElasticLoadBalancingV2::Listener":     e.listenerType(),
		"AWS::ElasticLoadBalancingV2::ListenerRule": e.ruleType(),
	}
}

func (e *ELB) createBalancer(r *cloudformation.Resource, done func(error)) {
	if err := e.account.EnsureServiceLinkedRole(r.Principal(), "elasticloadbalancing.amazonaws.com"); err != nil {
		if denied, ok := errors.AsType[*account.Denied](err); ok {
			err = cloudformation.RefuseAs(e.account, "ElasticLoadBalancingV2", 403)(denied, false)
		}
		e.account.After(time.Second, func() { done(err) })
		return
	}
	name := e.nameOf(r)
	id := e.account.Unique(16)
	b := &balancer{
		arn: e.account.ARN("elasticloadbalancing", "loadbalancer/app/"+name+"/"+id), name: name, created: e.account.Now(), listeners: map[string]*listener{},
		host: fmt.Sprintf("%s-%d.%s.elb.amazonaws.com", strings.ToLower(name), 1000000000+e.account.Serial(), e.account.Region),
	}
	if e.host != nil {
		b.host = e.host(name)
	}
	e.balancers[b.arn] = b
	r.PhysicalID = b.arn
	maps.Copy(r.Attributes, map[string]any{
		"DNSName": b.host, "LoadBalancerName": name, "LoadBalancerFullName": "app/" + name + "/" + id, "LoadBalancerArn": b.arn, "CanonicalHostedZoneID": hostedZone,
	})
	e.account.After(156*time.Second, func() {
		b.active = true
		done(nil)
	})
}

func (e *ELB) createTargetGroup(r *cloudformation.Resource, done func(error)) {
	name := e.nameOf(r)
	id := e.account.Unique(16)
	g := &TargetGroup{ARN: e.account.ARN("elasticloadbalancing", "targetgroup/"+name+"/"+id), name: name}
	g.configure(r.Properties)
	e.groups[g.ARN] = g
	r.PhysicalID = g.ARN
	r.Attributes["TargetGroupFullName"] = "targetgroup/" + name + "/" + id
	r.Attributes["TargetGroupName"] = name
	r.Attributes["TargetGroupArn"] = g.ARN
	e.account.After(13*time.Second, func() { done(e.registerFunctions(g, r.Properties)) })
}

// configure applies a template's properties. The defaults are AWS's: a check every 30 seconds, five
// to be healthy, 300 seconds to drain.
func (g *TargetGroup) configure(p map[string]any) {
	g.vpc, g.path, g.matcher = property.Text(p["VpcId"]), property.Text(p["HealthCheckPath"]), property.Text(property.Object(p["Matcher"])["HttpCode"])
	if g.path == "" {
		g.path = "/"
	}
	if g.matcher == "" {
		g.matcher = "200"
	}
	g.interval = property.Seconds(p["HealthCheckIntervalSeconds"], 30)
	g.healthy = property.Number(p["HealthyThresholdCount"], 5)
	g.unhealthy = property.Number(p["UnhealthyThresholdCount"], 2)
	g.Delay = 300 * time.Second
	attributes, _ := p["TargetGroupAttributes"].([]any)
	for _, attribute := range attributes {
		if property.Object(attribute)["Key"] == "deregistration_delay.timeout_seconds" {
			g.Delay = property.Seconds(property.Object(attribute)["Value"], 300)
		}
	}
}
