// Package scenario has the ways in which a deployment goes wrong on AWS, by name, for a fake
// account: each is a container that misbehaves or a resource that cannot be created, with AWS's
// messages. It does not say what the action should make of them.
package scenario

import (
	"slices"

	fakeaws "pr-stack/internal/fake/aws"
)

// Scenario is one of them. Either Container or Apply may be nil.
type Scenario struct {
	Name  string
	About string // one line

	// Container turns a healthy container into one that misbehaves.
	Container func(fakeaws.Container) fakeaws.Container
	// Apply makes the account fail the stack of that name.
	Apply func(account *fakeaws.AWS, stackName string)
}

// Find returns the scenario of that name.
func Find(name string) (Scenario, bool) {
	i := slices.IndexFunc(All, func(m Scenario) bool { return m.Name == name })
	if i < 0 {
		return Scenario{}, false
	}
	return All[i], true
}

// All are all scenarios.
var All = slices.Concat(containers, resources)
