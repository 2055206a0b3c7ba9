package aws

import (
	"context"
	"fmt"
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
	if !t.task.listens(t.port) { // the connection is refused
		return 0, "Target.FailedHealthChecks", "Health checks failed"
	}
	if t.task.behavior.Hang {
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
