// Package environment defines what an environment is called: the names of its stack, the tags by which
// its stack is recognised, and the tags of its images. It is pure: it calls neither AWS nor GitHub,
// and it does not decide what happens to an environment.
package environment

import "strconv"

// Environment is one running copy of a service.
type Environment struct {
	Service     string // first part of the stack's name, and a tag on every resource
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
