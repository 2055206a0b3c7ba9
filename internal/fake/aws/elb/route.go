package elb

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// runner is the address that requests come from in memory.
const runner = "198.51.100.7"

// Handler returns what answers a request to a load balancer of that DNS name, which may have a port.
// It returns nil if no active load balancer has the name, and an error if there is no secure connection.
func (e *ELB) Handler(name string, r *http.Request) (http.Handler, error) {
	e.account.Lock()
	defer e.account.Unlock()
	e.account.Advance()
	q := request{host: r.Host, path: cmp.Or(r.URL.Path, "/"), source: runner, secure: r.TLS != nil || r.URL.Scheme == "https"}
	port := 80
	if q.secure {
		port = 443
	}
	if h, p, err := net.SplitHostPort(r.Host); err == nil {
		q.host = h
		port, _ = strconv.Atoi(p)
	}
	if h, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		q.source = h
	}
	bare := name
	if h, _, err := net.SplitHostPort(name); err == nil {
		bare = h
	}
	for _, b := range e.balancers {
		if !b.active || !strings.EqualFold(b.host, name) && !strings.EqualFold(b.host, bare) {
			continue
		}
		// In the demo the name has a port, and the socket stands for the listener, so any port of a listener
		// with the request's protocol matches.
		_, _, err := net.SplitHostPort(b.host)
		l := b.accepts(port, q.secure, err == nil)
		if q.secure && l != nil && !e.secures(l, q.host) {
			return nil, &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: q.host}}
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { e.forward(b, l, q, port, w, r) }), nil
	}
	return nil, nil
}

// accepts returns the listener that takes a connection, or nil.
func (b *balancer) accepts(port int, secure, anyPort bool) *listener {
	for _, l := range b.listeners {
		if (l.port == port || anyPort) && (l.protocol == "HTTPS") == secure {
			return l
		}
	}
	return nil
}

// secures reports whether a certificate of the listener is for the host. A wildcard is for one label.
func (e *ELB) secures(l *listener, host string) bool {
	_, parent, _ := strings.Cut(host, ".")
	return slices.ContainsFunc(l.certificates, func(arn string) bool {
		return slices.ContainsFunc(e.certificate(arn).Names, func(name string) bool { return name == host || name == "*."+parent })
	})
}

// forward does what the listener's rules say. The container answers without the account's lock, because
// it may be a real process.
func (e *ELB) forward(b *balancer, l *listener, q request, port int, w http.ResponseWriter, r *http.Request) {
	to, answer, began := e.route(l, q, port, r), &answered{ResponseWriter: w}, time.Now()
	e.wait(r.Context(), to.latency())
	waited := time.Since(began)
	if to.handler == nil {
		http.Error(answer, http.StatusText(to.status), to.status)
	} else {
		to.handler.ServeHTTP(answer, r)
	}
	e.measure(b, to, cmp.Or(answer.status, http.StatusOK), to.latency()+time.Since(began)-waited)
}

func (e *ELB) route(l *listener, q request, port int, r *http.Request) hop {
	e.account.Lock()
	defer e.account.Unlock()
	if l == nil {
		return hop{status: http.StatusServiceUnavailable}
	}
	for _, a := range l.actionsFor(q) {
		switch a.kind {
		case "redirect":
			return hop{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.redirect(q, port, w, r) })}
		case "fixed-response":
			return hop{handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { a.respond(w) })}
		case "authenticate-oidc":
			if !signedIn(r) {
				return hop{handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { a.signIn(q, w) })}
			}
		default:
			return e.groups[a.forward.next()].answer()
		}
	}
	return hop{status: http.StatusServiceUnavailable}
}

// answer returns the next healthy target in turn.
func (g *TargetGroup) answer() hop {
	if g == nil {
		return hop{status: http.StatusServiceUnavailable}
	}
	for range g.targets {
		g.next = (g.next + 1) % len(g.targets)
		t := g.targets[g.next]
		if !t.takesRequests() {
			continue
		}
		if !t.backend.Listens(t.Port) {
			return hop{status: http.StatusBadGateway, group: g, target: t}
		}
		return hop{handler: t.backend.Handler(), group: g, target: t}
	}
	return hop{status: http.StatusServiceUnavailable}
}

// Forwards reports whether a listener sends requests to the group; without one its targets are
// unused.
func (e *ELB) Forwards(g *TargetGroup) bool { return len(e.forwarding(g)) > 0 }

// forwarding returns the ARNs of the load balancers that send requests to the group: one at most.
func (e *ELB) forwarding(g *TargetGroup) (arns []string) {
	for _, b := range e.balancers {
		if slices.Contains(e.used(b), g.ARN) {
			arns = append(arns, b.arn)
		}
	}
	return arns
}
