package config

import (
	"cmp"
	"flag"
	"maps"
	"slices"
	"strconv"
	"strings"

	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
	"pr-stack/internal/policy"
)

// Source is where inputs come from.
type Source struct {
	Args    []string // of the command line, without the program's name
	Environ []string // NAME=VALUE
	Dir     string   // the working folder; it must be absolute
}

// Inputs is what was set, and the event. Nothing in it is checked yet.
type Inputs struct {
	problems
	values  map[string]string // by the inputs' names
	environ map[string]string
	dir     string
	trigger policy.Trigger
}

// Read takes in the inputs and the event. Its only error is flag.ErrHelp: what is wrong with the
// inputs or the event is reported by Load, all at once. Until then Settings, Environment and
// StackName have what is known.
func Read(from Source) (*Inputs, error) {
	if slices.ContainsFunc(from.Args, func(arg string) bool { return arg == "--help" || arg == "-help" || arg == "-h" }) {
		return nil, flag.ErrHelp
	}
	in := &Inputs{environ: map[string]string{}, dir: from.Dir}
	for _, pair := range from.Environ {
		name, value, _ := strings.Cut(pair, "=")
		in.environ[name] = value
	}
	in.readInputs(from.Args)
	in.readEvent()
	return in, nil
}

// readInputs takes the inputs out of the environment and the arguments; an argument wins. Empty is
// the same as not set, since the runner does not distinguish them.
func (in *Inputs) readInputs(args []string) {
	in.values = map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(in.environ)) {
		input, ok := strings.CutPrefix(name, "INPUT_")
		if !ok || in.environ[name] == "" {
			continue
		}
		input = strings.ToLower(input)
		if !declared(input) {
			in.unknown("input "+input, input)
			continue
		}
		in.values[input] = in.environ[name]
	}
	in.readArgs(args)
	for _, input := range AllInputs {
		if in.text(input.Name) == "" && !strings.HasPrefix(input.Default, "${{") { // which GitHub fills in
			in.values[input.Name] = input.Default
		}
	}
}

func (in *Inputs) readArgs(args []string) {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		in.values["command"], args = args[0], args[1:]
	}
	for len(args) > 0 {
		name, value, hasValue := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
		switch {
		case !strings.HasPrefix(args[0], "-"):
			in.addf(args[0], "", "only the first argument can be a command; the others are flags")
			args = args[1:]
			continue
		case !declared(name):
			in.unknown("flag --"+name, name)
		}
		args = args[1:]
		switch last := len(args) == 0; {
		case hasValue:
		case isSwitch(name) && (last || strings.HasPrefix(args[0], "-")):
			value = "true"
		case last:
			in.addf("--"+name, "", "has no value")
		default:
			value, args = args[0], args[1:]
		}
		in.values[name] = value
	}
}

// isSwitch reports whether an input is either true or false, so that its flag needs no value.
func isSwitch(input string) bool {
	standard := defaultOf(input)
	return standard == "true" || standard == "false"
}

// isTrue reports whether an input is true. Load reports one that is neither true nor false.
func (in *Inputs) isTrue(input string) bool {
	value, err := strconv.ParseBool(in.text(input))
	return err == nil && value
}

// text returns an input without the blanks around it.
func (in *Inputs) text(input string) string { return strings.TrimSpace(in.values[input]) }

// Settings returns what every job has, as far as it is known.
func (in *Inputs) Settings() Settings {
	service := in.service()
	s := Settings{
		Service:    service,
		BaseStack:  cmp.Or(in.text("base-stack"), environment.BaseStackName(service)),
		Repository: in.environ["GITHUB_REPOSITORY"], RepositoryID: in.environ["GITHUB_REPOSITORY_ID"],
		ServerURL:  in.environ["GITHUB_SERVER_URL"],
		RunAttempt: in.environ["GITHUB_RUN_ATTEMPT"],
		Region:     in.text("aws-region"),
		DockerHost: in.environ["DOCKER_HOST"],
		GitHub: GitHub{
			APIURL:      in.environ["GITHUB_API_URL"],
			Token:       cmp.Or(in.text("github-token"), in.environ["GITHUB_TOKEN"]),
			Comment:     Comment(in.text("comment")),
			CommentLogs: in.isTrue("comment-logs"),
			Deployments: Deployments(in.text("deployments")),
		},
		Trigger:     in.trigger,
		AllowForks:  in.isTrue("allow-forks"),
		MaskAccount: in.isTrue("mask-aws-account-id"),
	}
	if run := in.environ["GITHUB_RUN_ID"]; run != "" {
		s.RunID, s.RunURL = run, s.ServerURL+"/"+s.Repository+"/actions/runs/"+run
	}
	return s
}

func (in *Inputs) onGitHub() bool { return in.environ["GITHUB_ACTIONS"] == "true" }

// unknown reports a name that does not exist, with the nearest one that does.
func (in *Inputs) unknown(what, name string) {
	then := "README.md lists the inputs"
	if nearest := NearestInput(name); nearest != "" {
		then = "did you mean " + nearest + "?"
	}
	in.add(&hint.Error{Message: what + ": does not exist", Hint: then})
}
