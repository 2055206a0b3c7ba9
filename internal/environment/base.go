package environment

import (
	"fmt"
	"strings"
)

// Base is a name that no environment may have, because <service>-base is the base stack.
const Base = "base"

// TagBase is a tag on a service's base stack. Its value is the service. A base stack is not an
// environment and does not have an environment's tags, so code that deletes environments never
// finds it.
const TagBase = "pr-stack:base"

// BaseStackName returns the name of the service's base stack.
func BaseStackName(service string) string {
	return StackName(service, Base)
}

// BaseTags returns the tags of a service's base stack.
func BaseTags(service string) map[string]string {
	return map[string]string{TagBase: service}
}

// TagRoles is a tag on the stack of the roles of a service's jobs. Its value is the service.
const TagRoles = "pr-stack:roles"

// RolesStackName returns the name of the stack with the roles of jobs on a base stack.
func RolesStackName(base string) string {
	const suffix, maxName = "-roles", 128 // the longest name that CloudFormation accepts
	return strings.TrimRight(base[:min(len(base), maxName-len(suffix))], "-") + suffix
}

// RolesTags returns the tags of that stack.
func RolesTags(service string) map[string]string {
	return map[string]string{TagRoles: service}
}

// OwnsRoles returns nil if a stack with these tags is the stack of the service's roles, and otherwise an
// error that says why it is not.
func OwnsRoles(service string, tags map[string]string) error {
	if owner := tags[TagRoles]; owner != service {
		return fmt.Errorf("its tag %s is %q, not %q, so it is not the stack of this service's roles", TagRoles, owner, service)
	}
	return noEnvironment(tags)
}

// OwnsBase returns nil if a stack with these tags is the service's base stack, and otherwise an error
// that says why it is not.
func OwnsBase(service string, tags map[string]string) error {
	if owner := tags[TagBase]; owner != service {
		return fmt.Errorf("its tag %s is %q, not %q, so it is not the base stack of this service",
			TagBase, owner, service)
	}
	return noEnvironment(tags)
}

// noEnvironment returns an error if a stack with these tags is an environment. Whoever may create previews
// of service x can also create a stack x-pr-y-base with any tags, if it has a preview's as well. It must
// not pass for the base stack of service x-pr-y, whose parameters and outputs bootstrap believes.
func noEnvironment(tags map[string]string) error {
	if tags[TagService] == "" && tags[TagEnvironment] == "" {
		return nil
	}
	return fmt.Errorf("its tags %s and %s say that it is environment %s of service %s",
		TagService, TagEnvironment, tags[TagEnvironment], tags[TagService])
}
