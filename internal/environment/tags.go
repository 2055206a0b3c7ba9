package environment

import (
	"fmt"
	"strconv"
)

// Tags are the tags of an environment's stack. A field without a value has no tag.
//
// None of them changes with a push. CloudFormation copies a stack's tags to every resource in it, so a
// new value updates them all, before the new task even starts.
type Tags struct {
	Service     string
	Environment string
	PullRequest int // its number; 0 for a permanent environment
	Repository  Repository
}

// The keys of the tags.
const (
	TagService     = "pr-stack:service"
	TagEnvironment = "pr-stack:environment"
	TagPullRequest = "pr-stack:pull-request"
	TagRepository  = "pr-stack:repository"

	TagRepositoryID = "pr-stack:repository-id"

	// TagCommit is on stacks that were last deployed by an older pr-stack. It is only read.
	TagCommit = "pr-stack:commit"
)

// Tags returns the tags of the environment's stack.
func (e Environment) Tags(repository Repository) Tags {
	return Tags{Service: e.Service, Environment: e.Name, PullRequest: e.PullRequest, Repository: repository}
}

// Map returns the tags by their keys.
func (t Tags) Map() map[string]string {
	tags := map[string]string{}
	set := func(key, value string) {
		if value != "" {
			tags[key] = value
		}
	}
	set(TagService, t.Service)
	set(TagEnvironment, t.Environment)
	set(TagRepository, t.Repository.Name)
	set(TagRepositoryID, t.Repository.ID)
	if t.PullRequest != 0 {
		set(TagPullRequest, strconv.Itoa(t.PullRequest))
	}
	return tags
}

// ParseTags reads the tags of a stack, which may have any others too. It returns an error if the pull
// request is not a number or contradicts the environment: somebody has changed the tags. PullRequest
// is then 0, and all other fields are set.
func ParseTags(tags map[string]string) (Tags, error) {
	t := Tags{
		Service:     tags[TagService],
		Environment: tags[TagEnvironment],
		Repository:  RepositoryOf(tags),
	}
	text, ok := tags[TagPullRequest]
	if !ok {
		return t, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || number <= 0 || t.Environment != ForPullRequest(t.Service, number).Name {
		return t, fmt.Errorf("its tags %s and %s contradict each other: %q, %q",
			TagEnvironment, TagPullRequest, t.Environment, text)
	}
	t.PullRequest = number
	return t, nil
}

// FromTags returns the environment whose stack has these tags, and reports whether there is one.
// Without both TagService and TagEnvironment, pr-stack did not create the stack.
func FromTags(tags map[string]string) (Environment, bool) {
	t, err := ParseTags(tags)
	if err != nil {
		return Environment{}, false // guessing could delete an environment that must be kept
	}
	e := Environment{Service: t.Service, Name: t.Environment, PullRequest: t.PullRequest}
	return e, e.Service != "" && e.Name != ""
}

// Owns returns nil if a stack with these tags is the environment's, and otherwise an error that names
// its owner. Repository.Owns says whether it is of the same repository.
func (e Environment) Owns(tags map[string]string) error {
	service, name := tags[TagService], tags[TagEnvironment]
	switch {
	case service == "" || name == "":
		return fmt.Errorf("it does not carry the tags %s and %s, so pr-stack did not create it",
			TagService, TagEnvironment)
	case service != e.Service || name != e.Name:
		return fmt.Errorf("its tags say that it is environment %s of service %s, not %s of %s",
			name, service, e.Name, e.Service)
	}
	return nil
}
