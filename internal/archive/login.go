package archive

import "net/http"

// login sends the password to the registry and to no other host. Package remote would also send it to
// the token server that a registry names. ECR names none.
type login struct {
	Push
	host string
	next http.RoundTripper
}

func (l login) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == l.host {
		r = r.Clone(r.Context())
		r.SetBasicAuth(l.Username, l.Password)
	}
	return l.next.RoundTrip(r)
}
