package doctor

import (
	"fmt"
	"slices"
	"strings"

	"pr-stack/internal/report"
)

// Rights is what IAM's simulator says about one user or role.
type Rights struct {
	Policy  string // the name of the policy that it needs: preview, sweep, production
	ARN     string
	Problem *Problem // why the simulator could not be asked
	Results []Right
	Trust   *Trust // nil if the role is not one that jobs assume, or if it could not be read
}

// Right is one action. A statement of the policy may allow it on several kinds of resource, of which one is
// enough: that each is right is not known.
type Right struct {
	Statement    string // of the policy
	Action       string
	Allowed      bool
	Explicit     bool     // a statement denies it
	Boundary     bool     // the permissions boundary does not allow it
	Organization bool     // the organization's policies do not, or so the simulator says
	Specific     []string // condition keys of one service, which the simulator may not know
}

func (r Rights) checks() (checks []report.Check) {
	checks = r.policy()
	if r.Trust != nil {
		checks = append(checks, r.Trust.check())
	}
	return checks
}

// policy judges what the role may do.
func (r Rights) policy() (checks []report.Check) {
	name := "policy " + r.Policy
	if r.Problem != nil {
		p := *r.Problem
		if p.Denied {
			p.Fix = "run doctor with credentials that may call iam:SimulatePrincipalPolicy on " + r.ARN +
				", for example from a laptop with --role-to-assume " + r.ARN
		}
		return []report.Check{unchecked(groupRights, name, p)}
	}
	for _, statement := range r.statements() {
		checks = append(checks, r.judge(statement)...)
	}
	if len(checks) == 0 {
		checks = append(checks, ok(groupRights, name, fmt.Sprintf(
			"IAM's simulator allows %s its %d actions, each on an example of its resources", r.ARN, len(r.Results))))
	}
	return checks
}

func (r Rights) statements() (names []string) {
	for _, right := range r.Results {
		if !slices.Contains(names, right.Statement) {
			names = append(names, right.Statement)
		}
	}
	return names
}

// judge returns a check for each way in which actions of a statement are denied.
func (r Rights) judge(statement string) (checks []report.Check) {
	var denied, explicit, boundary, organization, unsure, keys []string
	for _, right := range r.Results {
		switch {
		case right.Statement != statement || right.Allowed:
		case right.Explicit:
			explicit = append(explicit, right.Action)
		case right.Organization:
			organization = append(organization, right.Action)
		case right.Boundary:
			boundary = append(boundary, right.Action)
		case len(right.Specific) > 0:
			unsure, keys = append(unsure, right.Action), right.Specific
		default:
			denied = append(denied, right.Action)
		}
	}
	name := func(actions []string) string { return strings.Join(actions, ", ") }
	grant := fmt.Sprintf("give %s the statement %s of the policy %s, which bootstrap prints", r.ARN, statement, r.Policy)
	if len(denied) > 0 {
		checks = append(checks, missing(groupRights, name(denied), "no policy of "+r.ARN+" allows it", grant))
	}
	if len(explicit) > 0 {
		checks = append(checks, missing(groupRights, name(explicit), "a statement denies it to "+r.ARN, "change that statement: no permission outweighs it"))
	}
	if len(boundary) > 0 {
		checks = append(checks, missing(groupRights, name(boundary), "the permissions boundary of "+r.ARN+" does not allow it", "add it to the boundary"))
	}
	if len(organization) > 0 {
		checks = append(checks, warning(groupRights, name(organization), "could not be checked: the simulator says that the organization's policies deny it, "+
			"which it also says where they do not", "look at the service control policies of the account"))
	}
	if len(unsure) > 0 {
		checks = append(checks, warning(groupRights, name(unsure), fmt.Sprintf("could not be checked: the simulator denies it to %s, "+
			"but it may not know the condition key %s", r.ARN, strings.Join(keys, ", ")), "compare with the policy: "+grant))
	}
	return checks
}
