package cloudformation

import (
	"regexp"
	"strings"

	"pr-stack/internal/fake/aws/internal/account"
)

// GeneratedName returns the name that CloudFormation gives to a resource that has none:
// STACK-LOGICALID-RANDOM, shortened to a maximum length. A resource has one such name: its
// permissions are checked under it before it is created.
//
// The rules are those of AWS's own handlers (cloudformation-cli-java-plugin, IdentifierUtils): the
// stack and the logical ID share fairly what the random part leaves, and several hyphens in a row
// become one. So a role of the stack a--b-base begins with a-b-base. It is inferred that types whose
// handlers are closed use the same rules.
func (r *Resource) GeneratedName(a *account.Account, maxLength int) string {
	if r.name != "" {
		return r.name
	}
	suffix := "-" + strings.ToUpper(a.Unique(12))
	stack, id := share(maxLength-len(suffix)-1, len(r.stack.name), len(r.LogicalID))
	r.name = hyphens.ReplaceAllString(r.stack.name[:stack]+"-"+r.LogicalID[:id]+suffix, "-")
	return r.name
}

// ShortName returns the name that CloudFormation gives to a load balancer or a target group, which
// follow no documented rule: six characters of the stack's name and five of the logical ID, such as
// facia--LoadB-z9QHdT4FQLLm, wearle-Targe-M9FXEDYQXDTP or yelb-Publi-1OZVASLLPNISZ (published names of
// real ones). So a policy cannot tell the load balancers of one stack from another's by their names.
func (r *Resource) ShortName(a *account.Account) string {
	if r.name == "" {
		stack, id := r.stack.name, r.LogicalID
		r.name = stack[:min(6, len(stack))] + "-" + id[:min(5, len(id))] + "-" + strings.ToUpper(a.Unique(12))
	}
	return r.name
}

var hyphens = regexp.MustCompile("-{2,}")

// share divides a length among two parts: a part that needs less than half leaves the rest to the
// other.
func share(length, first, second int) (int, int) {
	half := length / 2
	switch {
	case first <= half:
		return first, min(second, length-first)
	case second <= half:
		return min(first, length-second), second
	}
	return half, length - half
}
