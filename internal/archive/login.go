package archive

import "net/http"

// login sends the password to the registry, and to nobody else. Package remote would also send it to
// the host that the registry names as the one that gives out tokens; ECR gives out none.
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
