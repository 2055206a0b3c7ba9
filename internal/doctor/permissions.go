package doctor

import (
	"fmt"
	"slices"
	"strings"

	"pr-stack/internal/report"
)

// Permissions is what IAM's simulator says that one user or role may do.
type Permissions struct {
	Policy  string // the name of the policy that it needs: preview, sweep, production
	ARN     string
	Problem *Problem // why the simulator could not be asked
	Results []Permission
	Trust   *Trust // nil if the role is not one that jobs assume, or if it could not be read
}

// Permission is one action. A statement of the policy may allow it on several kinds of resource, of which one is
// enough here: whether all of them are allowed is not known.
type Permission struct {
	Statement    string // of the policy
	Action       string
	Allowed      bool
	Explicit     bool     // a statement denies it
	Boundary     bool     // the permissions boundary does not allow it
	Organization bool     // the organization's policies do not allow it, according to the simulator
	Specific     []string // condition keys of one service, which the simulator may not know
}

func (r Permissions) checks() (checks []report.Check) {
	checks = r.policy()
	if r.Trust != nil {
		checks = append(checks, r.Trust.check())
	}
	return checks
}

// policy judges what the role may do.
func (r Permissions) policy() (checks []report.Check) {
	name := "policy " + r.Policy
	if r.Problem != nil {
		p := *r.Problem
		if p.Denied {
			p.Fix = "run doctor with credentials that may call iam:SimulatePrincipalPolicy on " + r.ARN +
				", for example from a laptop with --role-to-assume " + r.ARN
		}
		return []report.Check{unchecked(groupPermissions, name, p)}
	}
	for _, statement := range r.statements() {
		checks = append(checks, r.judge(statement)...)
	}
	if len(checks) == 0 {
		checks = append(checks, ok(groupPermissions, name, fmt.Sprintf(
			"IAM's simulator allows %s its %d actions, each on an example of its resources", r.ARN, len(r.Results))))
	}
	return checks
}

func (r Permissions) statements() (names []string) {
	for _, p := range r.Results {
		if !slices.Contains(names, p.Statement) {
			names = append(names, p.Statement)
		}
	}
	return names
}

// judge returns a check for each way in which actions of a statement are denied.
func (r Permissions) judge(statement string) (checks []report.Check) {
	var denied, explicit, boundary, organization, unsure, keys []string
	for _, p := range r.Results {
		switch {
		case p.Statement != statement || p.Allowed:
		case p.Explicit:
			explicit = append(explicit, p.Action)
		case p.Organization:
			organization = append(organization, p.Action)
		case p.Boundary:
			boundary = append(boundary, p.Action)
		case len(p.Specific) > 0:
			unsure, keys = append(unsure, p.Action), p.Specific
		default:
			denied = append(denied, p.Action)
		}
	}
	name := func(actions []string) string { return strings.Join(actions, ", ") }
	grant := fmt.Sprintf("give %s the statement %s of the policy %s, which bootstrap attaches to the role that it makes", r.ARN, statement, r.Policy)
	if len(denied) > 0 {
		checks = append(checks, missing(groupPermissions, name(denied), "no policy of "+r.ARN+" allows it", grant))
	}
	if len(explicit) > 0 {
		checks = append(checks, missing(groupPermissions, name(explicit), "a statement denies it to "+r.ARN, "change that statement: no permission outweighs it"))
	}
	if len(boundary) > 0 {
		checks = append(checks, missing(groupPermissions, name(boundary), "the permissions boundary of "+r.ARN+" does not allow it", "add it to the boundary"))
	}
	if len(organization) > 0 {
		checks = append(checks, warning(groupPermissions, name(organization), "could not be checked: the simulator says that the organization's policies deny it, "+
			"which it also says where they do not", "look at the service control policies of the account"))
	}
	if len(unsure) > 0 {
		checks = append(checks, warning(groupPermissions, name(unsure), fmt.Sprintf("could not be checked: the simulator denies it to %s, "+
			"but it may not know the condition key %s", r.ARN, strings.Join(keys, ", ")), "compare with the policy: "+grant))
	}
	return checks
}
