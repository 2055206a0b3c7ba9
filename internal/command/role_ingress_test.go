package command_test

import "fmt"

// throughIngresses is what happens to an environment on a base stack with a shared load balancer.
func (r *roleTest) throughIngresses() bool {
	return r.push("create with a rule") &&
		r.push("limit addresses", "INPUT_ALLOW-CIDRS=192.0.2.0/24") &&
		r.push("change the priority", "INPUT_PARAMETER-OVERRIDES=ListenerRulePriority=77", "INPUT_ALLOW-CIDRS=192.0.2.0/24") &&
		r.push("add a tag", "INPUT_TAGS=team=x") &&
		r.push("remove the tag") &&
		r.push("move to a load balancer of its own", "INPUT_INGRESS=dedicated") &&
		r.push("limit addresses there", "INPUT_INGRESS=dedicated", "INPUT_ALLOW-CIDRS=192.0.2.0/24") &&
		r.push("move back")
}

func (r *roleTest) ingresses() {
	if r.throughIngresses() {
		r.GitHub.Close(7, false)
		r.step("close", "closed", oneCommit)
	}
}

func (r *roleTest) productionIngresses() {
	r.environ, r.stack = []string{"INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy"}, "hello-world-production"
	if r.throughIngresses() {
		r.destroyPermanent()
	}
}

// sweepIngresses: an environment with a rule goes, and one with a host name of its own.
func (r *roleTest) sweepIngresses() {
	for n, ingress := range map[int]string{7: "shared", 8: "dedicated"} {
		r.GitHub.Open(n, oneCommit)
		r.run("opened", oneCommit, "INPUT_INGRESS="+ingress, fmt.Sprint("INPUT_ENVIRONMENT=pr-", n), "INPUT_COMMAND=deploy").want(r.t, 0, "created", "")
		r.GitHub.Close(n, false)
	}
	r.step("sweep", "closed", oneCommit, "INPUT_COMMAND=sweep")
}
