package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Input is one input of action.yml, and a flag on the command line.
type Input struct {
	Name    string
	Default string // as action.yml has it; what follows from other things (a name, a region) has none
	Help    string
}

// Inputs is every input, in the order of action.yml, which says the same.
var Inputs = []Input{
	{"command", "auto", "auto, deploy, destroy, sweep or bootstrap; auto reads the event"},
	{"service", "", "Prefix of every stack's name and a tag on everything; the repository's name if not set"},
	{"environment", "", "Name of the environment; pr-<number> if not set. A name such as production makes an environment that no pull request closes"},
	{"stack-name", "", "Name of the service stack; <service>-<environment> if not set"},
	{"base-stack", "", "The base stack, whose outputs become parameters of the service stack; <service>-base if not set"},
	{"template", "fargate", "fargate, or the path of a CloudFormation template of your own"},
	{"parameter-overrides", "", "Template parameters, which win over all others: KEY=VALUE lines, JSON or YAML"},
	{"tags", "", "Tags for the stack and all that is in it: KEY=VALUE lines, JSON or YAML"},
	{"capabilities", "", "Capabilities to acknowledge, such as CAPABILITY_IAM; what the template needs if not set"},
	{"role-arn", "", "Role that CloudFormation takes on instead of the caller's rights"},
	{"timeout-in-minutes", "", "How long CloudFormation may take; if not set, a new stack is not given up by CloudFormation and is waited for 30 minutes"},
	{"on-failure", "", "What becomes of a new stack that fails: keep it for a look, delete it, or rollback; delete for a pull request's environment and rollback for others if not set. An update that fails is always rolled back"},
	{"image", "", "An image that exists already: nothing is built, and no Docker is needed"},
	{"image-archive", "", "Path of an image that was built elsewhere, as docker save or buildx's output type=docker writes it: it is pushed, nothing is built, and no Docker is needed"},
	{"context", ".", "Folder to build"},
	{"file", "", "The Dockerfile; Dockerfile in context if not set"},
	{"target", "", "Stage of the Dockerfile to build"},
	{"platforms", "", "Platforms to build for, such as linux/arm64; the Docker daemon's own if not set"},
	{"build-args", "", "Build arguments, KEY=VALUE, one a line"},
	{"secrets", "", "Build secrets, id=value, one a line"},
	{"cache-from", "", "Caches to read, such as type=gha, one a line"},
	{"cache-to", "", "Caches to write, one a line"},
	{"provenance", "false", "Attach a provenance attestation: true, false or mode=max"},
	{"ecr-repository", "", "ECR repository to push to; the base stack's if not set"},
	{"health-check-path", "/", "Path that must answer 2xx or 3xx"},
	{"health-check-timeout", "5m", "How long the new code may take to answer once its stack is complete, such as 5m or 90s"},
	{"label", "", "Label that a pull request must have to get an environment; any gets one if not set"},
	{"drafts", "true", "Whether drafts get an environment"},
	{"bots", "true", "Whether pull requests that a bot opened get an environment"},
	{"allow-forks", "false", "Build and run a fork's code with this repository's credentials; read the README's section Security before you do"},
	{"paths", "", "Patterns, as .dockerignore has them, of which a changed file must match one; any file if not set"},
	{"keep-label", "", "Label with which sweep spares an open pull request's environment however old it is"},
	{"max-environments", "", "How many environments of pull requests the service may have; a new pull request beyond that is skipped, with a comment"},
	{"max-age", "", "How long after its last deployment sweep lets an environment live whose pull request is open, such as 7d or 36h; for ever if not set"},
	{"dry-run", "false", "Have sweep say what it would delete, and delete nothing"},
	{"aws-region", "", "Region; as the AWS SDK finds it if not set"},
	{"github-token", "${{ github.token }}", "Token for GitHub's API; it needs pull-requests: write for the comment and deployments: write for deployments"},
	{"comment", "always", "When to keep a comment on the pull request current: always, on-failure or never"},
	{"deployments", "shared", "GitHub Deployments: shared has one GitHub environment for all pull requests, each one for every pull request, and off has none"},
}

// Usage is what --help shows.
func Usage() string {
	var b strings.Builder
	b.WriteString("usage: pr-stack [deploy|destroy|sweep|bootstrap] [--INPUT VALUE ...]\n\nThe inputs are those of the GitHub Action:\n")
	for _, input := range Inputs {
		fmt.Fprintf(&b, "  --%-21s %s", input.Name, input.Help)
		if input.Default != "" {
			fmt.Fprintf(&b, " (default %s)", input.Default)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// given is what was set, by the inputs' names.
type given map[string]string

// read takes the inputs out of the environment and the arguments; an argument wins. Empty is as good as not set, since
// the runner tells no difference.
func read(args []string, environ map[string]string, complain func(*Complaint)) given {
	values := given{}
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		input, ok := strings.CutPrefix(name, "INPUT_")
		if !ok || environ[name] == "" {
			continue
		}
		input = strings.ToLower(input)
		if !declared(input) {
			complain(unknown("input "+input, input))
			continue
		}
		values[input] = environ[name]
	}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		values["command"], args = args[0], args[1:]
	}
	for len(args) > 0 {
		flag, value, hasValue := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
		switch {
		case !strings.HasPrefix(args[0], "-"):
			complain(&Complaint{Input: args[0], Why: "is neither the first argument, which names the command, nor a flag"})
			args = args[1:]
			continue
		case !declared(flag):
			complain(unknown("flag --"+flag, flag))
		}
		args = args[1:]
		if !hasValue && len(args) > 0 {
			value, args = args[0], args[1:]
		} else if !hasValue {
			complain(&Complaint{Input: "--" + flag, Why: "has no value"})
		}
		values[flag] = value
	}
	for _, input := range Inputs {
		if strings.TrimSpace(values[input.Name]) == "" && !strings.HasPrefix(input.Default, "${{") { // which is GitHub's to fill in
			values[input.Name] = input.Default
		}
	}
	return values
}

func declared(name string) bool {
	return slices.ContainsFunc(Inputs, func(i Input) bool { return i.Name == name })
}

// unknown is the complaint about a name that nothing has, with the nearest one that there is.
func unknown(what, name string) *Complaint {
	c := &Complaint{Input: what, Why: "does not exist"}
	best := 3
	for _, input := range Inputs {
		if distance := levenshtein.Distance(name, input.Name, nil); distance < best {
			best, c.Then = distance, "did you mean "+input.Name+"?"
		}
	}
	if c.Then == "" {
		c.Then = "README.md lists the inputs"
	}
	return c
}
