// Package environment names an environment, its stack, its tags and its images. It is pure: it calls
// neither AWS nor GitHub, and it does not decide what happens to an environment.
package environment

import "strconv"

// Environment is one running copy of a service.
type Environment struct {
	Service     string // the prefix of every name, and a tag on every resource
	Name        string // pr-<number>, or a name such as production
	PullRequest int    // 0 if the environment belongs to no pull request
}

// ForPullRequest returns the environment of a pull request.
func ForPullRequest(service string, number int) Environment {
	return Environment{Service: service, Name: "pr-" + strconv.Itoa(number), PullRequest: number}
}

// Permanent returns an environment that does not belong to a pull request.
func Permanent(service, name string) Environment {
	return Environment{Service: service, Name: name}
}
