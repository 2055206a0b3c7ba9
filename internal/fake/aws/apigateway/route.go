package apigateway

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudmap"
)

// cacheTime is how long API Gateway still asks a task that is gone: "there is a cache on the API gateway
// side as requests are still routed" (containers-roadmap#1639), which shows as 503s after a deployment
// (aws-samples/aws-apigw-http-api-private--integrations#2). How long is not documented; other callers of
// Cloud Map had old addresses for 20 to 30 seconds (aws-app-mesh-roadmap#151).
const cacheTime = 25 * time.Second

// Handler returns what answers on a host, or nil if no API has that name.
func (g *APIGateway) Handler(host string) http.Handler {
	g.account.Lock()
	defer g.account.Unlock()
	g.account.Advance()
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	for _, a := range g.apis {
		if a.host == host || a.host == name {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serve(a, w, r) })
		}
	}
	return nil
}

// serve answers a request. A container answers without the account's lock, because it may be a real
// process.
func (g *APIGateway) serve(a *api, w http.ResponseWriter, r *http.Request) {
	handler, status := g.route(a, r)
	if handler == nil {
		if status == http.StatusUnauthorized {
			w.Header().Set("Www-Authenticate", "Bearer")
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"message":%q}`, http.StatusText(status))
		return
	}
	w.Header().Set("Apigw-Requestid", "fakefakefake===")
	handler.ServeHTTP(w, r)
}

func (g *APIGateway) route(a *api, r *http.Request) (handler http.Handler, status int) {
	g.account.Lock()
	defer g.account.Unlock()
	path, found := a.path(r.URL.Path)
	to := a.find(r.Method, path)
	if a.disabled || !found || to == nil {
		return nil, http.StatusNotFound
	}
	if by := a.authorizers[to.authorizer]; to.authorizer != "" && (by == nil || !by.accepts(r.Header.Get("Authorization"))) {
		return nil, http.StatusUnauthorized
	}
	i := a.integrations[to.integration]
	if i == nil {
		return nil, http.StatusInternalServerError
	}
	if i.kind == "AWS_PROXY" && g.Function != nil {
		handler = g.Function(functionOf(i.uri))
	}
	if i.connectionType == "VPC_LINK" && g.open(i.link) {
		handler = a.pick(g.maps.Discover(i.uri, cacheTime))
	}
	if handler == nil && i.kind == "AWS_PROXY" {
		return nil, http.StatusInternalServerError
	}
	if handler == nil {
		return nil, http.StatusServiceUnavailable
	}
	return i.mapped(handler), 0
}

// open reports whether requests pass a VPC link. One that is inactive comes back after a while when it
// is asked.
func (g *APIGateway) open(linkID string) bool {
	l := g.links[linkID]
	if l == nil {
		return false
	}
	if l.status == "INACTIVE" {
		l.status = "PENDING"
		g.account.After(linkDelay, func() { l.status = "AVAILABLE" })
	}
	return l.status == "AVAILABLE"
}

// pick returns the next instance's handler, or nil if that instance is gone or does not listen.
func (a *api) pick(instances []*cloudmap.Instance) http.Handler {
	if len(instances) == 0 {
		return nil
	}
	a.next++
	i := instances[a.next%len(instances)]
	if !i.Left.IsZero() || !i.Backend.Listens(i.Port) || i.Backend.Hangs() {
		return nil
	}
	return i.Backend.Handler()
}

// path returns the path within the API's stage. A stage other than $default is the path's first part.
func (a *api) path(full string) (path string, found bool) {
	stage, rest, _ := strings.Cut(strings.TrimPrefix(full, "/"), "/")
	if a.stages[stage] && stage != "$default" {
		return "/" + rest, true
	}
	return full, a.stages["$default"]
}

// find returns the route of a request, or nil: the one of its method and path, then that of any method,
// then $default. Of the patterns of paths only {proxy+} is known.
func (a *api) find(method, path string) *route {
	for _, key := range []string{method + " " + path, "ANY " + path, method + " /{proxy+}", "ANY /{proxy+}", "$default"} {
		for _, r := range a.routes {
			if r.key == key {
				return r
			}
		}
	}
	return nil
}

// accepts reports whether a token is from the issuer and for one of the audiences. Its signature is not
// checked.
func (z *authorizer) accepts(header string) bool {
	parts := strings.Split(strings.TrimPrefix(header, "Bearer "), ".")
	if len(parts) != 3 {
		return false
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct{ Iss, Aud string }
	return err == nil && json.Unmarshal(text, &claims) == nil && claims.Iss == z.issuer && slices.Contains(z.audience, claims.Aud)
}

// functionOf returns the ARN of the function in an integration's URI: the ARN itself, or the part of
// arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations.
func functionOf(uri string) string {
	if _, arn, found := strings.Cut(uri, "/functions/"); found {
		return strings.TrimSuffix(arn, "/invocations")
	}
	return uri
}
