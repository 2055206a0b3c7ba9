package doctor

import (
	"cmp"
	"maps"
	"slices"

	"pr-stack/internal/report"
	"pr-stack/internal/workflow"
)

// Docker is the daemon that builds images.
type Docker struct {
	Needed  bool     // an image would be built
	Build   *Problem // why there is nothing to build; nil if there is something
	About   string   // version and platforms of the daemon
	Problem *Problem // why the daemon cannot build the image; nil if it can
}

func (d Docker) checks() []report.Check {
	const name = "daemon"
	switch {
	case !d.Needed:
		return []report.Check{ok(groupDocker, name, "not needed: the image is built elsewhere")}
	case d.Build != nil:
		return []report.Check{missing(groupDocker, "build", d.Build.Why, d.Build.Fix)}
	case d.Problem != nil:
		return []report.Check{missing(groupDocker, name, d.Problem.Why, d.Problem.Fix)}
	}
	return []report.Check{ok(groupDocker, name, d.About)}
}

// GitHub is what the token may read.
type GitHub struct {
	Repository string // "" outside GitHub
	HasToken   bool
	// Reads is keyed by the permission in a workflow, such as deployments: write. The value is why a read that
	// needs it was refused, or nil.
	Reads map[string]*Problem
}

func (g GitHub) checks() (checks []report.Check) {
	if g.Repository == "" || !g.HasToken {
		return []report.Check{warning(groupGitHub, "token", "there is no token, or no repository: no comment and no deployment is written, and sweep cannot run",
			"set github-token, and GITHUB_REPOSITORY outside of GitHub")}
	}
	for _, permission := range slices.Sorted(maps.Keys(g.Reads)) {
		if problem := g.Reads[permission]; problem != nil {
			checks = append(checks, warning(groupGitHub, permission, problem.Why, cmp.Or(problem.Fix, "add "+permission+" to the permissions of the workflow")))
			continue
		}
		text := "the token may read; whether it may write was not checked"
		if permission == "contents: read" {
			text = "the token may read"
		}
		checks = append(checks, ok(groupGitHub, permission, text))
	}
	return checks
}

// Workflows is what the repository's workflows say.
type Workflows struct {
	Problem *Problem // why they could not be read
	Found   workflow.Found
}

func (w Workflows) checks() (checks []report.Check) {
	if w.Problem != nil {
		return []report.Check{unchecked(groupWorkflows, workflow.Folder, *w.Problem)}
	}
	for _, m := range w.Found.Mistakes {
		judge := warning
		if m.Fatal {
			judge = missing
		}
		checks = append(checks, judge(groupWorkflows, m.Where, m.What, m.Fix))
	}
	switch n := w.Found.Uses; {
	case n == 0 && len(checks) == 0:
		checks = append(checks, warning(groupWorkflows, workflow.Folder, "no workflow uses pr-stack", "copy the one at the top of README.md"))
	case len(checks) == 0:
		checks = append(checks, ok(groupWorkflows, workflow.Folder, "no mistake was found in "+plural(n, "step")+" with pr-stack"))
	}
	return checks
}
