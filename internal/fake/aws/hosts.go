package aws

import (
	"net"
	"net/http"
	"strings"
)

// isRegistry reports whether a request is to the registry. The paths of API Gateway's API begin with /v2
// as well, but its requests are signed.
func isRegistry(r *http.Request) bool {
	signed := strings.Contains(r.Header.Get("Authorization"), "/apigateway/aws4_request")
	return !signed && (r.URL.Path == "/v2" || strings.HasPrefix(r.URL.Path, "/v2/"))
}

// api returns what answers if the host of a request is an HTTP API's, and an error if that name does not
// resolve.
func (a *AWS) api(r *http.Request) (http.Handler, error) {
	handler := a.apis.Handler(r.Host)
	if host := r.Host; handler == nil && strings.Contains(host, ".execute-api.") {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return handler, nil
}
