// Package identity has the account's callers: roles with their policies, sessions of roles, identity
// providers, and STS, which creates sessions.
package identity

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/iam"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

// Identity is the account's roles, sessions and identity providers.
type Identity struct {
	account   *account.Account
	roles     map[string]*role                // by ARN
	providers map[string][]string             // audiences, by the provider's URL without its scheme
	sessions  map[string]*session             // by access key
	callers   map[*account.Principal]*session // the session that a principal is of
	accesses  []Access
	managed   map[string]string // the account's own managed policies, by ARN
	recorded  map[Access]bool
}

// New returns an Identity without roles. From now on a service may assume the roles of the account
// that name it in their trust policies.
func New(a *account.Account) *Identity {
	i := &Identity{
		account: a, roles: map[string]*role{}, providers: map[string][]string{}, sessions: map[string]*session{},
		callers: map[*account.Principal]*session{}, recorded: map[Access]bool{},
	}
	a.ServiceRole, a.SessionEnd = i.serviceRole, i.sessionEnd
	return i
}

// Role describes a role to create.
type Role struct {
	Name            string
	Path            string        // begins and ends in a slash; "" means /
	Trust           string        // the trust policy, in JSON
	Policies        []string      // inline policies, in JSON
	ManagedPolicies []string      // ARNs
	Boundary        string        // ARN of the managed policy without which nothing is allowed; "" for none
	MaxSession      time.Duration // 0 means an hour
}

type role struct {
	arn, name, id string
	trust         *iam.Trust
	own           []*iam.Policy          // inline and managed ones
	attached      map[string]*iam.Policy // those that are resources of their own, by their ID
	boundary      *iam.Policy            // nil: none
	maxSession    time.Duration
	removed       bool
}

// CreateRole creates a role and returns its ARN and its ID.
func (i *Identity) CreateRole(r Role) (arn, id string, err error) {
	arn = "arn:aws:iam::" + i.account.ID + ":role" + pathOf(r) + r.Name
	if i.byName(r.Name) != nil {
		return "", "", wire.Reason(fmt.Sprintf("Role with name %s already exists.", r.Name))
	}
	created := &role{arn: arn, name: r.Name, attached: map[string]*iam.Policy{}}
	if err := created.configure(r, i.managedPolicy); err != nil {
		return "", "", err
	}
	created.id = "AROA" + strings.ToUpper(i.account.Unique(16))
	i.roles[arn] = created
	return arn, created.id, nil
}

func pathOf(r Role) string {
	if r.Path == "" {
		return "/"
	}
	return r.Path
}

// UpdateRole changes what a role trusts and may do, at once also for its open sessions.
func (i *Identity) UpdateRole(arn string, r Role) error {
	if i.roles[arn] == nil {
		return noRole(r.Name)
	}
	return i.roles[arn].configure(r, i.managedPolicy)
}

// configure changes the role, unless a policy is invalid. Managed policies are looked up by their ARN.
func (r *role) configure(with Role, lookUp func(arn string) (*iam.Policy, error)) error {
	trust, err := iam.ParseTrust(with.Trust)
	if err != nil {
		return fmt.Errorf("trust policy of the role %s: %w", with.Name, err)
	}
	policies, err := parse(with.Policies)
	if err != nil {
		return fmt.Errorf("policy of the role %s: %w", with.Name, err)
	}
	for _, arn := range with.ManagedPolicies {
		managed, err := lookUp(arn)
		if err != nil {
			return err
		}
		policies = append(policies, managed)
	}
	var boundary *iam.Policy
	if with.Boundary != "" {
		if boundary, err = lookUp(with.Boundary); err != nil {
			return err
		}
	}
	r.trust, r.own, r.boundary, r.maxSession = trust, policies, boundary, with.MaxSession
	if r.maxSession == 0 {
		r.maxSession = time.Hour
	}
	return nil
}

func parse(texts []string) (policies []*iam.Policy, err error) {
	for _, text := range texts {
		p, err := iam.Parse(text)
		if err != nil {
			return nil, err
		}
		policies = append(policies, p)
	}
	return policies, nil
}

// SetPolicies replaces the inline and managed policies of a role with inline ones.
func (i *Identity) SetPolicies(name string, policies []string) error {
	r := i.byName(name)
	if r == nil {
		return noRole(name)
	}
	parsed, err := parse(policies)
	if err != nil {
		return fmt.Errorf("policy of the role %s: %w", name, err)
	}
	r.own = parsed
	return nil
}

// Attach attaches the policy with that ID to these roles and to no others. The policy may have had
// another text before.
func (i *Identity) Attach(id, text string, roles []string) error {
	policy, err := iam.Parse(text)
	if err != nil {
		return fmt.Errorf("policy %s: %w", id, err)
	}
	for _, name := range roles {
		if i.byName(name) == nil {
			return noRole(name)
		}
	}
	i.Detach(id)
	for _, name := range roles {
		i.byName(name).attached[id] = policy
	}
	return nil
}

// Detach removes the policy of that ID from all roles.
func (i *Identity) Detach(id string) {
	for _, r := range i.roles {
		delete(r.attached, id)
	}
}

// RemoveRole deletes a role. Its open sessions may do nothing from then on.
func (i *Identity) RemoveRole(arn string) {
	if r := i.roles[arn]; r != nil {
		r.removed = true
		delete(i.roles, arn)
	}
}

// RoleARN returns the ARN of the role of that name, or "" if there is none. No two roles of an account
// have the same name, whatever their paths.
func (i *Identity) RoleARN(name string) string {
	if r := i.byName(name); r != nil {
		return r.arn
	}
	return ""
}

func (i *Identity) byName(name string) *role {
	for _, r := range i.roles {
		if r.name == name {
			return r
		}
	}
	return nil
}

func noRole(name string) error {
	return wire.Reason(fmt.Sprintf("The role with name %s cannot be found.", name))
}

// evaluate returns the decision of the role's policies on an access by one of its sessions.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func (r *role) evaluate(a account.Access) account.Decision {
	if r.removed {
		return account.ImplicitDeny
	}
	_, via := a.Context["aws:CalledVia"]
	a = a.With("aws:PrincipalArn", r.arn).With("aws:ViaAWSService", fmt.Sprint(via))
	decision := iam.Evaluate(slices.AppendSeq(slices.Clone(r.own), maps.Values(r.attached)), a)
	if decision == account.Allow && r.boundary != nil {
		return iam.Evaluate([]*iam.Policy{r.boundary}, a)
	}
	return decision
}
