package fakeaws

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// elbStore is the account's load balancers and target groups, by ARN.
type elbStore struct {
	balancers map[string]*balancer
	groups    map[string]*targetGroup
}

type balancer struct {
	arn, name, host string
	created         time.Time
	active          bool // its name resolves
	listeners       map[string]*listener
}

type listener struct {
	arn      string
	port     int
	defaults string // ARN of the target group that requests go to; "" for none
}

type targetGroup struct {
	arn, name string
	vpc       string
	path      string
	matcher   string
	interval  time.Duration
	healthy   int
	unhealthy int
	delay     time.Duration // of deregistration
	targets   []*target
	next      int // of the round robin
}

// target is one address in a group. The states, reasons and descriptions are the Application Load Balancer guide's,
// "Health checks for your target groups".
type target struct {
	id          string
	port        int
	task        *task
	state       string // initial, healthy, unhealthy, draining
	reason      string
	description string
	inARow      int // checks with the same outcome, positive for good ones
	gone        bool
}

// initialHealthy: one good check is enough for a target that is new; the threshold applies to one that was unhealthy.
const initialHealthy = 1

// checkTimeout is how long a real process may take for a health check, which is made with the account's lock held.
const checkTimeout = time.Second

// forwards tells whether a listener sends requests to the group; without one its targets are unused.
func (a *AWS) forwards(g *targetGroup) bool {
	for _, b := range a.elb.balancers {
		for _, l := range b.listeners {
			if l.defaults == g.arn {
				return true
			}
		}
	}
	return false
}

// register adds a task's address to the group and begins to check it.
func (a *AWS) register(g *targetGroup, k *task, port int) *target {
	t := &target{id: k.address, port: port, task: k, state: "initial", reason: "Elb.RegistrationInProgress", description: "Target registration is in progress"}
	g.targets = append(g.targets, t)
	a.after(2*time.Second, func() {
		if t.state == "initial" {
			t.reason, t.description = "Elb.InitialHealthChecking", "Initial health checks in progress"
		}
	})
	a.after(g.interval, func() { a.check(g, t) })
	return t
}

// check asks a target once and puts the next check on the agenda.
func (a *AWS) check(g *targetGroup, t *target) {
	if t.gone || t.state == "draining" {
		return
	}
	a.after(g.interval, func() { a.check(g, t) })
	code, reason, description := t.answer(g)
	if code == 0 || !matches(g.matcher, code) {
		if code != 0 {
			reason, description = "Target.ResponseCodeMismatch", fmt.Sprintf("Health checks failed with these codes: [%d]", code)
		}
		t.inARow = min(t.inARow, 0) - 1
		if -t.inARow >= g.unhealthy && t.state != "unhealthy" || t.state == "unhealthy" {
			t.state, t.reason, t.description = "unhealthy", reason, description
			a.unhealthy(g, t)
		}
		return
	}
	t.inARow = max(t.inARow, 0) + 1
	if t.state == "initial" && t.inARow >= initialHealthy || t.inARow >= g.healthy {
		t.state, t.reason, t.description = "healthy", "", ""
		a.healthy(t)
	}
}

// answer is what the container says to a health check: an HTTP status, or 0 and why there was none.
func (t *target) answer(g *targetGroup) (code int, reason, description string) {
	if !t.task.listens(t.port) {
		return 0, "Target.Timeout", "Request timed out"
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(t.id, strconv.Itoa(t.port))+g.path, nil)
	if err != nil {
		return 0, "Target.FailedHealthChecks", "Health checks failed"
	}
	request.Header.Set("User-Agent", "ELB-HealthChecker/2.0")
	answer := &statusOnly{}
	t.task.handler().ServeHTTP(answer, request)
	return answer.status(), "", ""
}

// deregister drains a target and takes it out when the delay is over.
func (a *AWS) deregister(g *targetGroup, t *target, then func()) {
	t.state, t.reason, t.description = "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"
	a.after(g.delay, func() {
		t.gone = true
		g.targets = slices.DeleteFunc(g.targets, func(other *target) bool { return other == t })
		then()
	})
}

// matches tells whether a status is one of a matcher's: 200, 200,204, 200-399.
func matches(matcher string, code int) bool {
	for part := range strings.SplitSeq(matcher, ",") {
		low, high, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			high = low
		}
		from, _ := strconv.Atoi(low)
		to, _ := strconv.Atoi(high)
		if code >= from && code <= to {
			return true
		}
	}
	return false
}

// statusOnly is a ResponseWriter for which only the status counts.
type statusOnly struct {
	code   int
	header http.Header
}

func (s *statusOnly) Header() http.Header {
	if s.header == nil {
		s.header = http.Header{}
	}
	return s.header
}
func (s *statusOnly) Write(p []byte) (int, error) { s.WriteHeader(http.StatusOK); return len(p), nil }
func (s *statusOnly) WriteHeader(code int) {
	if s.code == 0 {
		s.code = code
	}
}

func (s *statusOnly) status() int {
	if s.code == 0 {
		return http.StatusOK
	}
	return s.code
}

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
