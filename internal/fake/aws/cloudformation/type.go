package cloudformation

import (
	"reflect"
	"time"

	"pr-stack/internal/fake/aws/internal/account"
)

// Resource is one resource of a stack, as CloudFormation keeps it.
type Resource struct {
	stack      *stack
	LogicalID  string
	Type       string            // AWS::ECS::Service
	PhysicalID string            // what Ref gives; set by Create before it calls done
	Attributes map[string]any    // what Fn::GetAtt gives, by attribute name; set by Create before it calls done
	Properties map[string]any    // after all intrinsics are resolved
	Tags       map[string]string // the stack's and its own, if the type takes tags
	name       string            // what GeneratedName has returned
}

// Type is how CloudFormation drives one type of resource. Each function is called once an operation
// reaches the resource, with the account's lock held. It must not call done itself: it schedules
// that (account.After) for the instant at which the operation on the resource ends, once, with the
// reason if it failed (as the ResourceStatusReason of its event has it). Create sets PhysicalID and
// Attributes before it returns: CloudFormation shows the ID at once, "Resource creation Initiated".
//
// If an operation is cancelled meanwhile, Delete is called; the done of the call before is then
// ignored.
type Type struct {
	Create func(r *Resource, done func(error))
	// Update changes the resource in place to r.Properties. Nil: there is nothing to do, and it
	// takes two seconds.
	Update func(r *Resource, old map[string]any, done func(error))
	// Replaces reports whether the change needs a new physical resource. Nil: never.
	Replaces func(old, new map[string]any) bool
	Delete   func(r *Resource, done func(error))

	// Capability returns what a deployment of a template with such a resource must acknowledge: IAM
	// or NamedIAM. Nil: nothing.
	Capability func(properties map[string]any) string
	// Taggable: the resource takes tags, the stack's and those of its property Tags. As AWS's schemas
	// have it (tagging.tagUpdatable), all types here that take tags can also change them in place.
	Taggable bool
	// Retag is how long a change of tags alone takes. 0: Update makes that change too.
	Retag time.Duration
	// Required are the properties without which a resource is rejected.
	Required []string
	// Permissions are the actions that the type's handlers call, with the caller's rights.
	Permissions Permissions
	// ConsistencyCheck: an update says, just before it is complete, that such a check was initiated.
	ConsistencyCheck bool
}

// The capabilities that a call acknowledges.
const (
	IAM      = "CAPABILITY_IAM"
	NamedIAM = "CAPABILITY_NAMED_IAM"
)

// Timed returns a resource type that takes its time (medians of recorded stacks) and then exists
// under an ID.
func Timed(a *account.Account, toCreate, toDelete time.Duration, create func(r *Resource)) Type {
	return Type{
		Create: func(r *Resource, done func(error)) {
			create(r)
			a.After(toCreate, func() { done(nil) })
		},
		Delete: func(_ *Resource, done func(error)) { a.After(toDelete, func() { done(nil) }) },
	}
}

// AnyChanged returns a Type's Replaces for which a change of any of the properties needs a new
// resource.
func AnyChanged(names ...string) func(old, new map[string]any) bool {
	return func(old, new map[string]any) bool {
		for _, name := range names {
			if !reflect.DeepEqual(old[name], new[name]) {
				return true
			}
		}
		return false
	}
}
