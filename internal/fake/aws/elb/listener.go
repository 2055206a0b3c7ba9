package elb

import (
	"cmp"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

func (e *ELB) listenerType() cloudformation.Type {
	return cloudformation.Type{
		Create:   e.createListener,
		Replaces: cloudformation.AnyChanged("LoadBalancerArn"),
		Taggable: true, Required: []string{"DefaultActions"}, Permissions: e.listenerPermissions(),
		Retag: 2 * time.Second, // not recorded: as long as a creation
		Update: func(r *cloudformation.Resource, _ map[string]any, done func(error)) {
			b, l := e.listener(r.PhysicalID)
			e.configure(b, l, r.Properties, done)
		},
		Delete: func(r *cloudformation.Resource, done func(error)) {
			for _, b := range e.balancers {
				delete(b.listeners, r.PhysicalID)
			}
			e.account.After(time.Second, func() { done(nil) })
		},
	}
}

func (e *ELB) createListener(r *cloudformation.Resource, done func(error)) {
	b := e.balancers[property.Text(r.Properties["LoadBalancerArn"])]
	if b == nil {
		e.account.After(time.Second, func() {
			done(wire.Reason("Load balancer '" + property.Text(r.Properties["LoadBalancerArn"]) + "' not found"))
		})
		return
	}
	l := &listener{arn: strings.Replace(b.arn, ":loadbalancer/", ":listener/", 1) + "/" + e.account.Unique(16), rules: map[string]*rule{}}
	if e.configure(b, l, r.Properties, done) {
		b.listeners[l.arn] = l
		r.PhysicalID = l.arn
		r.Attributes["ListenerArn"] = l.arn
	}
}

// configure applies a template's properties and reports whether the API takes them. It schedules done.
func (e *ELB) configure(b *balancer, l *listener, p map[string]any, done func(error)) bool {
	changed := *l
	changed.port, changed.protocol = property.Number(p["Port"], 80), cmp.Or(property.Text(p["Protocol"]), "HTTP")
	changed.defaults, changed.certificates = readActions(p["DefaultActions"]), nil
	for _, item := range property.List(p["Certificates"]) {
		changed.certificates = append(changed.certificates, property.Text(property.Object(item)["CertificateArn"]))
	}
	refused := cmp.Or(e.checkListener(b, &changed), e.checkGroups(b, changed.defaults))
	if refused != (refusal{}) {
		e.account.After(time.Second, func() { done(e.asHandler(refused)) })
		return false
	}
	*l = changed
	e.account.After(2*time.Second, func() { done(nil) })
	return true
}

// listener returns the listener of an ARN and its load balancer, or nil.
func (e *ELB) listener(arn string) (*balancer, *listener) {
	for _, b := range e.balancers {
		if l := b.listeners[arn]; l != nil {
			return b, l
		}
	}
	return nil, nil
}

// ruleARN returns how the ARNs of a listener's rules begin: …:listener-rule/app/NAME/ID/LISTENER/.
func ruleARN(l *listener) string {
	return strings.Replace(l.arn, ":listener/", ":listener-rule/", 1) + "/"
}
