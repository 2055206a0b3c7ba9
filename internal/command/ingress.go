package command

import (
	"cmp"
	"slices"
	"strings"

	"pr-stack/internal/config"
	"pr-stack/internal/hint"
	"pr-stack/internal/rollout"
	"pr-stack/internal/template"
)

// offers are the base stack's outputs without which an ingress is not possible.
var offers = map[config.Ingress]string{config.SharedLB: "HttpsListenerArn", config.HTTPAPI: "VpcLinkId"}

// ingressOf returns how requests reach the environment. It refuses an ingress that the base stack does
// not offer, or that cannot limit access as the inputs ask.
func ingressOf(job config.Deploy, base map[string]string) (config.Ingress, error) {
	ingress := cmp.Or(job.Ingress, config.Ingress(base[template.IngressParameter]), config.Dedicated)
	if output := offers[ingress]; output != "" && base[output] == "" && !callsFunction(job, ingress, base) {
		arguments := "--ingress " + string(ingress)
		if ingress == config.SharedLB {
			arguments += " --domain preview.example.com, with a domain of yours"
		}
		return "", hint.New("run bootstrap "+arguments+"; or choose another ingress",
			"ingress %s: base stack %s does not offer it", ingress, job.BaseStack)
	}
	return ingress, checkAccess(job, ingress, base["Domain"] != "")
}

// checkAccess checks what depends on the base stack. The rest is checked with the inputs.
func checkAccess(job config.Deploy, ingress config.Ingress, hasDomain bool) error {
	access, signIn := job.Access, job.Access.OIDC.Issuer != ""
	switch {
	case ingress == config.NoIngress && (signIn || len(access.CIDRs) > 0):
		return hint.New("leave them out, or choose another ingress",
			"allow-cidrs and authenticate-oidc need an ingress, and that of base stack %s is none", job.BaseStack)
	case ingress == config.HTTPAPI && len(access.CIDRs) > 0:
		return hint.New("use authenticate-oidc, or another ingress",
			"allow-cidrs: the ingress of base stack %s is api, and an HTTP API cannot limit addresses", job.BaseStack)
	case ingress == config.HTTPAPI && signIn && access.OIDC.Audience == "":
		return hint.New("write issuer and audience, or choose another ingress",
			"authenticate-oidc: the ingress of base stack %s is api, which only checks tokens", job.BaseStack)
	case ingress == config.Dedicated && signIn && !hasDomain:
		return hint.New("run bootstrap --domain preview.example.com, with a domain of yours",
			"authenticate-oidc needs HTTPS, and base stack %s has no domain", job.BaseStack)
	}
	return nil
}

// accessParameters are the parameters by which a template limits who may reach the environment.
const (
	cidrsParameter  = "AllowedCidrs"
	issuerParameter = "OidcIssuer"
	secretParameter = "OidcClientSecret"
)

// ingressValues returns the values of the parameters that an ingress needs.
func ingressValues(job config.Deploy, ingress config.Ingress, base map[string]string) map[string]string {
	oidc := job.Access.OIDC
	values := map[string]string{
		template.IngressParameter:   string(ingress),
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
	if domain := base["Domain"]; domain != "" && (ingress == config.Dedicated || ingress == config.SharedLB) {
		values["Hostname"] = job.Environment.Hostname(domain)
	}
	return values
}

// checkLimitsAccess refuses a template that would ignore the inputs that limit access, or show the secret
// with which people sign in.
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
	if secret := plan.Parameters[secretParameter]; secret != "" && secret == job.Access.OIDC.ClientSecret && !slices.Contains(plan.NoEcho, secretParameter) {
		return hint.New("declare it with NoEcho: true",
			"authenticate-oidc: whoever may describe the stack could read the client's secret, since the template declares %s without NoEcho", secretParameter)
	}
	return nil
}

// accessOf returns who can reach the URL of a stack with these parameters.
func accessOf(plan rollout.Plan) rollout.Access {
	return rollout.Access{
		Limited: plan.Parameters[cidrsParameter] != "",
		SignIn:  plan.Parameters[issuerParameter] != "",
	}
}

// keepsOldTasks reports whether the tasks of the commit before stay up while those of a commit that fails come
// and go. Only a load balancer checks that a new task answers: without one, ECS stops an old task as soon as a
// new one runs, and starts it again with the rollback.
func keepsOldTasks(plan rollout.Plan) bool {
	switch plan.Parameters[template.IngressParameter] {
	case string(config.HTTPAPI), string(config.NoIngress):
		return false
	}
	return true
}
