package workflow

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// checks are made of each step that uses pr-stack.
var checks = []func(use, Rules) []Mistake{
	knownInputs, linux, signsIn, mayPublish, checksOut, targetBuilds, fetchesFork, comments, hasGroup, cancels, version, asksForRuns, followsBranch, letsRollBack,
}

// fatal says that a mistake keeps deployments from working, so doctor fails.
const fatal = true

func knownInputs(u use, r Rules) (list []Mistake) {
	for _, input := range slices.Sorted(maps.Keys(u.with)) {
		if len(r.Inputs) == 0 || slices.Contains(r.Inputs, strings.ToLower(input)) {
			continue
		}
		fix := "remove it; README.md lists the inputs"
		if nearest := r.Nearest(input); nearest != "" {
			fix = "did you mean " + nearest + "?"
		}
		list = append(list, mistake(fatal, fix, "the input %s does not exist", input)...)
	}
	return list
}

// linux: the runner starts containers of actions on Linux only.
// https://docs.github.com/actions/sharing-automations/creating-actions/about-custom-actions
func linux(u use, _ Rules) []Mistake {
	for _, label := range scalars(u.RunsOn) {
		if strings.HasPrefix(label, "windows") || strings.HasPrefix(label, "macos") {
			return mistake(fatal, "write runs-on: ubuntu-latest", "the runner is %s, and pr-stack is a container for Linux", label)
		}
	}
	return nil
}

// signsIn: a job gets credentials by role-to-assume, by a step before, from its environment, or from a
// machine of one's own.
func signsIn(u use, _ Rules) []Mistake {
	if u.with["role-to-assume"] != "" {
		return mayGetTokens(u)
	}
	for _, s := range u.Steps[:u.at] {
		if strings.HasPrefix(s.Uses, "aws-actions/configure-aws-credentials@") {
			if s.With["role-to-assume"] != "" && s.With["aws-access-key-id"] == "" {
				return mayGetTokens(u)
			}
			return nil
		}
	}
	for _, env := range []map[string]string{u.parsed.Env, u.job.Env, u.Steps[u.at].Env} {
		if env["AWS_ACCESS_KEY_ID"] != "" {
			return nil
		}
	}
	labels := scalars(u.RunsOn)
	if !slices.ContainsFunc(labels, func(l string) bool { return strings.HasPrefix(l, "ubuntu-") }) {
		return nil // it may have credentials
	}
	return mistake(fatal, "set role-to-assume: ${{ vars.PR_STACK_ROLE }}, and permissions: id-token: write",
		"nothing gives it AWS credentials: role-to-assume is not set")
}

// mayGetTokens: no token can be requested unless the file grants it; no setting of a repository does. A
// workflow that others call has its caller's permissions.
func mayGetTokens(u use) []Mistake {
	_, called := u.events()["workflow_call"]
	granted := u.permissions()
	if granted.may("id-token", "write") || called && !granted.stated {
		return nil
	}
	return mistake(fatal, "add id-token: write to its permissions", "the permission id-token: write is missing, so no role can be assumed")
}

// mayPublish: nothing fails without these, but nobody sees the URL.
func mayPublish(u use, _ Rules) (list []Mistake) {
	granted := u.permissions()
	if !granted.stated {
		return mistake(false, "state them, as README.md's workflow does",
			"it states no permissions, so the repository's settings decide whether comments and deployments are written")
	}
	if u.is("bootstrap", "doctor") {
		return nil
	}
	if u.with["comment"] != "never" && !granted.may("pull-requests", "write") {
		list = append(list, mistake(false, "add pull-requests: write to its permissions, or set comment: never",
			"the permission pull-requests: write is missing, so no comment is written")...)
	}
	if u.with["deployments"] != "off" && !granted.may("deployments", "write") {
		list = append(list, mistake(false, "add deployments: write to its permissions, or set deployments: off",
			"the permission deployments: write is missing, so no deployments are recorded")...)
	}
	return list
}

func checksOut(u use, _ Rules) []Mistake {
	if !u.builds() {
		return nil
	}
	for _, s := range u.Steps[:u.at] {
		if isCheckout(s) {
			if granted := u.permissions(); granted.stated && !granted.may("contents", "read") && s.With["token"] == "" {
				return mistake(false, "add contents: read to its permissions",
					"the permission contents: read is missing, without which a private repository cannot be checked out")
			}
			return nil
		}
	}
	if slices.ContainsFunc(u.Steps[:u.at], func(s step) bool { return s.Uses == "" || !strings.Contains(s.Uses, "/") }) {
		return mistake(false, "let actions/checkout be the first step", "no step before it is actions/checkout")
	}
	return mistake(fatal, "add - uses: actions/checkout@v7 before it, or set image", "no step before it checks the repository out")
}

