// Package environment names things: an environment, its stack, its tags and its images. It is pure; it asks nothing of
// AWS or GitHub, and it decides nothing about what is done with an environment.
package environment

import "strconv"

// Environment is one running copy of a service.
type Environment struct {
	Service     string // the prefix of every name and a tag on everything
	Name        string // pr-<number>, or a name such as production
	PullRequest int    // 0 for an environment that belongs to no pull request
}

// ForPullRequest returns the environment of a pull request.
func ForPullRequest(service string, number int) Environment {
	return Environment{Service: service, Name: "pr-" + strconv.Itoa(number), PullRequest: number}
}

// Permanent returns an environment that no pull request closes.
func Permanent(service, name string) Environment {
	return Environment{Service: service, Name: name}
}

// Base is the name that no environment may have, since <service>-base is the base stack.
const Base = "base"

// BaseStackName returns the name of the service's base stack.
func BaseStackName(service string) string {
	return StackName(service, Base)
}
