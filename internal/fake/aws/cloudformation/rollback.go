package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

func (o *operation) updateFailed(failed, cancelled []string) {
	for _, id := range cancelled {
		s := o.stack.states[id]
		status, reason := "UPDATE_FAILED", "Resource update cancelled"
		if strings.HasPrefix(s.status, "CREATE_") {
			status, reason = "CREATE_FAILED", "Resource creation cancelled"
		}
		o.engine.recordResource(s.resource, status, reason)
	}
	reason := fmt.Sprintf("The following resource(s) failed to update: [%s]. ", strings.Join(append(cancelled, failed...), ", "))
	o.undo(reason)
}

// undo rolls back, or keeps everything for debugging.
func (o *operation) undo(reason string) {
	if o.onFailure == "DO_NOTHING" {
		o.later(time.Second, func() { o.halt("UPDATE_FAILED", reason) })
		return
	}
	o.later(1500*time.Millisecond, func() { o.rollBack(reason) })
}

// rollBack restores every resource that the update has changed, each by an update of its own.
func (o *operation) rollBack(reason string) {
	o.rollingBack = true
	o.engine.setStatus(o.stack, "UPDATE_ROLLBACK_IN_PROGRESS", reason)
	o.stack.settings = o.before
	maps.Copy(o.stack.resources, o.replaced)
	for _, r := range o.created {
		if o.stack.resources[r.LogicalID] == r {
			delete(o.stack.resources, r.LogicalID)
		}
	}
	needs := map[string][]string{}
	for id := range o.changed {
		needs[id] = o.before.template.Resources[id].Needs
	}
	o.walk = &walk{account: o.engine.account, needs: needs, begin: o.revert, ended: func(failed, _ []string) {
		if o.ended {
			return
		}
		if len(failed) > 0 {
			o.later(time.Second, func() {
				o.halt("UPDATE_ROLLBACK_FAILED", fmt.Sprintf("The following resource(s) failed to update: [%s]. ", strings.Join(failed, ", ")))
			})
			return
		}
		o.later(time.Second, func() {
			o.engine.setStatus(o.stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "")
			o.discard(o.created, func() { o.conclude("UPDATE_ROLLBACK_COMPLETE", "") })
		})
	}}
	o.later(2*time.Second, func() {
		for _, r := range o.denied {
			o.engine.recordResource(r, "UPDATE_COMPLETE", "")
		}
		o.walk.start()
	})
}

// revert updates a resource back to what it was, also one whose update failed: CloudFormation does
// not know how far that came. So an action that was denied on the way is often denied again, and the
// rollback fails.
func (o *operation) revert(id string, done func(error)) {
	r := o.stack.resources[id]
	failedNow := r.model()
	r.set(o.changed[id])
	o.engine.recordResource(r, "UPDATE_IN_PROGRESS", "")
	o.change(r, failedNow, func(err error) {
		if err == nil {
			delete(o.changed, id) // if the rollback fails, this one need not be reverted again
		}
		done(err)
	})
}

// halt ends an update half-way, so that it can be rolled back later.
func (o *operation) halt(status, reason string) {
	o.conclude(status, reason)
	o.stack.halted = o
}

// resume begins an operation that undoes what is left of a halted update. If the stack was put into
// its status by SetStatus, nothing is left.
func (c *Engine) resume(s *stack, by caller) *operation {
	o := c.begin(s, by)
	o.before, o.target = s.settings, s.settings
	o.inherit()
	return o
}

// inherit takes over what the previous update has left to be undone.
func (o *operation) inherit() {
	if was := o.previous; was != nil {
		o.before, o.created, o.replaced, o.changed = was.before, was.created, was.replaced, was.changed
	}
}

// orphans returns what a halted update has created or replaced and what no longer belongs to the
// stack.
func (o *operation) orphans() (list []*Resource) {
	if o.previous == nil {
		return nil
	}
	for _, r := range append(slices.Clone(o.previous.created), slices.Collect(maps.Values(o.previous.replaced))...) {
		if r.PhysicalID != "" && o.stack.resources[r.LogicalID] != r {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b *Resource) int { return strings.Compare(a.PhysicalID, b.PhysicalID) })
	return list
}
