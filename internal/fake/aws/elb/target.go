package elb

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

// initialHealthy: one good check is enough for a new target; the threshold applies to one that was
// unhealthy.
const initialHealthy = 1

// checkTimeout limits a health check of a real process, as it is made with the account's lock held.
const checkTimeout = time.Second

// Register adds a backend to the group and begins to check it.
func (e *ELB) Register(g *TargetGroup, b Backend, port int) *Target {
	t := &Target{backend: b, Port: port, State: "initial", reason: "Elb.RegistrationInProgress", Description: "Target registration is in progress"}
	g.targets = append(g.targets, t)
	e.account.After(2*time.Second, func() {
		if t.State == "initial" {
			t.reason, t.Description = "Elb.InitialHealthChecking", "Initial health checks in progress"
		}
	})
	e.account.After(g.interval, func() { e.check(g, t) })
	return t
}

// check checks a target once and schedules the next check.
func (e *ELB) check(g *TargetGroup, t *Target) {
	if t.gone || t.State == "draining" {
		return
	}
	e.account.After(g.interval, func() { e.check(g, t) })
	code, reason, description := t.probe(g)
	if code == 0 || !matches(g.matcher, code) {
		if code != 0 {
			reason, description = "Target.ResponseCodeMismatch", fmt.Sprintf("Health checks failed with these codes: [%d]", code)
		}
		t.streak = min(t.streak, 0) - 1
		if -t.streak >= g.unhealthy && t.State != "unhealthy" || t.State == "unhealthy" {
			t.State, t.reason, t.Description = "unhealthy", reason, description
			t.backend.Unhealthy(g, t)
		}
		return
	}
	t.streak = max(t.streak, 0) + 1
	if t.State == "initial" && t.streak >= initialHealthy || t.streak >= g.healthy {
		t.State, t.reason, t.Description = "healthy", "", ""
		t.backend.Healthy()
	}
}

// probe returns how the container answers a health check: an HTTP status, or 0 and why there was
// none.
func (t *Target) probe(g *TargetGroup) (code int, reason, description string) {
	if !t.backend.Listens(t.Port) { // refused
		return 0, "Target.FailedHealthChecks", "Health checks failed"
	}
	if t.backend.Hangs() {
		return 0, "Target.Timeout", "Request timed out"
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(t.backend.Address(), strconv.Itoa(t.Port))+g.path, nil)
	if err != nil {
		return 0, "Target.FailedHealthChecks", "Health checks failed"
	}
	request.Header.Set("User-Agent", "ELB-HealthChecker/2.0")
	answer := &statusOnly{}
	t.backend.Handler().ServeHTTP(answer, request)
	return answer.status(), "", ""
}

// Deregister drains a target and removes it when the delay is over.
func (e *ELB) Deregister(g *TargetGroup, t *Target, then func()) {
	t.State, t.reason, t.Description = "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"
	e.account.After(g.Delay, func() {
		t.gone = true
		g.targets = slices.DeleteFunc(g.targets, func(other *Target) bool { return other == t })
		then()
	})
}

// matches reports whether a matcher has a status: 200, 200,204, 200-399.
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

// statusOnly is a ResponseWriter that keeps only the status.
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
