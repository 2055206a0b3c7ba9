package aws

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"pr-stack/internal/fake/aws/identity"
	"pr-stack/internal/fake/aws/internal/account"
)

// Access is an access by a session of a role that was checked. An API call, the registry or a
// resource's handler needed it. Those of the administrator are not checked.
type Access = identity.Access

// AddRole creates a role, as an administrator would, with a trust policy and inline policies in JSON.
// A policy that the fake does not understand is an error.
func (a *AWS) AddRole(name, trustPolicy string, policies ...string) (arn string, err error) {
	a.account.Lock()
	defer a.account.Unlock()
	arn, _, err = a.identity.CreateRole(identity.Role{Name: name, Trust: trustPolicy, Policies: policies})
	return arn, err
}

// AddPolicy creates a managed policy, as an administrator would. Roles may have it, or have it as their
// permissions boundary.
func (a *AWS) AddPolicy(name, text string) (arn string, err error) {
	a.account.Lock()
	defer a.account.Unlock()
	return a.identity.AddPolicy(name, text)
}

// SetRolePolicies replaces the policies of a role. They apply from the next access on, also to
// sessions and operations that began before.
func (a *AWS) SetRolePolicies(name string, policies ...string) error {
	a.account.Lock()
	defer a.account.Unlock()
	return a.identity.SetPolicies(name, policies)
}

// RemoveRole deletes a role, if it exists. Its sessions end with it.
func (a *AWS) RemoveRole(name string) {
	a.account.Lock()
	defer a.account.Unlock()
	a.identity.RemoveRole(a.identity.RoleARN(name))
}

// ConfigAs returns a configuration like Config's, whose clients act as a session of a role, named
// GitHubActions, that does not end. The role's trust policy is not checked: STS does that. Without
// such a role, every call fails.
func (a *AWS) ConfigAs(roleARN string) aws.Config {
	a.account.Lock()
	defer a.account.Unlock()
	key, err := a.identity.NewSession(roleARN, "GitHubActions")
	config := a.config(key, "fake-session-token-"+key)
	if err != nil {
		config.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, fmt.Errorf("a session of %s: %w", roleARN, err)
		})
	}
	return config
}

// AddOIDCProvider adds an OpenID Connect provider, such as https://token.actions.githubusercontent.com,
// and returns its ARN. Roles may trust its tokens for any of the audiences. The signatures of tokens
// are not checked.
func (a *AWS) AddOIDCProvider(url string, audiences ...string) (arn string) {
	a.account.Lock()
	defer a.account.Unlock()
	return a.identity.AddProvider(url, audiences)
}

// Accesses returns the accesses that were checked so far, each once, in the order of their first
// checks.
func (a *AWS) Accesses() []Access {
	a.account.Lock()
	defer a.account.Unlock()
	return a.identity.Accesses()
}

// Simulate reports whether a role's policies allow an action on a resource with these values of
// condition keys. Like IAM's policy simulator, it calls nothing.
func (a *AWS) Simulate(roleARN, action, resource string, context map[string]string) bool {
	a.account.Lock()
	defer a.account.Unlock()
	return a.identity.Simulate(roleARN, account.Access{Action: action, Resource: resource, Context: context})
}
