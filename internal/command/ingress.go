package command

import (
	"strings"

	"pr-stack/internal/config"
	"pr-stack/internal/hint"
	"pr-stack/internal/rollout"
	"pr-stack/internal/template"
)

// ingressOf returns how requests reach the environment, as its template's parameter says it. It refuses an
// ingress that the base stack does not offer, and limits that the ingress cannot set. A template of the
// user's own may have no such parameter; then nothing depends on the result.
func ingressOf(job config.Deploy, base map[string]string) (string, error) {
	asked := string(job.Ingress)
	if asked == "" && job.Profile == config.Thrifty && offers(job, template.API, base) {
		asked = template.API
	}
	ingress := template.Ingress(asked, base)
	if job.Template.Path != "" && job.Ingress == "" {
		return ingress, nil
	}
	if !offers(job, ingress, base) {
		arguments := "--ingress " + ingress
		if ingress == template.Shared {
			arguments += " --domain preview.example.com, with a domain of yours"
		}
		return "", hint.New("run bootstrap "+arguments+"; or choose another ingress",
			"ingress %s: base stack %s does not offer it", ingress, job.BaseStack)
	}
	return ingress, checkAccess(job, ingress, base["Domain"] != "")
}

// checkAccess checks what depends on the base stack. The rest is checked with the inputs.
func checkAccess(job config.Deploy, ingress string, hasDomain bool) error {
	access, signIn := job.Access, job.Access.OIDC.Issuer != ""
	switch {
	case ingress == template.None && (signIn || len(access.CIDRs) > 0):
		return hint.New("leave them out, or choose another ingress",
			"allow-cidrs and authenticate-oidc need an ingress, and that of base stack %s is none", job.BaseStack)
	case ingress == template.API && len(access.CIDRs) > 0:
		return hint.New("use authenticate-oidc, or another ingress",
			"allow-cidrs: the ingress of base stack %s is api, and an HTTP API cannot limit addresses", job.BaseStack)
	case ingress == template.API && signIn && access.OIDC.Audience == "":
		return hint.New("set ingress: api, and write issuer and audience; or choose another ingress",
			"authenticate-oidc: the ingress of base stack %s is api, which only checks tokens", job.BaseStack)
	case ingress == template.Dedicated && signIn && !hasDomain:
		return hint.New("run bootstrap --domain preview.example.com, with a domain of yours",
			"authenticate-oidc needs HTTPS, and base stack %s has no domain", job.BaseStack)
	}
	return nil
}

// accessParameters are the parameters by which a template limits who may reach the environment.
const (
	cidrsParameter  = "AllowedCidrs"
	issuerParameter = "OidcIssuer"
)

// ingressValues returns the values of the parameters that an ingress needs.
func ingressValues(job config.Deploy, ingress string, base map[string]string) map[string]string {
	oidc := job.Access.OIDC
	values := map[string]string{
		template.IngressParameter:   ingress,
		"Hostname":                  "",
		cidrsParameter:              strings.Join(job.Access.CIDRs, ","),
		issuerParameter:             oidc.Issuer,
		"OidcAuthorizationEndpoint": oidc.AuthorizationEndpoint,
		"OidcTokenEndpoint":         oidc.TokenEndpoint,
		"OidcUserInfoEndpoint":      oidc.UserInfoEndpoint,
		"OidcClientId":              oidc.ClientID,
		"OidcClientSecret":          oidc.ClientSecret,
		"OidcAudience":              oidc.Audience,
	}
	if domain := base["Domain"]; domain != "" && (ingress == template.Dedicated || ingress == template.Shared) {
		values["Hostname"] = job.Environment.Hostname(domain)
	}
	return values
}

// checkLimitsAccess refuses a template that would let everyone in although the inputs do not.
func checkLimitsAccess(job config.Deploy, plan rollout.Plan) error {
	for _, check := range []struct {
		input, parameter string
		given            bool
	}{
		{"allow-cidrs", cidrsParameter, len(job.Access.CIDRs) > 0},
		{"authenticate-oidc", issuerParameter, job.Access.OIDC.Issuer != ""},
	} {
		if _, declared := plan.Parameters[check.parameter]; check.given && !declared {
			return hint.New("declare it, and limit access by it; or leave "+check.input+" out",
				"%s: the template does not declare the parameter %s, so everyone could reach the environment", check.input, check.parameter)
		}
	}
	return nil
}

// accessOf returns who can reach the URL of a stack with these parameters.
func accessOf(plan rollout.Plan) rollout.Access {
	asks, api := plan.Parameters[issuerParameter] != "", plan.Parameters[template.IngressParameter] == template.API
	return rollout.Access{
		Limited: plan.Parameters[cidrsParameter] != "",
		SignIn:  asks && !api,
		Token:   asks && api,
	}
}
