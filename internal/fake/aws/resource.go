package aws

// resource is one resource of a stack, as CloudFormation keeps it.
type resource struct {
	stack      *stack
	LogicalID  string
	Type       string         // AWS::ECS::Service
	PhysicalID string         // what Ref gives; set by create before it calls done
	Attributes map[string]any // what Fn::GetAtt gives, by attribute name; set by create before it calls done
	Properties map[string]any // after all intrinsics are resolved
}

// resourceType is how CloudFormation drives one type of resource. Each function is called once an operation reaches the
// resource, with the account's lock held. It must not call done itself: it puts that on the agenda (a.after), when the
// resource is at rest, once, with the reason if it failed (as the ResourceStatusReason of its event has it). create sets
// PhysicalID and Attributes before it returns: CloudFormation shows the id at once, "Resource creation Initiated".
//
// An operation that is cancelled meanwhile calls delete; the done of the call before is then ignored.
type resourceType struct {
	create func(a *AWS, r *resource, done func(error))
	// update changes the resource in place to r.Properties. Nil: nothing to do but the time of create.
	update func(a *AWS, r *resource, old map[string]any, done func(error))
	// replaces tells whether the change needs a new physical resource. Nil: never.
	replaces func(old, new map[string]any) bool
	delete   func(a *AWS, r *resource, done func(error))
}
