package cloudformation

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// delete deletes a stack. With force, resources that cannot be deleted are kept, and the stack is
// deleted nevertheless.
func (o *operation) delete(retain []string, force bool) {
	o.engine.setStatus(o.stack, "DELETE_IN_PROGRESS", "User Initiated")
	for _, id := range retain {
		if r := o.stack.resources[id]; r != nil {
			o.engine.recordResource(r, "DELETE_SKIPPED", "")
			delete(o.stack.resources, id)
		}
	}
	failedStatus := "DELETE_FAILED"
	if force {
		failedStatus = "DELETE_COMPLETE"
	}
	o.removeAll("DELETE_COMPLETE", failedStatus)
}

// removeAll deletes every resource of the stack, dependents first, and leaves the stack in one of
// the two statuses. Deletes begin two to three seconds after the stack's own event.
func (o *operation) removeAll(succeeded, failedStatus string) {
	// A stack whose creation was rolled back has a DeletionTime too.
	o.stack.deleted = o.engine.account.Now()
	needs := map[string][]string{}
	for id := range o.stack.resources {
		needs[id] = o.definition(id).Needs
	}
	o.walk = &walk{account: o.engine.account, needs: reversed(needs), begin: o.removeResource, ended: func(failed, _ []string) {
		if o.ended {
			return
		}
		end := func() {
			if len(failed) == 0 || succeeded == failedStatus {
				o.concludeDeletion(succeeded)
				return
			}
			// The space at the end is AWS's.
			o.conclude(failedStatus, fmt.Sprintf("The following resource(s) failed to delete: [%s]. ", strings.Join(failed, ", ")))
		}
		if orphans := o.orphans(); len(orphans) > 0 {
			o.discard(orphans, end)
			return
		}
		o.later(time.Second, end)
	}}
	// Resources that were never created are deleted at once.
	for _, id := range o.neverCreated() {
		o.engine.recordResource(o.stack.states[id].resource, "DELETE_COMPLETE", "")
	}
	o.later(2500*time.Millisecond, o.walk.start)
}

// definition returns a resource's definition in the template or, if a halted update removed it, in
// the one before.
func (o *operation) definition(id string) templateResource {
	definition, ok := o.stack.settings.template.Resources[id]
	if !ok && o.previous != nil {
		definition = o.previous.before.template.Resources[id]
	}
	return definition
}

// neverCreated returns the resources that an operation began to create and that do not exist.
func (o *operation) neverCreated() []string {
	var ids []string
	for id, s := range o.stack.states {
		if o.stack.resources[id] == nil && strings.HasPrefix(s.status, "CREATE_") {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (o *operation) concludeDeletion(status string) {
	if status == "DELETE_COMPLETE" {
		o.stack.deleted = o.engine.account.Now() // its outputs stay
	}
	o.conclude(status, "")
}

func (o *operation) removeResource(id string, done func(error)) {
	r := o.stack.resources[id]
	if o.definition(id).DeletionPolicy == "Retain" {
		o.engine.recordResource(r, "DELETE_SKIPPED", "")
		delete(o.stack.resources, id)
		o.later(0, func() { done(nil) })
		return
	}
	o.engine.recordResource(r, "DELETE_IN_PROGRESS", "")
	o.deprovision(r, func(err error) {
		if err != nil {
			o.engine.recordResource(r, "DELETE_FAILED", err.Error())
			done(err)
			return
		}
		o.engine.recordResource(r, "DELETE_COMPLETE", "")
		if o.stack.resources[id] == r {
			delete(o.stack.resources, id)
		}
		done(nil)
	})
}

// deprovision deletes the physical resource.
func (o *operation) deprovision(r *Resource, done func(error)) {
	if f := o.engine.failure(o.stack.name, r.LogicalID, "DELETE"); f != nil {
		if !f.Never {
			o.later(max(f.After, time.Second), func() { done(errors.New(f.Reason)) })
		}
		return
	}
	kind := o.engine.types[r.Type]
	if err := o.check(handling{r: r}, kind.Permissions.Delete, false); err != nil {
		o.later(refusalTime, func() { done(err) })
		return
	}
	kind.Delete(r, func(err error) {
		if err == nil {
			o.engine.untag(r)
		}
		if !o.ended {
			done(err)
		}
	})
}
