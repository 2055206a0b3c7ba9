package environment

import "fmt"

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

// OwnsBase returns nil if a stack with these tags is the service's base stack, and otherwise an error
// that says why it is not.
func OwnsBase(service string, tags map[string]string) error {
	if owner := tags[TagBase]; owner != service {
		return fmt.Errorf("its tag %s is %q, not %q, so it is not the base stack of this service",
			TagBase, owner, service)
	}
	return nil
}
