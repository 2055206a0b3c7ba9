package environment

import (
	"fmt"
	"strconv"
)

// The tags that carry pr-stack's whole state. A stack without TagService and TagEnvironment is not ours.
const (
	TagService     = "pr-stack:service"
	TagEnvironment = "pr-stack:environment"
	TagPullRequest = "pr-stack:pull-request" // the number; absent on a permanent environment
	TagRepository  = "pr-stack:repository"   // owner/name on GitHub
	TagCommit      = "pr-stack:commit"       // the full SHA of the commit that runs, or is about to
)

// StackName returns the name that the environment's stack has unless the user names it.
func (e Environment) StackName() string {
	return StackName(e.Service, e.Name)
}

// Tags returns the tags of the environment's stack, which CloudFormation puts on every resource in it. What is unknown,
// a repository or a commit when run from a laptop, is left out.
func (e Environment) Tags(repository, commit string) map[string]string {
	tags := map[string]string{TagService: e.Service, TagEnvironment: e.Name}
	if e.PullRequest != 0 {
		tags[TagPullRequest] = strconv.Itoa(e.PullRequest)
	}
	if repository != "" {
		tags[TagRepository] = repository
	}
	if commit != "" {
		tags[TagCommit] = commit
	}
	return tags
}

// FromTags returns the environment whose stack has these tags, and whether there is one.
func FromTags(tags map[string]string) (Environment, bool) {
	e := Environment{Service: tags[TagService], Name: tags[TagEnvironment]}
	if text, ok := tags[TagPullRequest]; ok {
		number, err := strconv.Atoi(text)
		if err != nil || number <= 0 || e.Name != ForPullRequest(e.Service, number).Name {
			return Environment{}, false // somebody has changed it, and it is not ours to guess
		}
		e.PullRequest = number
	}
	return e, e.Service != "" && e.Name != ""
}

// Owns returns nil if a stack with these tags is the environment's, and else an error that says whose it is.
func (e Environment) Owns(tags map[string]string) error {
	service, name := tags[TagService], tags[TagEnvironment]
	switch {
	case service == "" || name == "":
		return fmt.Errorf("it does not carry the tags %s and %s, so pr-stack did not make it", TagService, TagEnvironment)
	case service != e.Service || name != e.Name:
		return fmt.Errorf("its tags say that it is environment %s of service %s, not %s of %s", name, service, e.Name, e.Service)
	}
	return nil
}

// TagBase is on a service's base stack, with the service as its value. A base stack is no environment: it does not carry
// the tags of one, so nothing that deletes environments finds it.
const TagBase = "pr-stack:base"

// BaseTags returns the tags of a service's base stack.
func BaseTags(service string) map[string]string {
	return map[string]string{TagBase: service}
}

// OwnsBase returns nil if a stack with these tags is the service's base stack, and else an error that says what it is.
func OwnsBase(service string, tags map[string]string) error {
	if owner := tags[TagBase]; owner != service {
		return fmt.Errorf("its tag %s is %q, not %q, so it is not the base stack of this service", TagBase, owner, service)
	}
	return nil
}
