package cloudformation

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// delete takes a stack away. With force, what cannot be deleted is left where it is and the stack goes all the same.
func (o *operation) delete(retain []string, force bool) {
	o.engine.setStatus(o.stack, "DELETE_IN_PROGRESS", "User Initiated")
	for _, id := range retain {
		if r := o.stack.resources[id]; r != nil {
			o.engine.tell(r, "DELETE_SKIPPED", "")
			delete(o.stack.resources, id)
		}
	}
	failedStatus := "DELETE_FAILED"
	if force {
		failedStatus = "DELETE_COMPLETE"
	}
	o.removeAll("DELETE_COMPLETE", failedStatus)
}

// removeAll deletes every resource of the stack, those that need others first, and leaves the stack in one status if
// that went well and in the other if not. Deletes begin two to three seconds after the stack's own event.
func (o *operation) removeAll(well, ill string) {
	needs := map[string][]string{}
	for id := range o.stack.resources {
		needs[id] = o.definition(id).Needs
	}
	o.walk = &walk{account: o.engine.account, needs: reversed(needs), begin: o.removeResource, ended: func(failed, _ []string) {
		if o.ended {
			return
		}
		end := func() {
			if len(failed) == 0 || well == ill {
				o.gone(well)
				return
			}
			// The blank at the end is AWS's.
			o.rest(ill, fmt.Sprintf("The following resource(s) failed to delete: [%s]. ", strings.Join(failed, ", ")))
		}
		if strays := o.strays(); len(strays) > 0 {
			o.discard(strays, end)
			return
		}
		o.later(time.Second, end)
	}}
	// What was never made is deleted without further ado.
	for _, id := range o.unmade() {
		o.engine.tell(o.stack.states[id].resource, "DELETE_COMPLETE", "")
	}
	o.later(2500*time.Millisecond, o.walk.start)
}

// definition is what the template says of a resource, or said before an update left it out and stopped.
func (o *operation) definition(id string) templateResource {
	definition, ok := o.stack.settings.template.Resources[id]
	if !ok && o.left != nil {
		definition = o.left.before.template.Resources[id]
	}
	return definition
}

// unmade are resources that an operation touched and that never came to be.
func (o *operation) unmade() []string {
	var ids []string
	for id, s := range o.stack.states {
		if o.stack.resources[id] == nil && strings.HasPrefix(s.status, "CREATE_") {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (o *operation) gone(status string) {
	if status == "DELETE_COMPLETE" {
		o.stack.deleted = o.engine.account.Now()
		o.stack.outputs = nil
	}
	o.rest(status, "")
}

func (o *operation) removeResource(id string, done func(error)) {
	r := o.stack.resources[id]
	if o.definition(id).DeletionPolicy == "Retain" {
		o.engine.tell(r, "DELETE_SKIPPED", "")
		delete(o.stack.resources, id)
		o.later(0, func() { done(nil) })
		return
	}
	o.engine.tell(r, "DELETE_IN_PROGRESS", "")
	o.unmake(r, func(err error) {
		if err != nil {
			o.engine.tell(r, "DELETE_FAILED", err.Error())
			done(err)
			return
		}
		o.engine.tell(r, "DELETE_COMPLETE", "")
		if o.stack.resources[id] == r {
			delete(o.stack.resources, id)
		}
		done(nil)
	})
}

// unmake takes a resource's physical side away.
func (o *operation) unmake(r *Resource, done func(error)) {
	if f := o.engine.failure(o.stack.name, r.LogicalID, "DELETE"); f != nil {
		if !f.Never {
			o.later(max(f.After, time.Second), func() { done(errors.New(f.Reason)) })
		}
		return
	}
	o.engine.types[r.Type].Delete(r, func(err error) {
		if !o.ended {
			done(err)
		}
	})
}