// targetBuilds: pull_request_target checks out the branch that is merged into, and has credentials also
// for forks.
func targetBuilds(u use, _ Rules) []Mistake {
	if _, ok := u.events()["pull_request_target"]; !ok || !u.builds() ||
		!slices.ContainsFunc(u.types("pull_request_target"), func(t string) bool { return t != "closed" }) {
		return nil
	}
	return mistake(fatal, "deploy on pull_request, and use pull_request_target with types: [closed] alone",
		"it builds on pull_request_target, whose checkout is not the pull request's code, and which has credentials for forks")
}

// head matches an expression that names the code of a pull request.
var head = regexp.MustCompile(`github\.event\.(pull_request\.head|workflow_run\.head)|github\.head_ref|refs/pull/.*/head`)

// fetchesFork: on these events a job has credentials, whoever wrote the code.
func fetchesFork(u use, _ Rules) []Mistake {
	trusted := []string{"pull_request_target", "workflow_run"}
	events := u.events()
	privileged := slices.IndexFunc(trusted, func(e string) bool { _, ok := events[e]; return ok })
	if privileged < 0 {
		return nil
	}
	if !slices.ContainsFunc(u.Steps, fetchesHead) {
		return nil
	}
	return mistake(false, "build on pull_request, and deploy the image in a second workflow, as README.md shows for forks",
		"on %s it checks out the pull request's code, which may be a fork's, beside this repository's credentials", trusted[privileged])
}

func fetchesHead(s step) bool {
	return isCheckout(s) && head.MatchString(s.With["ref"]+s.With["repository"])
}

// comments: anyone may comment on a public repository, and the checkout is by default of the default
// branch.
func comments(u use, _ Rules) (list []Mistake) {
	if _, ok := u.events()["issue_comment"]; !ok || !u.is("deploy") {
		return nil
	}
	if !strings.Contains(u.If+u.Steps[u.at].If, "author_association") {
		list = mistake(false, "check github.event.comment.author_association in the job's if", "on issue_comment it deploys for anyone who comments")
	}
	if u.builds() && len(u.events()) == 1 && slices.ContainsFunc(u.Steps[:u.at], isCheckout) && !slices.ContainsFunc(u.Steps[:u.at], hasRef) {
		list = append(list, mistake(fatal, "give actions/checkout ref: refs/pull/${{ github.event.issue.number }}/head",
			"on issue_comment it checks out the default branch, which is refused")...)
	}
	return list
}

func isCheckout(s step) bool { return strings.HasPrefix(s.Uses, "actions/checkout@") }

func hasRef(s step) bool { return isCheckout(s) && s.With["ref"] != "" }

func hasGroup(u use, _ Rules) []Mistake {
	group, _ := u.concurrency()
	if group != "" || !u.deploys() || u.is("bootstrap", "sweep", "doctor") {
		return nil
	}
	if u.promotes() {
		return mistake(false, "add concurrency: { group: pr-stack-production-${{ inputs.command || 'promote' }}, cancel-in-progress: false }",
			"it has no concurrency, so a run that finds another at work on production fails")
	}
	return mistake(false, "add concurrency: { group: pr-stack-${{ github.event.number }}, cancel-in-progress: false, queue: max }",
		"it has no concurrency, so two runs may change one environment at the same time")
}

func cancels(u use, _ Rules) []Mistake {
	if _, cancels := u.concurrency(); !cancels {
		return nil
	}
	return mistake(false, "write cancel-in-progress: false",
		"cancel-in-progress is true, so a push cancels a deployment half-way, and a close may be lost")
}

// version compares only what is certain: another name of the action than the run's is not an older one.
func version(u use, r Rules) []Mistake {
	switch {
	case u.ref == "main" || u.ref == "master":
		return mistake(false, "name a release, such as @v1, or its commit", "it uses pr-stack@%s, which changes without notice", u.ref)
	case r.Ref != "" && u.ref != r.Ref && !isExpression(u.ref):
		return mistake(false, fmt.Sprintf("write @%s there, too", r.Ref), "it uses pr-stack@%s, and this run uses @%s", u.ref, r.Ref)
	}
	return nil
}
