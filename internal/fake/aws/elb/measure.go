package elb

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// hop is where a request goes: to a target, which answers with handler, or to what a rule answers itself. If
// handler is nil, the load balancer answers with status.
type hop struct {
	handler http.Handler
	status  int
	group   *TargetGroup // nil unless a target was chosen
	target  *Target
}

// slow is a backend that takes a time to answer requests, though not health checks.
type slow interface{ Latency() time.Duration }

func (h hop) latency() time.Duration {
	if h.target == nil {
		return 0
	}
	if s, ok := h.target.backend.(slow); ok {
		return s.Latency()
	}
	return 0
}

// wait lets the time of an answer pass, or the request end.
func (e *ELB) wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(time.Duration(float64(d) * e.account.Scale))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// answered is a ResponseWriter that remembers the status.
type answered struct {
	http.ResponseWriter
	status int
}

// Unwrap makes what else the writer can do available to http.ResponseController.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answered) WriteHeader(status int) {
	if a.status == 0 || a.status < 200 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answered) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(p)
}

// measure records a request in the metrics of the load balancer and of the target group. A request for which
// no target was found is in none of those of the target group, and errors of the load balancer itself are
// not either: it does not report them by target group.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func (e *ELB) measure(b *balancer, h hop, status int, took time.Duration) {
	e.account.Lock()
	defer e.account.Unlock()
	if e.Measure == nil {
		return
	}
	e.account.Advance()
	_, name, _ := strings.Cut(b.arn, ":loadbalancer/")
	byBalancer := map[string]string{"LoadBalancer": name}
	record := func(dimensions map[string]string, metric string, value float64) {
		e.Measure("AWS/ApplicationELB", metric, dimensions, value)
	}
	if h.handler == nil && status >= http.StatusInternalServerError {
		record(byBalancer, "HTTPCode_ELB_5XX_Count", 1)
		record(byBalancer, "HTTPCode_ELB_"+strconv.Itoa(status)+"_Count", 1)
	}
	if h.target == nil {
		return
	}
	_, group, _ := strings.Cut(h.group.ARN, ":targetgroup/")
	byGroup := map[string]string{"LoadBalancer": name, "TargetGroup": "targetgroup/" + group}
	for _, dimensions := range []map[string]string{byBalancer, byGroup} {
		record(dimensions, "RequestCount", 1)
		if h.handler != nil {
			record(dimensions, "HTTPCode_Target_"+strconv.Itoa(status/100)+"XX_Count", 1)
			record(dimensions, "TargetResponseTime", took.Seconds())
		}
	}
}
