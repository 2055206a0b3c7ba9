// Package config turns inputs and the event that started the workflow into one checked job: Deploy,
// Destroy, Sweep, Promote, Rollback, Overview, Bootstrap, Doctor or Skip. Read takes everything in, Lookup says what GitHub must be asked
// first, and Load checks it all and has policy decide. It calls neither AWS nor Docker nor GitHub. What is
// in a job is valid; later stages report what is missing in AWS, Docker or GitHub.
package config

import (
	"time"

	"pr-stack/internal/environment"
	"pr-stack/internal/policy"
)

// Job is one of Deploy, Destroy, Sweep, Promote, Rollback, Overview, Bootstrap, Doctor and Skip.
type Job interface {
	// Common returns what every job has.
	Common() Settings
}

// Settings is what every job has.
type Settings struct {
	Service    string
	BaseStack  string // the base stack's name
	Repository string // owner/name on GitHub, or "" outside GitHub
	// RepositoryID is GitHub's number of the repository, which survives renames; "" outside GitHub.
	RepositoryID string
	ServerURL    string // https://github.com, or that of a GitHub Enterprise Server
	RunID        string // GitHub's number of the workflow run, or ""
	RunURL       string // of the workflow run, or ""
	RunAttempt   string // how often the run was started, or ""
	Region       string // empty: as the AWS SDK finds it
	SignIn       SignIn
	DockerHost   string // empty: Docker's own default
	GitHub       GitHub
	Trigger      policy.Trigger
	AllowForks   bool // a maintainer lets a fork's code use the repository's credentials
	// MaskAccount hides the number of the AWS account. By default it is shown: AWS does not treat it as
	// a secret, and the links to the console hold it. The input has the name, and the default, that it
	// has in aws-actions/configure-aws-credentials.
	// https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
	MaskAccount bool
}

// Common returns the settings themselves, so that a type which embeds them is a Job.
func (s Settings) Common() Settings { return s }

// Owner returns the repository that stacks belong to.
func (s Settings) Owner() environment.Repository {
	return environment.Repository{Name: s.Repository, ID: s.RepositoryID}
}

// GitHub is how its API is reached, and what is reported there. Without a token it is not used.
type GitHub struct {
	APIURL      string // https://api.github.com, or that of a GitHub Enterprise Server
	Token       string
	Comment     Comment
	CommentLogs bool // a comment quotes a container's log
	Deployments Deployments
}

// Comment is when a comment on the pull request is kept current.
type Comment string

// The choices of the input comment.
const (
	Always        Comment = "always"
	OnFailureOnly Comment = "on-failure"
	Never         Comment = "never"
)

// Deployments is which GitHub environments deployments are recorded for.
type Deployments string

// The choices of the input deployments.
const (
	Shared Deployments = "shared"
	Each   Deployments = "each"
	Off    Deployments = "off"
)

// StackOptions is how CloudFormation is to deploy a stack.
type StackOptions struct {
	ParameterOverrides map[string]string
	Tags               map[string]string // the user's; pr-stack's own are not among them
	Capabilities       []string          // empty: those that CloudFormation says the template needs
	RoleARN            string
	Timeout            time.Duration // 0: none was given
	OnFailure          OnFailure
}

// OnFailure is what to do with a new stack that fails.
type OnFailure string

// The choices of the input on-failure.
const (
	KeepFailed     OnFailure = "keep"
	DeleteFailed   OnFailure = "delete"
	RollbackFailed OnFailure = "rollback"
)

// Deploy is the job to bring up one environment at one commit. Paths on disk are absolute, with their
// links resolved, and on GitHub inside the workspace.
type Deploy struct {
	Settings
	StackOptions
	Environment environment.Environment
	StackName   string // of the service stack
	Commit      string // the full SHA of what is deployed; "" if only the image is known
	// BuildInputs is a digest of everything that decides what the build makes of Commit. It is "" if
	// that is not known, or if nothing is built: then the image is never used again.
	BuildInputs string
	// BuiltCommit is the commit that is checked out in the folder to build: on pull_request GitHub's merge
	// of the pull request with its base. It is "" whenever BuildInputs is, and always the same for the same
	// BuildInputs.
	BuiltCommit     string
	CheckoutWarning string // what is not as expected about the commit that is checked out; or ""
	// PullRequest is the one that the environment belongs to, whose comment is kept current; 0 if it
	// belongs to none, or if the event is about another one.
	PullRequest        int
	Current            bool // Commit must stay the newest of PullRequest: policy.Current knows that, too
	Rules              policy.Rules
	Template           Template
	Image              Image
	ECRRepository      string // empty: the base stack's
	MaxEnvironments    int    // of pull requests; 0: any number
	HealthCheckPath    string
	HealthCheckTimeout time.Duration
	Ingress            Ingress // "": the base stack's
	Profile            Profile
	Access             Access
	Tasks              Tasks
	Strategy           Strategy  // of a permanent environment
	Gates              Gates     // of its canary
	Force              bool      // deploy although that resets weights which ECS has set
	PromoteBy          PromoteBy // how the environment may become production, as in Destroy
	ProductionHost     string    // as Hostname in Destroy
	GitHubCache        GitHubCache
}

