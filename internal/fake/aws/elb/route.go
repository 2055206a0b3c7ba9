package elb

import (
	"net"
	"net/http"
	"strconv"
)

// Handler returns what answers on a host, or nil if no active load balancer has that name.
func (e *ELB) Handler(host string) http.Handler {
	e.account.Lock()
	defer e.account.Unlock()
	e.account.Advance()
	name, port := host, 80
	if h, p, err := net.SplitHostPort(host); err == nil {
		name = h
		port, _ = strconv.Atoi(p)
	}
	for _, b := range e.balancers {
		// In the demo the host has a port, and the socket stands for the listener, so any
		// listener's port matches.
		if b.active && (b.host == host || b.host == name) {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { e.forward(b, port, b.host == host, w, r) })
		}
	}
	return nil
}

// forward sends a request to a healthy target, in turn. The container answers without the account's
// lock, because it may be a real process.
func (e *ELB) forward(b *balancer, port int, anyPort bool, w http.ResponseWriter, r *http.Request) {
	handler, status := e.route(b, port, anyPort)
	if handler == nil {
		http.Error(w, http.StatusText(status), status)
		return
	}
	handler.ServeHTTP(w, r)
}

func (e *ELB) route(b *balancer, port int, anyPort bool) (handler http.Handler, status int) {
	e.account.Lock()
	defer e.account.Unlock()
	for _, l := range b.listeners {
		if l.port != port && !anyPort {
			continue
		}
		g := e.groups[l.defaults]
		if g == nil {
			return nil, http.StatusServiceUnavailable
		}
		for range g.targets {
			g.next = (g.next + 1) % len(g.targets)
			t := g.targets[g.next]
			if !t.takesRequests() {
				continue
			}
			if !t.backend.Listens(t.Port) {
				return nil, http.StatusBadGateway
			}
			return t.backend.Handler(), 0
		}
	}
	return nil, http.StatusServiceUnavailable
}
