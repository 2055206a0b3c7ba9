// Package config turns inputs and the event that started the workflow into one checked Config. It reads the environment
// once, reports every complaint at once, and asks nothing of AWS, Docker or GitHub. What is in a Config is legal; what a
// later stage finds missing on the far side is that stage's to report.
package config

import (
	"maps"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/environment"
)

// Command is what is to be done. The input's value auto is decided here, by the event.
type Command string

// The commands.
const (
	Deploy    Command = "deploy"
	Destroy   Command = "destroy"
	Sweep     Command = "sweep"
	Bootstrap Command = "bootstrap"
	Skip      Command = "skip" // nothing to do for this event; Config.SkipReason says why
)

// OnFailure is what becomes of a new stack that fails.
type OnFailure string

// What can become of it.
const (
	Keep     OnFailure = "keep"
	Delete   OnFailure = "delete"
	Rollback OnFailure = "rollback"
)

// Config is everything a command needs to know. All paths are inside the workspace, with links resolved.
type Config struct {
	Command    Command
	SkipReason string

	Environment environment.Environment // Bootstrap and Sweep have only its Service
	StackName   string                  // of the service stack; empty for Bootstrap and Sweep
	BaseStack   string
	Repository  string // owner/name on GitHub, or "" on a laptop
	Commit      string // the full SHA of the head commit, or "" when unknown
	RunURL      string // of the workflow's run, or ""
	// PullRequest is the number of the pull request whose event this is, if the environment is its own; else 0.
	PullRequest int
	Closing     bool // it is destroyed because that pull request was closed
	Rules       Rules
	GitHub      GitHub
	// Head is set, and little else is, if GitHub has to be asked first which pull request has it. Source takes the answer.
	Head *Head
	// Fork tells that the code is of another repository than the one it is deployed for.
	Fork       bool
	AllowForks bool // a maintainer lets a fork's code be built and run with the repository's credentials
	// Stranger is whose code this is if GitHub gives its runs no credentials: a fork's, or Dependabot's; else "".
	Stranger string

	Template           Template
	ParameterOverrides map[string]string
	Tags               map[string]string // the user's; pr-stack's own are not among them
	Capabilities       []string          // empty: ask CloudFormation
	RoleARN            string
	Timeout            time.Duration // for CloudFormation; 0: none was given
	OnFailure          OnFailure

	Image         string // set: nothing is built
	ImageArchive  string // path of one that was built elsewhere, as docker save writes it; set: nothing is built
	Build         Build
	ECRRepository string // empty: the base stack's

	MaxEnvironments int // of pull requests; 0: any number

	MaxAge time.Duration // of an environment that Sweep leaves; 0: any
	DryRun bool          // of Sweep

	HealthCheckPath    string
	HealthCheckTimeout time.Duration

	Region      string // empty: as the AWS SDK finds it
	DockerHost  string // empty: Docker's own default
	GitHubCache GitHubCache

	credentials []string // AWS's, from the environment; only to be masked
}

// GitHub is how its API is reached, and what is told there. Without a token it is neither asked nor told anything.
type GitHub struct {
	APIURL      string // https://api.github.com, or that of a GitHub Enterprise Server
	Token       string
	Comment     Comment
	Deployments Deployments
}

// Comment is when a comment on the pull request is kept current.
type Comment string

// When that can be.
const (
	Always  Comment = "always"
	Failing Comment = "on-failure"
	Never   Comment = "never"
)

// Deployments is which GitHub environments deployments are recorded for.
type Deployments string

// Which they can be.
const (
	Shared Deployments = "shared"
	Each   Deployments = "each"
	Off    Deployments = "off"
)

// Template is where the service stack's template comes from: a name of one of ours, or a path.
type Template struct {
	Name string // fargate, or ""
	Path string // of the user's own, or ""
}

// Build is what to build the image from, in build-push-action's words.
type Build struct {
	Context    string
	File       string // empty: Dockerfile in Context
	Target     string
	Platforms  []string
	Args       map[string]string
	Secrets    map[string][]byte
	CacheFrom  []string
	CacheTo    []string
	Provenance string // empty: none
}

// GitHubCache is what BuildKit's cache of type gha needs; the runner gives it to every container action.
type GitHubCache struct {
	URL   string // ACTIONS_RESULTS_URL, else ACTIONS_CACHE_URL
	Token string // ACTIONS_RUNTIME_TOKEN
}

// shortestSecret is the least that is masked: masking a shorter one would turn half the log into asterisks, as the runner's
// own masks do.
const shortestSecret = 4

// Secrets returns every value that must never be shown, for masking: each line of its own, since the log goes by lines.
func (c Config) Secrets() []string {
	held := append([]string{c.GitHubCache.Token, c.GitHub.Token}, c.credentials...)
	for _, id := range slices.Sorted(maps.Keys(c.Build.Secrets)) {
		held = append(held, string(c.Build.Secrets[id]))
	}
	var secrets []string
	for _, secret := range held {
		for line := range strings.Lines(secret) {
			if line = strings.TrimSpace(line); len(line) >= shortestSecret && !slices.Contains(secrets, line) {
				secrets = append(secrets, line)
			}
		}
	}
	return secrets
}
