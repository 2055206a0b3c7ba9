package identity

import (
	"slices"

	"pr-stack/internal/fake/aws/internal/account"
)

// Access is an access that was checked, and the decision.
type Access struct {
	Principal        string // ARN, or the subject of an identity provider's token
	Action, Resource string
	Allowed          bool
}

// record records each access once.
func (i *Identity) record(principal string, a account.Access, allowed bool) {
	access := Access{principal, a.Action, a.Resource, allowed}
	if !i.recorded[access] {
		i.recorded[access] = true
		i.accesses = append(i.accesses, access)
	}
}

// Accesses returns the accesses that were checked so far, each once, in the order of their first
// checks.
func (i *Identity) Accesses() []Access { return slices.Clone(i.accesses) }

// Simulate reports whether a role's policies allow an access, which is neither made nor recorded.
func (i *Identity) Simulate(roleARN string, a account.Access) bool {
	r := i.roles[roleARN]
	return r != nil && r.evaluate(a) == account.Allow
}
