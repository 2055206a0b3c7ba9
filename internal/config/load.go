package config

import (
	"errors"
	"flag"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"pr-stack/internal/environment"
)

// Source is where inputs come from.
type Source struct {
	Args    []string // of the command line, without the program's name
	Environ []string // NAME=VALUE
	Dir     string   // the working folder; it must be absolute

	PullRequest *PullRequest // that has the Head which an earlier Load returned; nil the first time
}

// Load reads and checks everything. Its error joins a *Complaint for each thing that is wrong, or is flag.ErrHelp.
func Load(from Source) (Config, error) {
	if slices.ContainsFunc(from.Args, func(arg string) bool { return arg == "--help" || arg == "-help" || arg == "-h" }) {
		return Config{}, flag.ErrHelp
	}
	environ := map[string]string{}
	for _, pair := range from.Environ {
		name, value, _ := strings.Cut(pair, "=")
		environ[name] = value
	}
	var wrong complaints
	l := loader{
		complaints: &wrong,
		environ:    environ,
		given:      read(from.Args, environ, wrong.add),
		event:      readEvent(environ, wrong.add),
		dir:        from.Dir,
		onGitHub:   environ["GITHUB_ACTIONS"] == "true",
	}
	if from.PullRequest != nil {
		l.event.found(*from.PullRequest)
	}
	c := l.load()
	if err := wrong.err(); err != nil {
		return Config{}, err
	}
	return c, nil
}

type loader struct {
	*complaints
	environ  map[string]string
	given    given
	event    event
	dir      string
	onGitHub bool
}

func (l *loader) load() Config {
	c := Config{
		Repository: l.environ["GITHUB_REPOSITORY"],
		Commit:     l.event.head,
		RunURL:     l.runURL(),
		DockerHost: l.environ["DOCKER_HOST"],
		GitHubCache: GitHubCache{
			URL:   or(l.environ["ACTIONS_RESULTS_URL"], l.environ["ACTIONS_CACHE_URL"]),
			Token: l.environ["ACTIONS_RUNTIME_TOKEN"],
		},
		GitHub:      GitHub{APIURL: l.environ["GITHUB_API_URL"], Token: or(l.text("github-token"), l.environ["GITHUB_TOKEN"])},
		credentials: []string{l.environ["AWS_SECRET_ACCESS_KEY"], l.environ["AWS_SESSION_TOKEN"]},
	}
	l.names(&c)
	if command := l.text("command"); l.event.run.ofPullRequest() && l.event.pullRequest == 0 && (command == "auto" || command == "deploy") {
		l.askFirst(&c)
		return c
	}
	c.Fork, c.AllowForks, c.Stranger = l.event.fork, l.yes("allow-forks"), l.stranger()
	c.Rules = l.rules()
	l.command(&c)
	l.cloudFormation(&c)
	l.health(&c)
	l.sweep(&c)
	c.GitHub.Comment = oneOf(l, "comment", Always, Failing, Never)
	c.GitHub.Deployments = oneOf(l, "deployments", Shared, Each, Off)
	if c.Command == Deploy {
		l.template(&c)
		l.image(&c)
		l.unpacked(&c)
	}
	return c
}

// command decides what to do, which with auto is the event's to say.
func (l *loader) command(c *Config) {
	switch name := l.text("command"); name {
	case "deploy", "destroy", "sweep", "bootstrap":
		c.Command = Command(name)
	case "auto":
		c.Command, c.SkipReason = l.auto(c.Environment, c.Rules)
	default:
		l.addf("command", "write auto, deploy, destroy, sweep or bootstrap", "%s is no command", quote(name))
		return
	}
	l.forkCode(c)
	if reason := l.excluded(c.Rules); c.Command == Deploy && c.PullRequest > 0 && reason != "" {
		c.Command, c.SkipReason = Skip, reason
	}
	c.Closing = c.Command == Destroy && c.PullRequest > 0 && l.event.action == "closed"
	switch {
	case c.Command == Skip:
	case c.Command == Bootstrap, c.Command == Sweep: // which are about no one environment, whatever the event
		c.Environment, c.StackName, c.PullRequest = environment.Environment{Service: c.Environment.Service}, "", 0
	case c.Environment.Name == "":
		l.addf("environment", "set environment to a name such as production, or run on pull_request",
			"the event %s has no pull request that would name the environment", quote(l.event.name))
	case c.Command == Deploy && c.Commit == "" && c.Image == "" && l.text("image") == "":
		l.addf("GITHUB_SHA", "set GITHUB_SHA to the full SHA of what is checked out, or set image", "the commit to deploy is not known")
	}
}

