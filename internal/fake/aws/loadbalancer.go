package aws

import (
	"net"
	"net/http"
	"strconv"
	"time"
)

// loadBalancer returns what answers under a host, or nil if no active load balancer has that name.
func (a *AWS) loadBalancer(host string) http.Handler {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settle(time.Now())
	name, port := host, 80
	if h, p, err := net.SplitHostPort(host); err == nil {
		name = h
		port, _ = strconv.Atoi(p)
	}
	for _, b := range a.elb.balancers {
		// A host with a port of its own is the demo's: the socket stands for the listener.
		if b.active && (b.host == host || b.host == name) {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.forward(b, port, b.host == host, w, r) })
		}
	}
	return nil
}

// forward sends a request to a healthy target, each in turn. The container answers without the account's lock: it may
// be a real process.
func (a *AWS) forward(b *balancer, port int, any bool, w http.ResponseWriter, r *http.Request) {
	handler, status := a.route(b, port, any)
	if handler == nil {
		http.Error(w, http.StatusText(status), status)
		return
	}
	handler.ServeHTTP(w, r)
}

func (a *AWS) route(b *balancer, port int, any bool) (handler http.Handler, status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, l := range b.listeners {
		if l.port != port && !any {
			continue
		}
		g := a.elb.groups[l.defaults]
		if g == nil {
			return nil, http.StatusServiceUnavailable
		}
		for range g.targets {
			g.next = (g.next + 1) % len(g.targets)
			t := g.targets[g.next]
			if t.state != "healthy" {
				continue
			}
			if !t.task.listens(t.port) {
				return nil, http.StatusBadGateway
			}
			return t.task.handler(), 0
		}
	}
	return nil, http.StatusServiceUnavailable
}
