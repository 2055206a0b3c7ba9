package policy

import "fmt"

// decideProduction allows promote and rollback in runs that only people with write access to the
// repository can start, with the workflow of a branch of it. A pull request's own event is none: its
// workflow is the pull request's.
func decideProduction(r Request) Decision {
	switch t := r.Trigger; {
	case t.DrivesEnvironment(), t.ownEvent(), t.hidesAuthor():
		return refuse("command", "run it on push to the branch that production follows, or on workflow_dispatch",
			fmt.Sprintf("%s does not run on %s, whose code may not be merged", r.verb, t.Event))
	case r.verb == Promote && t.Commit == "":
		return refuse("GITHUB_SHA", "set GITHUB_SHA to the full SHA of the commit to promote", "the commit to promote is not known")
	}
	return allow(r.verb)
}