func (l *loader) names(c *Config) {
	service := l.text("service")
	if service == "" {
		_, service, _ = strings.Cut(c.Repository, "/")
	}
	if service == "" {
		service = filepath.Base(l.dir) // as docker compose names a project
	}
	l.checkName("service", service)
	switch name := l.text("environment"); {
	case name != "":
		l.checkName("environment", name)
		c.Environment = environment.Permanent(service, name)
		if number, ok := strings.CutPrefix(name, "pr-"); ok {
			if n, err := strconv.Atoi(number); err == nil && n > 0 && strconv.Itoa(n) == number {
				c.Environment = environment.ForPullRequest(service, n)
			}
		}
	case l.event.pullRequest > 0:
		c.Environment = environment.ForPullRequest(service, l.event.pullRequest)
	default:
		c.Environment = environment.Environment{Service: service}
	}
	if l.event.ofPullRequest() && c.Environment.PullRequest == l.event.pullRequest {
		c.PullRequest = l.event.pullRequest
	}
	if c.Environment.Name == environment.Base {
		l.addf("environment", "choose another name", "%s is what the base stack is called", quote(environment.Base))
	}
	c.BaseStack = or(l.text("base-stack"), environment.BaseStackName(service))
	c.StackName = l.text("stack-name")
	if c.StackName == "" && c.Environment.Name != "" {
		c.StackName = c.Environment.StackName()
	}
	l.checkStackName("base-stack", c.BaseStack)
	l.checkStackName("stack-name", c.StackName)
	if c.StackName == c.BaseStack && c.Environment.Name != environment.Base {
		l.addf("stack-name", "give the service stack a name of its own", "%s is the base stack", quote(c.StackName))
	}
}

func (l *loader) cloudFormation(c *Config) {
	c.ParameterOverrides = l.keyValues("parameter-overrides")
	c.Tags = l.keyValues("tags")
	l.checkTags(c.Tags)
	for _, capability := range words(l.text("capabilities")) {
		if !slices.Contains([]string{"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"}, capability) {
			l.addf("capabilities", "write CAPABILITY_IAM, CAPABILITY_NAMED_IAM or CAPABILITY_AUTO_EXPAND", "%s is no capability", quote(capability))
		}
		c.Capabilities = append(c.Capabilities, capability)
	}
	if c.RoleARN = l.text("role-arn"); c.RoleARN != "" && !roleARN.MatchString(c.RoleARN) {
		l.addf("role-arn", "write arn:aws:iam::123456789012:role/NAME", "%s is no role's ARN", quote(c.RoleARN))
	}
	if text := l.text("timeout-in-minutes"); text != "" {
		minutes, err := strconv.Atoi(text)
		if err != nil || minutes < 1 || minutes > 24*60 {
			l.addf("timeout-in-minutes", "write a whole number from 1 to 1440", "%s is no number of minutes", quote(text))
		}
		c.Timeout = time.Duration(minutes) * time.Minute
	}
	l.onFailure(c)
	if c.Region = l.text("aws-region"); c.Region != "" && !region.MatchString(c.Region) {
		l.addf("aws-region", "write it as AWS does, such as eu-north-1", "%s is no region", quote(c.Region))
	}
	c.ECRRepository = l.text("ecr-repository")
	if strings.ContainsAny(c.ECRRepository, ":@") || strings.Contains(c.ECRRepository, ".amazonaws.com") {
		l.addf("ecr-repository", "write the name alone, such as team/app", "%s is more than a repository's name", quote(c.ECRRepository))
	}
}

