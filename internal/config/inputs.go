package config

import (
	"fmt"
	"slices"
	"strings"

	"pr-stack/internal/suggest"
)

// Input is an input in action.yml, and a flag on the command line.
type Input struct {
	Name    string
	Default string // as in action.yml; "" if it depends on other things, as a name does
	Help    string
}

// AllInputs is every input, in the order of action.yml, which must say the same.
var AllInputs = []Input{
	{"command", "auto", "" +
		"auto, deploy, destroy, sweep, promote, rollback, status, bootstrap or doctor; auto follows " +
		"the event"},
	{"service", "", "" +
		"Prefix of every stack's name and a tag on every resource; default: the repository's name"},
	{"environment", "", "" +
		"Name of the environment; default: pr-<number>. A name such as production makes an " +
		"environment that no pull request deletes"},
	{"stack-name", "", "Name of the service stack; default: <service>-<environment>"},
	{"base-stack", "", "" +
		"Name of the base stack, whose outputs become parameters of the service stack; default: " +
		"<service>-base"},
	{"template", "fargate", "fargate, lambda, or the path of your own CloudFormation template"},
	{"ingress", "", "" +
		"How requests reach an environment: dedicated, a load balancer of its own; shared, a rule on " +
		"the base stack's; api, an HTTP API of its own; none; default: what the base stack says"},
	{"profile", "standard", "" +
		"thrifty chooses what costs least: Fargate Spot, ARM if the image has it, and ingress api if " +
		"the base stack has it"},
	{"allow-cidrs", "", "Blocks of addresses that may reach the environment, at most four; default: any"},
	{"authenticate-oidc", "", "" +
		"Provider at which people sign in before they see the environment: KEY=VALUE lines, or a " +
		"mapping; README.md names the keys"},
	{"seed", "", "Command to run once in a task of the image when the environment is created"},
	{"migrate", "", "Command to run in a task of each new image, before its tasks take requests"},
	{"before-destroy", "", "Command to run in a task before the environment is deleted"},
	{"parameter-overrides", "", "" +
		"Template parameters, which override all others: KEY=VALUE lines, or a mapping in JSON or " +
		"YAML"},
	{"tags", "", "Tags for the stack and everything in it: KEY=VALUE lines, or a mapping in JSON or YAML"},
	{"capabilities", "", "" +
		"Capabilities to acknowledge, such as CAPABILITY_IAM; default: what the template needs"},
	{"role-arn", "", "Role that CloudFormation assumes; default: it uses the caller's permissions"},
	{"timeout-in-minutes", "", "" +
		"How long CloudFormation may take; by default the action waits for 30 minutes and sets " +
		"CloudFormation no limit"},
	{"on-failure", "", "" +
		"What to do with a new stack that fails: keep it for debugging, delete it, or rollback; " +
		"default: delete for a pull request's environment, rollback for others. A failed update " +
		"is always rolled back"},
	{"image", "", "An existing image to deploy: nothing is built, and Docker is not needed"},
	{"image-archive", "", "" +
		"Path of an image that was built elsewhere, as written by docker save or buildx's output " +
		"type=docker: it is pushed, nothing is built, and Docker is not needed"},
	{"context", ".", "Folder to build"},
	{"file", "", "Path of the Dockerfile; default: Dockerfile in context"},
	{"target", "", "Stage of the Dockerfile to build"},
	{"platforms", "", "Platforms to build for, such as linux/arm64; default: the Docker daemon's own"},
	{"build-args", "", "Build arguments, one KEY=VALUE a line"},
	{"secrets", "", "Build secrets, one id=value a line"},
	{"cache-from", "", "Caches to read, such as type=gha, one a line"},
	{"cache-to", "", "Caches to write, one a line"},
	{"provenance", "false", "Attach a provenance attestation: true, false, mode=min or mode=max"},
	{"ecr-repository", "", "ECR repository to push to; default: the base stack's"},
	{"health-check-path", "/", "Path that must answer with status 2xx or 3xx"},
	{"health-check-timeout", "5m", "" +
		"How long to wait for the new code to answer once its stack is complete, such as 5m or " +
		"90s"},
	{"label", "", "Label that a pull request must have to get an environment; default: none is needed"},
	{"drafts", "true", "Whether drafts get an environment"},
	{"bots", "true", "Whether pull requests opened by bots get an environment"},
	{"allow-forks", "false", "" +
		"Build and run a fork's code with this repository's credentials; read the README's " +
		"section Security first"},
	{"paths", "", "" +
		"Patterns, as in .dockerignore, one of which a changed file must match; default: any file"},
	{"keep-label", "", "" +
		"Label that keeps sweep from deleting an open pull request's environment, whatever its " +
		"age"},
	{"max-environments", "", "" +
		"How many pull request environments the service may have; beyond that, new pull requests " +
		"are skipped with a comment"},
	{"max-age", "", "" +
		"sweep deletes environments of open pull requests that were not deployed to for this " +
		"long, such as 7d or 36h; default: never"},
	{"dry-run", "false", "Have sweep only report what it would delete"},
	{"domain", "", "" +
		"bootstrap: domain of the environments' host names, such as preview.example.com, in a " +
		"hosted zone of the account"},
	{"vpc-id", "", "bootstrap: your own network, with subnet-ids; default: a new one"},
	{"subnet-ids", "", "bootstrap: public subnets of vpc-id, in two zones or more"},
	{"github-repository", "", "" +
		"bootstrap: OWNER/NAME of the repository whose jobs may assume the roles; default: the one " +
		"of the run, or of the checkout"},
	{"yes", "false", "bootstrap: make the changes without asking"},
	{"allow-replacement", "false", "bootstrap: replace or delete what running environments use"},
	{"promote-by", "", "" +
		"What promote moves to production: digest, the image, into a permanent environment; listener " +
		"or record, the requests, to the environment that was tested; default: what the base stack " +
		"says, else digest. bootstrap: what the base stack says"},
	{"strategy", "rolling", "" +
		"How ECS replaces the tasks of a permanent environment: rolling, or canary, which gives the " +
		"new ones a part of the requests first and goes back by itself"},
	{"steps", "5 25 50 100", "promote by listener or record: percents of the requests, one after the other"},
	{"bake-time", "", "" +
		"promote: how long each step must be good, such as 5m; default: 3m, or 5m by record"},
	{"keep-for", "1h", "" +
		"promote by listener or record: how long the environment before stays at full size, ready to " +
		"be rolled back to"},
	{"min-requests", "20", "" +
		"promote: how many requests a step needs to be judged by their errors; 0 to judge it by " +
		"health, URL and alarms alone"},
	{"alarms", "", "promote: names of CloudWatch alarms that must not be in ALARM, one a line"},
	{"require-tested", "false", "" +
		"promote: fail if the merged code is not what the pull request's environment was built from; " +
		"otherwise promote by digest builds it, and says so"},
	{"expect-digest", "", "" +
		"promote: digest that the image must have, such as one whose attestation the job has verified"},
	{"shares-data", "false", "" +
		"promote by listener or record: the environment's data is production's, although its template " +
		"has a database or a bucket of its own"},
	{"hostname", "", "" +
		"Production's host name by listener or record; default: the environment's name below the base " +
		"stack's domain"},
	{"force", "false", "" +
		"promote and rollback: go on although another run holds the lock, or production is not as it " +
		"was recorded"},
	{"json", "false", "status: print JSON and nothing else"},
	{"aws-region", "", "Region; default: as the AWS SDK finds it"},
	{"role-to-assume", "", "" +
		"Role to assume with GitHub's OIDC token, which needs permissions: id-token: write; " +
		"default: the credentials that the AWS SDK finds"},
	{"role-duration-seconds", "3600", "" +
		"How long a session of role-to-assume lasts, from 900 to 43200; a longer run renews it"},
	{"allowed-account-ids", "", "Numbers of the AWS accounts that may be used; default: any"},
	{"mask-aws-account-id", "false", "" +
		"Hide the AWS account's number in the log, the summary, the comment and deployments; links " +
		"that hold it are left out"},
	{"github-token", "${{ github.token }}", "" +
		"Token for GitHub's API; it needs pull-requests: write for the comment and deployments: " +
		"write for deployments"},
	{"comment", "always", "" +
		"When to keep a comment on the pull request current: always, on-failure or never"},
	{"comment-logs", "true", "" +
		"Whether the comment quotes the last lines of a container's log after a failure; the job's " +
		"log and summary always do"},
	{"deployments", "shared", "" +
		"GitHub Deployments: shared uses one GitHub environment for all pull requests, each one " +
		"per pull request, off none"},
}

// Usage returns what --help shows.
func Usage() string {
	var b strings.Builder
	b.WriteString("usage: pr-stack [deploy|destroy|sweep|promote|rollback|status|bootstrap|doctor] [--INPUT VALUE ...]\n\n" +
		"The inputs are those of the GitHub Action:\n")
	for _, input := range AllInputs {
		fmt.Fprintf(&b, "  --%-21s %s", input.Name, input.Help)
		if input.Default != "" {
			fmt.Fprintf(&b, " (default %s)", input.Default)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func declared(name string) bool {
	return slices.ContainsFunc(AllInputs, func(i Input) bool { return i.Name == name })
}

func defaultOf(name string) string {
	for _, i := range AllInputs {
		if i.Name == name {
			return i.Default
		}
	}
	return ""
}

// NearestInput returns the input whose name is most like this one, or "" if none is.
func NearestInput(name string) string {
	var names []string
	for _, i := range AllInputs {
		names = append(names, i.Name)
	}
	return suggest.Nearest(name, names)
}
