package config

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// shortestSecret is the shortest value that is masked. Masking a shorter one would turn half the log
// into asterisks, as the runner's own masks do.
const shortestSecret = 4

// Secrets returns every value that must never be shown: each line by itself, since the log goes by
// lines.
func (in *Inputs) Secrets() []string {
	settings := in.Settings()
	held := []string{
		in.environ["ACTIONS_RUNTIME_TOKEN"], in.environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"], settings.GitHub.Token, in.environ["GITHUB_TOKEN"],
		in.environ["AWS_SECRET_ACCESS_KEY"], in.environ["AWS_SESSION_TOKEN"],
	}
	build, err := entryValues(in.values["secrets"])
	if err != nil { // Load reports it
		held = append(held, in.values["secrets"])
	}
	for _, id := range slices.Sorted(maps.Keys(build)) {
		held = append(held, build[id])
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

// Private returns the values of the build arguments that must not be published, since one of them may
// be a secret although secrets are given in another way. See IsPrivate.
func (in *Inputs) Private() (values []string) {
	arguments, err := entryValues(in.values["build-args"])
	if err != nil { // Load reports it
		return []string{in.values["build-args"]}
	}
	e := in.Environment()
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		if value := arguments[name]; IsPrivate(value, shortestArgument, e.Service, e.Name, in.StackName(), in.trigger.Commit, in.environ["GITHUB_SHA"]) {
			values = append(values, value)
		}
	}
	return values
}

const (
	// ShortestNoEcho is the shortest value of a NoEcho parameter that is hidden: whoever declares it
	// means it, so it is as for secrets.
	ShortestNoEcho = shortestSecret
	// shortestArgument is the shortest build argument that is hidden. Most are versions, modes and
	// names, which a reader of the comment needs; passwords and tokens have eight characters at least.
	shortestArgument = 8
)

// IsPrivate reports whether a value may be a secret. A short one, true or false, and a fact that
// every reader knows, such as the commit, is none: hiding those would only make texts unreadable.
func IsPrivate(value string, shortest int, facts ...string) bool {
	if _, err := strconv.ParseBool(value); err == nil || len(value) < shortest {
		return false
	}
	return !slices.ContainsFunc(facts, func(fact string) bool { return strings.EqualFold(fact, value) })
}
