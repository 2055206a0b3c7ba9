package aws

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

func seconds(v any, standard int) time.Duration {
	n, err := strconv.Atoi(text(v))
	if err != nil {
		n = standard
	}
	return time.Duration(n) * time.Second
}

func number(v any, standard int) int {
	n, err := strconv.Atoi(text(v))
	if err != nil {
		return standard
	}
	return n
}

// elbTypes are load balancers and what belongs to them. A load balancer takes two and a half minutes, the median of
// recorded ones; its name resolves from then on.
func elbTypes() map[string]resourceType {
	return map[string]resourceType{
		"AWS::ElasticLoadBalancingV2::LoadBalancer": {
			create:   createBalancer,
			replaces: differ("Name", "Scheme", "Type"),
			delete: func(a *AWS, r *resource, done func(error)) {
				if a.elb.balancers[r.PhysicalID] != nil {
					a.linger(texts(r.Properties["SecurityGroups"]))
				}
				delete(a.elb.balancers, r.PhysicalID)
				a.after(time.Second, func() { done(nil) })
			},
		},
		"AWS::ElasticLoadBalancingV2::TargetGroup": {
			create:   createTargetGroup,
			replaces: differ("Name", "Port", "Protocol", "TargetType", "VpcId"),
			update: func(a *AWS, r *resource, _ map[string]any, done func(error)) {
				a.elb.groups[r.PhysicalID].configure(r.Properties)
				a.after(2*time.Second, func() { done(nil) })
			},
			delete: func(a *AWS, r *resource, done func(error)) {
				delete(a.elb.groups, r.PhysicalID)
				a.after(time.Second, func() { done(nil) })
			},
		},
		"AWS::ElasticLoadBalancingV2::Listener": {
			create:   createListener,
			replaces: differ("LoadBalancerArn"),
			delete: func(a *AWS, r *resource, done func(error)) {
				for _, b := range a.elb.balancers {
					delete(b.listeners, r.PhysicalID)
				}
				a.after(time.Second, func() { done(nil) })
			},
		},
	}
}

func createBalancer(a *AWS, r *resource, done func(error)) {
	name := text(r.Properties["Name"])
	if name == "" {
		name = a.generated(r, 32)
	}
	id := a.unique(16)
	b := &balancer{
		arn: a.arn("elasticloadbalancing", "loadbalancer/app/"+name+"/"+id), name: name, created: a.now, listeners: map[string]*listener{},
		host: fmt.Sprintf("%s-%d.%s.elb.amazonaws.com", strings.ToLower(name), 1000000000+a.serial, a.opts.Region),
	}
	if a.opts.LoadBalancerHost != nil {
		b.host = a.opts.LoadBalancerHost(name)
	}
	if a.elb.balancers == nil {
		a.elb.balancers = map[string]*balancer{}
	}
	a.elb.balancers[b.arn] = b
	r.PhysicalID = b.arn
	maps.Copy(r.Attributes, map[string]any{
		"DNSName": b.host, "LoadBalancerName": name, "LoadBalancerFullName": "app/" + name + "/" + id, "LoadBalancerArn": b.arn, "CanonicalHostedZoneID": "Z23TAZ6LKFMNIO",
	})
	a.after(156*time.Second, func() {
		b.active = true
		done(nil)
	})
}

func createTargetGroup(a *AWS, r *resource, done func(error)) {
	name := text(r.Properties["Name"])
	if name == "" {
		name = a.generated(r, 32)
	}
	id := a.unique(16)
	g := &targetGroup{arn: a.arn("elasticloadbalancing", "targetgroup/"+name+"/"+id), name: name}
	g.configure(r.Properties)
	if a.elb.groups == nil {
		a.elb.groups = map[string]*targetGroup{}
	}
	a.elb.groups[g.arn] = g
	r.PhysicalID = g.arn
	r.Attributes["TargetGroupFullName"] = "targetgroup/" + name + "/" + id
	r.Attributes["TargetGroupName"] = name
	r.Attributes["TargetGroupArn"] = g.arn
	a.after(13*time.Second, func() { done(nil) })
}

// configure takes what a template says; what it does not say is as AWS has it: a check every 30 seconds, five to be
// healthy, 300 seconds to drain.
func (g *targetGroup) configure(p map[string]any) {
	g.vpc, g.path, g.matcher = text(p["VpcId"]), text(p["HealthCheckPath"]), text(object(p["Matcher"])["HttpCode"])
	if g.path == "" {
		g.path = "/"
	}
	if g.matcher == "" {
		g.matcher = "200"
	}
	g.interval = seconds(p["HealthCheckIntervalSeconds"], 30)
	g.healthy = number(p["HealthyThresholdCount"], 5)
	g.unhealthy = number(p["UnhealthyThresholdCount"], 2)
	g.delay = 300 * time.Second
	attributes, _ := p["TargetGroupAttributes"].([]any)
	for _, attribute := range attributes {
		if object(attribute)["Key"] == "deregistration_delay.timeout_seconds" {
			g.delay = seconds(object(attribute)["Value"], 300)
		}
	}
}

func createListener(a *AWS, r *resource, done func(error)) {
	b := a.elb.balancers[text(r.Properties["LoadBalancerArn"])]
	if b == nil {
		a.after(time.Second, func() { done(awsText("Load balancer '" + text(r.Properties["LoadBalancerArn"]) + "' not found")) })
		return
	}
	l := &listener{arn: strings.Replace(b.arn, ":loadbalancer/", ":listener/", 1) + "/" + a.unique(16), port: number(r.Properties["Port"], 80)}
	actions, _ := r.Properties["DefaultActions"].([]any)
	for _, action := range actions {
		if arn := text(object(action)["TargetGroupArn"]); arn != "" {
			l.defaults = arn
		}
	}
	b.listeners[l.arn] = l
	r.PhysicalID = l.arn
	r.Attributes["ListenerArn"] = l.arn
	a.after(2*time.Second, func() { done(nil) })
}
