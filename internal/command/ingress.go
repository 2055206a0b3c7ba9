package command

import (
	"fmt"

	"pr-stack/internal/config"
	"pr-stack/internal/hint"
	"pr-stack/internal/rollout"
	"pr-stack/internal/template"
)

// chooseIngress returns how requests reach the job's environment, as its template's parameter says it.
// A template of the user's own may have no such parameter; then nothing depends on the result.
func chooseIngress(job config.Deploy, base map[string]string) (string, error) {
	asked := string(job.Ingress)
	if asked == "" && job.Profile == config.Thrifty && offers(job, template.API, base) {
		asked = template.API
	}
	ingress := template.Ingress(asked, base)
	if job.Template.Path != "" && job.Ingress == "" {
		return ingress, nil
	}
	if !offers(job, ingress, base) {
		return "", hint.New(fmt.Sprintf("run command: bootstrap with ingress: %s once, or choose another ingress", ingress),
			"ingress %s: base stack %s has nothing for it", ingress, job.BaseStack)
	}
	return ingress, checkAccess(job, ingress)
}

// checkAccess finds what config cannot know before the base stack says what the ingress is.
func checkAccess(job config.Deploy, ingress string) error {
	if job.Ingress != "" {
		return nil // config has checked it
	}
	switch {
	case ingress == template.API && len(job.Access.CIDRs) > 0:
		return hint.New("use authenticate-oidc, or another ingress", "allow-cidrs: an HTTP API, which the base stack has chosen, cannot limit addresses")
	case ingress == template.None && (len(job.Access.CIDRs) > 0 || job.Access.OIDC.Issuer != ""):
		return hint.New("leave allow-cidrs and authenticate-oidc out, or choose another ingress",
			"the base stack has chosen ingress none, with which nobody reaches the environment")
	case ingress == template.API && job.Access.OIDC.Issuer != "":
		return hint.New("set ingress: api, and write issuer and audience alone",
			"authenticate-oidc: the base stack has chosen an HTTP API, which checks tokens and lets nobody sign in")
	}
	return nil
}

// ingressValues returns pr-stack's own values of the parameters about the ingress.
func ingressValues(job config.Deploy, ingress string) map[string]string {
	values := map[string]string{template.IngressParameter: ingress}
	if ingress == template.API && job.Access.OIDC.Issuer != "" {
		values["OidcIssuer"], values["OidcAudience"] = job.Access.OIDC.Issuer, job.Access.OIDC.Audience
	}
	return values
}

// asksForToken reports whether the URL answers 401 to whoever has no token.
func asksForToken(plan rollout.Plan) bool {
	return plan.Parameters[template.IngressParameter] == template.API && plan.Parameters["OidcIssuer"] != ""
}