// onFailure is by default what costs nothing: an environment of a pull request that failed is of no use to anybody once
// its log has been read, while one that is permanent is somebody's to look after.
func (l *loader) onFailure(c *Config) {
	switch {
	case l.text("on-failure") != "":
		c.OnFailure = oneOf(l, "on-failure", Keep, Delete, Rollback)
	case c.Environment.PullRequest > 0:
		c.OnFailure = Delete
	default:
		c.OnFailure = Rollback
	}
}

// oneOf is an input that has a few choices.
func oneOf[T ~string](l *loader, input string, choices ...T) T {
	choice := T(l.text(input))
	if !slices.Contains(choices, choice) {
		var names []string
		for _, c := range choices {
			names = append(names, string(c))
		}
		last := len(names) - 1
		l.addf(input, "write "+strings.Join(names[:last], ", ")+" or "+names[last], "%s is none of its choices", quote(string(choice)))
	}
	return choice
}

func (l *loader) sweep(c *Config) {
	if text := l.text("max-environments"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			l.addf("max-environments", "write a whole number from 1", "%s is no number of environments", quote(text))
		}
		c.MaxEnvironments = n
	}
	if text := l.text("max-age"); text != "" {
		age, err := time.ParseDuration(text)
		if days, ok := strings.CutSuffix(text, "d"); ok {
			n, errNumber := strconv.Atoi(days)
			age, err = time.Duration(n)*24*time.Hour, errNumber
		}
		if err != nil || age < time.Minute {
			l.addf("max-age", "write 7d or 36h", "%s is no duration", quote(text))
		}
		c.MaxAge = age
	}
	c.DryRun = l.yes("dry-run")
}

// yes is an input that is true or false.
func (l *loader) yes(input string) bool {
	yes, err := strconv.ParseBool(l.text(input))
	if err != nil {
		l.addf(input, "write true or false", "%s is neither", quote(l.text(input)))
	}
	return yes
}

func (l *loader) health(c *Config) {
	c.HealthCheckPath = l.text("health-check-path")
	if c.HealthCheckPath[0] != '/' || strings.ContainsFunc(c.HealthCheckPath, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		l.addf("health-check-path", "write a path such as /healthz", "%s is no path", quote(c.HealthCheckPath))
	}
	text := l.text("health-check-timeout")
	limit, err := time.ParseDuration(text)
	if n, errNumber := strconv.Atoi(text); errNumber == nil {
		limit, err = time.Duration(n)*time.Second, nil
	}
	if err != nil || limit < time.Second || limit > 24*time.Hour {
		l.addf("health-check-timeout", "write 5m or 300s, at least 1s", "%s is no duration", quote(text))
	}
	c.HealthCheckTimeout = limit
}

func (l *loader) keyValues(input string) map[string]string {
	values, err := keyValues(l.given[input])
	if err != nil {
		l.addf(input, "write one KEY=VALUE a line, or a mapping in JSON or YAML", "%s", err)
	}
	return values
}

// text is an input on one line.
func (l *loader) text(input string) string { return strings.TrimSpace(l.given[input]) }

func (l *loader) runURL() string {
	if l.environ["GITHUB_RUN_ID"] == "" {
		return ""
	}
	return l.environ["GITHUB_SERVER_URL"] + "/" + l.environ["GITHUB_REPOSITORY"] + "/actions/runs/" + l.environ["GITHUB_RUN_ID"]
}

func standard(input string) string {
	for _, i := range Inputs {
		if i.Name == input {
			return i.Default
		}
	}
	return ""
}

func or(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

// reason is what the operating system said, without the path, which the complaint names.
func reason(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err.Error()
}
