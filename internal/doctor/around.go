package doctor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"pr-stack/internal/report"
	"pr-stack/internal/workflow"
)

// Docker is the daemon that builds images.
type Docker struct {
	Needed  bool     // an image would be built
	Build   *Problem // why there is nothing to build; nil if there is
	About   string
	Problem *Problem
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
	// Reads has why a read was refused, or nil, by the permission that a workflow states.
	Reads map[string]*Problem
}

func (g GitHub) checks() (checks []report.Check) {
	if g.Repository == "" || !g.HasToken {
		return []report.Check{warning(groupGitHub, "token", "there is none, or no repository: no comment and no deployment is written, and sweep cannot run",
			"set github-token, and GITHUB_REPOSITORY outside of GitHub")}
	}
	for _, permission := range slices.Sorted(maps.Keys(g.Reads)) {
		if problem := g.Reads[permission]; problem != nil {
			checks = append(checks, warning(groupGitHub, permission, problem.Why, cmp.Or(problem.Fix, "add "+permission+" to the permissions of the workflow")))
			continue
		}
		text := "the token may read; whether it may write is not known before it writes"
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
		checks = append(checks, ok(groupWorkflows, workflow.Folder, fmt.Sprintf("no mistake was found in the steps that use pr-stack, which are %d", n)))
	}
	return checks
}