// Template is where the service stack's template comes from. Either Name or Path is set.
type Template struct {
	Name string // of a built-in one: fargate or lambda
	Path string // of a file
	// Ref is the commit at which Path, then relative to the repository, must be read from GitHub.
	// It is set if an artifact that may be a stranger's could have replaced the file on disk.
	Ref string
}

// Image is what to deploy: Existing, Archive or Build.
type Image interface{ source() policy.Source }

// Existing is an image that is in a registry.
type Existing struct{ Image string }

// Archive is an image in a file, as docker save writes it.
type Archive struct{ Path string }

// Build is what to build the image from, in build-push-action's words.
type Build struct {
	Context    string
	File       string
	Target     string
	Platforms  []string
	Args       map[string]string
	Secrets    map[string][]byte
	CacheFrom  []string
	CacheTo    []string
	Provenance string // empty: none
}

func (Existing) source() policy.Source { return policy.Image }
func (Archive) source() policy.Source  { return policy.Archive }
func (Build) source() policy.Source    { return policy.Build }

// GitHubCache is what BuildKit's cache of type gha needs. The runner gives it to every container
// action.
type GitHubCache struct {
	URL   string // ACTIONS_RESULTS_URL, else ACTIONS_CACHE_URL
	Token string // ACTIONS_RUNTIME_TOKEN
}

// Destroy is the job to delete one environment.
type Destroy struct {
	Settings
	Environment   environment.Environment
	StackName     string
	PullRequest   int       // as in Deploy
	Closing       bool      // it is deleted because that pull request was closed
	Merged        bool      // which was merged then
	PromoteBy     PromoteBy // how it may become production; "": what the base stack says
	Hostname      string    // of production; "": the environment's name below the base stack's domain
	ECRRepository string    // empty: the base stack's
	BeforeDestroy []string
}

// Sweep is the job to delete the environments of closed pull requests, and those that are too old.
type Sweep struct {
	Settings
	ECRRepository string        // empty: the base stack's
	MaxAge        time.Duration // of an open pull request's environment; 0: any
	DryRun        bool
	KeepLabel     string
	BeforeDestroy []string
	Hostname      string // of production, as in Destroy
}

// Bootstrap is the job to create or update the base stack.
type Bootstrap struct {
	Settings
	StackOptions
	Ingress   Ingress   // of environments, unless they choose another; "": as it is
	Domain    string    // of host names; "": as it is
	VPCID     string    // the user's own network; "": as it is, or a new one
	SubnetIDs []string  // in that network
	PromoteBy PromoteBy // how environments of pull requests may become production; "": as it is
	Lambda    bool      // environments may be functions
	// Source is the repository whose jobs may assume the roles, owner/name, as the user or the run says;
	// else "". Origin is the one that the checkout comes from, or "".
	Source, Origin string
	Yes            bool // nobody is asked
	// AllowReplacement lets the base stack replace or delete what running environments use.
	AllowReplacement bool
}

// Doctor is the job to say what would keep a deployment with the same inputs from working. It changes
// nothing.
type Doctor struct {
	Settings
	Environment environment.Environment // its Name may be ""
	// Role is the role whose rights are examined; "": that of the credentials. Outside GitHub it is
	// role-to-assume, which is not assumed there.
	Role            string
	OnGitHub        bool
	Workspace       string // the folder that has .github/workflows
	ActionRef       string // of pr-stack, that the workflow names: v1; "" outside a workflow
	Action          string // pr-stack's repository, owner/name; "" outside a workflow
	Image           Image  // nil if what to build is not there
	ImageProblem    error  // why Image is nil
	ECRRepository   string // empty: the base stack's
	Ingress         Ingress
	MaxEnvironments int // 0: any number
	Profile         Profile
	GitHubCache     GitHubCache
	PromoteBy       PromoteBy // "": what the base stack says
	Hostname        string    // of production by listener or record; "": that of its environment
	Alarms          []string  // names
}

// Skip is the job to do nothing for this event.
type Skip struct {
	Settings
	Environment environment.Environment // its Name may be ""
	StackName   string                  // "" if the environment has no name
	Reason      string
}
