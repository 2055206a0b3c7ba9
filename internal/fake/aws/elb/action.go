package elb

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pr-stack/internal/fake/aws/internal/property"
)

// action is what a listener or a rule does with a request.
type action struct {
	kind     string   // forward, redirect, fixed-response or authenticate-oidc
	forward  *forward // of forward
	settings map[string]any
}

// readActions reads a list of actions, in the order in which they are taken.
func readActions(v any) []action {
	var list []action
	orders := map[string]int{}
	for _, item := range property.List(v) {
		p := property.Object(item)
		a := action{kind: property.Text(p["Type"])}
		switch a.kind {
		case "redirect":
			a.settings = property.Object(p["RedirectConfig"])
		case "fixed-response":
			a.settings = property.Object(p["FixedResponseConfig"])
		case "authenticate-oidc":
			a.settings = property.Object(p["AuthenticateOidcConfig"])
		case "forward":
			a.forward = readForward(p)
		}
		orders[a.kind] = property.Number(p["Order"], 50000)
		list = append(list, a)
	}
	slices.SortStableFunc(list, func(a, b action) int { return orders[a.kind] - orders[b.kind] })
	return list
}

// groups returns the target groups that actions forward to, also those with a weight of 0.
func groups(actions []action) (arns []string) {
	for _, a := range actions {
		if a.forward == nil {
			continue
		}
		for _, g := range a.forward.groups {
			arns = append(arns, g.arn)
		}
	}
	return arns
}

// redirect answers as a redirection does. A part that is not given stays as it is.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
func (a action) redirect(q request, port int, w http.ResponseWriter, r *http.Request) {
	protocol := "HTTP"
	if q.secure {
		protocol = "HTTPS"
	}
	values := strings.NewReplacer("#{protocol}", protocol, "#{host}", q.host, "#{port}", strconv.Itoa(port),
		"#{path}", strings.TrimPrefix(q.path, "/"), "#{query}", r.URL.RawQuery)
	part := func(name, standard string) string {
		return values.Replace(cmp.Or(property.Text(a.settings[name]), standard))
	}
	to := strings.ToLower(part("Protocol", "#{protocol}")) + "://" + part("Host", "#{host}") + ":" + part("Port", "#{port}") + part("Path", "/#{path}")
	if query := part("Query", "#{query}"); query != "" {
		to += "?" + query
	}
	status := http.StatusMovedPermanently
	if property.Text(a.settings["StatusCode"]) == "HTTP_302" {
		status = http.StatusFound
	}
	w.Header().Set("Location", to)
	w.WriteHeader(status)
}

func (a action) respond(w http.ResponseWriter) {
	w.Header().Set("Content-Type", cmp.Or(property.Text(a.settings["ContentType"]), "text/plain"))
	w.WriteHeader(property.Number(a.settings["StatusCode"], http.StatusOK))
	_, _ = w.Write([]byte(property.Text(a.settings["MessageBody"])))
}

// sessionCookie begins the name of the cookie that a load balancer sets once somebody has signed in.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
const sessionCookie = "AWSELBAuthSessionCookie"

// signedIn reports whether a request has the cookie. Nobody can sign in here, so any value will do.
func signedIn(r *http.Request) bool {
	return slices.ContainsFunc(r.Cookies(), func(c *http.Cookie) bool { return strings.HasPrefix(c.Name, sessionCookie) })
}

// signIn sends a person to the provider.
func (a action) signIn(q request, w http.ResponseWriter) {
	query := url.Values{
		"client_id": {property.Text(a.settings["ClientId"])}, "redirect_uri": {"https://" + q.host + "/oauth2/idpresponse"},
		"response_type": {"code"}, "scope": {cmp.Or(property.Text(a.settings["Scope"]), "openid")}, "state": {"0123456789"},
	}
	w.Header().Set("Location", property.Text(a.settings["AuthorizationEndpoint"])+"?"+query.Encode())
	w.WriteHeader(http.StatusFound)
}
