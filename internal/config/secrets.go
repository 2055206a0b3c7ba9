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

// Secrets returns every value that must never be shown, each of its lines by itself: the runner masks
// the log line by line.
func (in *Inputs) Secrets() []string {
	settings := in.Settings()
	held := []string{
		in.environ["ACTIONS_RUNTIME_TOKEN"], in.environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
		settings.GitHub.Token, in.environ["GITHUB_TOKEN"],
		in.environ["AWS_SECRET_ACCESS_KEY"], in.environ["AWS_SESSION_TOKEN"],
	}
	build, err := entryValues(in.values["secrets"])
	if err != nil { // Load reports it
		held = append(held, in.values["secrets"])
	}
	for _, id := range slices.Sorted(maps.Keys(build)) {
		held = append(held, build[id])
	}
	if provider, err := keyValues(in.values["authenticate-oidc"]); err != nil {
		held = append(held, in.values["authenticate-oidc"])
	} else {
		held = append(held, provider["client-secret"])
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

// Private returns the values of the build arguments that must not be published: one of them may be a
// secret, although the input for those is secrets. See IsPrivate.
func (in *Inputs) Private() (values []string) {
	arguments, err := entryValues(in.values["build-args"])
	if err != nil { // Load reports it
		return []string{in.values["build-args"]}
	}
	e := in.Environment()
	facts := []string{e.Service, e.Name, in.StackName(), in.trigger.Commit, in.environ["GITHUB_SHA"]}
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		if value := arguments[name]; IsPrivate(value, shortestArgument, facts...) {
			values = append(values, value)
		}
	}
	return values
}

const (
	// ShortestNoEcho is the shortest value of a NoEcho parameter that is hidden. It is that of a secret,
	// since NoEcho declares one.
	ShortestNoEcho = shortestSecret
	// shortestArgument is the shortest build argument that is hidden. Most shorter ones are versions,
	// modes and names, which a reader of the comment needs; passwords and tokens have at least eight
	// characters.
	shortestArgument = 8
)

// IsPrivate reports whether a value may be a secret. Short values, true and false are not, and neither
// are facts that every reader knows, such as the commit, or the first digits of a commit: hiding those
// would only make texts unreadable.
func IsPrivate(value string, shortest int, facts ...string) bool {
	if _, err := strconv.ParseBool(value); err == nil || len(value) < shortest {
		return false
	}
	return !slices.ContainsFunc(facts, func(fact string) bool {
		return strings.EqualFold(fact, value) || isSHA(fact) && len(value) >= shortSHA && strings.HasPrefix(fact, value)
	})
}

// shortSHA is how many digits of a commit GitHub and git show at least.
const shortSHA = 7
