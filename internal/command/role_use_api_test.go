package command_test

// previewAPI is what happens to an environment behind an HTTP API.
func (r *roleTest) previewAPI() {
	r.offerAPI()
	const oidc = "INPUT_AUTHENTICATE-OIDC=issuer=https://id.example.com\naudience=previews"
	r.environ = []string{"INPUT_HEALTH-CHECK-TIMEOUT=1m"}
	if r.push("create") &&
		r.push("update") &&
		r.push("add a tag", "INPUT_TAGS=team=x") &&
		r.push("remove the tag") &&
		r.push("ask for tokens", "INPUT_INGRESS=api", oidc) &&
		r.push("change the audience", "INPUT_INGRESS=api", oidc+"2") &&
		r.push("ask for none") &&
		r.unreached() {
		r.GitHub.Close(7, false)
		r.step("close", "closed", oneCommit)
	}
}

// unreached: the reason why an API reaches no container is looked for.
func (r *roleTest) unreached() bool {
	r.setScenario("wrong-port")
	if !r.push("update to code on another port") {
		return false
	}
	r.AWS.DeactivateVPCLinks()
	return r.push("wake the VPC link")
}

// offerAPI makes the base stack one that offers ingress api.
func (r *roleTest) offerAPI() {
	r.run("opened", oneCommit, "INPUT_COMMAND=bootstrap", "INPUT_INGRESS=api").want(r.t, 0, "updated", "")
}

func (r *roleTest) productionAPI() {
	r.offerAPI()
	r.environ, r.stack = []string{"INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy"}, "hello-world-production"
	if r.push("create") && r.push("update") {
		r.destroyPermanent()
	}
}

func (r *roleTest) sweepAPI() {
	r.offerAPI()
	r.sweep()
}
