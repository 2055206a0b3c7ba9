package config

import (
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Ingress is how requests reach an environment.
type Ingress string

// The choices of the input ingress.
const (
	Dedicated Ingress = "dedicated" // a load balancer of its own
	SharedLB  Ingress = "shared"    // a rule on the base stack's load balancer
	HTTPAPI   Ingress = "api"       // an HTTP API of its own
	NoIngress Ingress = "none"
)

// Profile is a set of choices that go together.
type Profile string

// The choices of the input profile.
const (
	Standard Profile = "standard"
	Thrifty  Profile = "thrifty" // what costs least
)

// Access is who may reach an environment. Its zero value lets everyone in.
type Access struct {
	CIDRs []string // blocks of addresses; empty: any address
	OIDC  OIDC
}

// OIDC is the provider that people sign in at before they see an environment. Its Issuer is "" if no
// sign-in is asked for. On a load balancer all fields but Audience are set, and with ingress api only
// Issuer and Audience: an HTTP API checks tokens and lets nobody sign in.
type OIDC struct {
	Issuer, AuthorizationEndpoint, TokenEndpoint, UserInfoEndpoint string
	ClientID, ClientSecret                                         string
	Audience                                                       string
}

// maxCIDRs is how many blocks fit into one listener rule: it has at most five values, and the host
// name may be one of them.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const maxCIDRs = 4

func (l *loader) ingress() Ingress {
	if l.text("ingress") == "" {
		return "" // as the base stack says
	}
	return oneOf(l, "ingress", Dedicated, SharedLB, HTTPAPI, NoIngress)
}

func (l *loader) access(ingress Ingress) Access {
	a := Access{CIDRs: words(l.text("allow-cidrs")), OIDC: l.oidc(ingress)}
	for _, block := range a.CIDRs {
		if prefix, err := netip.ParsePrefix(block); err != nil || prefix.Masked() != prefix {
			l.addf("allow-cidrs", "write blocks such as 192.0.2.0/24 or 2001:db8::/32",
				"%s is not a block of addresses", quote(block))
		}
	}
	switch {
	case len(a.CIDRs) > maxCIDRs:
		l.addf("allow-cidrs", "join some of them", "there are %d, and a listener rule takes %d", len(a.CIDRs), maxCIDRs)
	case len(a.CIDRs) > 0 && ingress == HTTPAPI:
		l.addf("allow-cidrs", "use authenticate-oidc, or another ingress", "an HTTP API cannot limit addresses")
	case len(a.CIDRs) > 0 && ingress == NoIngress:
		l.addf("allow-cidrs", "leave it out", "with ingress none, no address reaches the environment")
	}
	return a
}

// oidc returns the sign-in that is asked for, checked.
func (l *loader) oidc(ingress Ingress) OIDC {
	values := l.keyValues("authenticate-oidc")
	if len(values) == 0 {
		return OIDC{}
	}
	required := []string{"issuer", "authorization-endpoint", "token-endpoint", "user-info-endpoint", "client-id", "client-secret"}
	switch ingress {
	case HTTPAPI:
		required = []string{"issuer", "audience"}
	case NoIngress:
		l.addf("authenticate-oidc", "leave it out", "with ingress none, nobody reaches the environment")
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(required, key) {
			l.addf("authenticate-oidc", "write "+strings.Join(required, ", "), "%s is not known", quote(key))
		}
		if !strings.HasPrefix(key, "client-") && key != "audience" && !isHTTPS(values[key]) {
			l.addf("authenticate-oidc", "write https://…", "%s is not the URL of a provider", quote(key))
		}
	}
	for _, key := range required {
		if values[key] == "" {
			l.addf("authenticate-oidc", "copy it from the provider's /.well-known/openid-configuration, or from its registration of this client",
				"%s is missing", quote(key))
		}
	}
	return OIDC{
		Issuer: values["issuer"], AuthorizationEndpoint: values["authorization-endpoint"], TokenEndpoint: values["token-endpoint"],
		UserInfoEndpoint: values["user-info-endpoint"], ClientID: values["client-id"], ClientSecret: values["client-secret"],
		Audience: values["audience"],
	}
}

func isHTTPS(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != ""
}
