package cloudformation

import (
	"cmp"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// changes reports whether an update would do anything: it changes a resource, an output or a tag of
// the stack. Another value of a parameter that reaches none of them is no change (stacker#53,
// coverage-roadmap#2027).
func (c *Engine) changes(s *stack, target settings) (bool, error) {
	if s.halted != nil { // what failed is retried
		return true, nil
	}
	if !maps.Equal(s.settings.tags, target.tags) || len(s.resources) != len(c.needs(s, target)) {
		return true, nil
	}
	for id := range c.needs(s, target) {
		r, definition := s.resources[id], target.template.Resources[id]
		if r == nil || r.Type != definition.Type {
			return true, nil
		}
		asked, err := c.model(s, target, definition)
		if err != nil {
			return false, err
		}
		if !r.model().same(asked) {
			return true, nil
		}
	}
	return !c.sameOutputs(s, target), nil
}

// sameOutputs reports whether the outputs would stay as they are. Those that cannot be resolved would
// not: the update begins, and fails with them.
func (c *Engine) sameOutputs(s *stack, target settings) bool {
	outputs, err := c.outputs(s, target)
	return err == nil && slices.Equal(s.outputs, outputs)
}

func same(a, b map[string]any) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

// update changes a stack to its target. Every update goes through
// UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, during which what was replaced or removed from the template
// is deleted.
func (o *operation) update(target settings) {
	o.before, o.target, o.policy = o.stack.settings, target, cmp.Or(o.policy, o.stack.policy)
	o.inherit()
	o.stack.settings = target
	needs := o.engine.needs(o.stack, target)
	o.walk = &walk{account: o.engine.account, needs: needs, stops: true, begin: o.updateResource, ended: func(failed, cancelled []string) {
		if o.ended {
			return
		}
		if len(failed)+len(cancelled) > 0 {
			o.updateFailed(failed, cancelled)
			return
		}
		outputs, err := o.engine.outputs(o.stack, target)
		if err != nil {
			o.undo(err.Error() + " ")
			return
		}
		o.stack.outputs = outputs
		o.cleanUp("UPDATE_COMPLETE")
	}}
	if missing := cmp.Or(o.notFound(), o.notExported()); missing != "" {
		o.later(1500*time.Millisecond, func() { o.rollBack(missing) })
		return
	}
	if o.rejected(func(reason string) { o.later(1500*time.Millisecond, func() { o.rollBack(reason) }) }) {
		return
	}
	o.later(800*time.Millisecond, o.walkUpdate)
}

// walkUpdate begins with the resources, unless the stack policy keeps one that the update would delete.
func (o *operation) walkUpdate() {
	if r, found := o.deniedDeletion(); found {
		o.refused(r, "Update:Delete", func(error) { o.updateFailed([]string{r.LogicalID}, nil) })
		return
	}
	o.walk.start()
}

func (o *operation) updateResource(id string, done func(error)) {
	definition := o.target.template.Resources[id]
	r := o.stack.resources[id]
	retry := o.previous != nil && strings.HasSuffix(o.stack.states[id].status, "_FAILED")
	if r == nil || retry && o.stack.states[id].status == "CREATE_FAILED" {
		o.addResource(id, definition, done)
		return
	}
	before := r.model()
	asked, err := o.engine.model(o.stack, o.target, definition)
	if err == nil && !retry && before.same(asked) && r.Type == definition.Type {
		done(nil) // an unchanged resource has no event
		return
	}
	replaces := err == nil && (r.Type != definition.Type || o.engine.types[r.Type].replaces(before, asked))
	action := "Update:Modify"
	if replaces {
		action = "Update:Replace"
	}
	if o.refused(r, action, done) {
		return
	}
	if replaces {
		o.replace(r, definition.Type, asked, done)
		return
	}
	r.set(asked)
	if _, known := o.changed[id]; !known {
		o.changed[id] = before
	}
	o.engine.recordResource(r, "UPDATE_IN_PROGRESS", "")
	if err != nil {
		o.failLater(time.Second, r, "UPDATE", err, done)
		return
	}
	if h := o.engine.hook(o.stack.name, id); h != nil {
		o.rejectByHook(r, "UPDATE", h, done)
		return
	}
	o.change(r, before, done)
}

// replaces reports whether a change needs a new physical resource. No type is replaced for its tags.
func (t Type) replaces(before, asked model) bool {
	old, now := before.properties, asked.properties
	if t.Taggable {
		old, now = withoutTags(old), withoutTags(now)
	}
	return t.Replaces != nil && !same(old, now) && t.Replaces(old, now)
}

func (o *operation) addResource(id string, definition templateResource, done func(error)) {
	r := &Resource{stack: o.stack, LogicalID: id, Type: definition.Type, Attributes: map[string]any{}}
	asked, err := o.engine.model(o.stack, o.target, definition)
	r.set(asked)
	o.engine.recordResource(r, "CREATE_IN_PROGRESS", "")
	if err != nil {
		o.failLater(time.Second, r, "CREATE", err, done)
		return
	}
	if h := o.engine.hook(o.stack.name, id); h != nil {
		o.rejectByHook(r, "CREATE", h, done)
		return
	}
	// If an earlier update failed to create it, there is nothing of it to be undone.
	o.created = slices.DeleteFunc(o.created, func(was *Resource) bool { return was.LogicalID == id && was.PhysicalID == "" })
	o.created = append(o.created, r)
	o.provision(r, "CREATE", "Resource creation Initiated", done)
}

func (o *operation) replace(r *Resource, kind string, asked model, done func(error)) {
	if o.onFailure == "DO_NOTHING" { // aws-cdk-cli#1931
		o.engine.recordResource(r, "UPDATE_IN_PROGRESS", "")
		o.failLater(time.Second, r, "UPDATE", errors.New("Replacement type updates not supported on stack with disable-rollback."), done)
		return
	}
	o.engine.recordResource(r, "UPDATE_IN_PROGRESS", "Requested update requires the creation of a new physical resource; hence creating one.")
	o.replaced[r.LogicalID] = r
	next := &Resource{stack: o.stack, LogicalID: r.LogicalID, Type: kind, Attributes: map[string]any{}}
	next.set(asked)
	o.created = append(o.created, next)
	o.provision(next, "UPDATE", "Resource creation Initiated", done)
}

// change updates a resource in place from what it was before.
func (o *operation) change(r *Resource, before model, done func(error)) {
	if f := o.engine.failure(o.stack.name, r.LogicalID, "UPDATE"); f != nil {
		if !f.Never {
			o.failLater(f.After, r, "UPDATE", errors.New(f.Reason), done)
		}
		return
	}
	walk := o.walk
	ended := func(err error) {
		switch {
		case o.ended, walk.over:
		case err != nil:
			o.fail(r, "UPDATE", err, done)
		case o.engine.types[r.Type].ConsistencyCheck:
			o.engine.recordResource(r, "UPDATE_IN_PROGRESS", consistencyCheck)
			o.finish(r, "UPDATE", done)
		default:
			o.finish(r, "UPDATE", done)
		}
	}
	kind := o.engine.types[r.Type]
	if err := cmp.Or(o.engine.validate(r.Type, r.Properties), o.checkUpdate(r, before)); err != nil {
		o.later(refusalTime, func() { ended(err) })
		return
	}
	o.engine.retag(r)
	switch {
	case kind.Retag > 0 && !maps.Equal(before.tags, r.Tags) && same(withoutTags(before.properties), withoutTags(r.Properties)):
		o.later(kind.Retag, func() { ended(nil) })
	case kind.Update != nil:
		kind.Update(r, before.properties, ended)
	default:
		o.later(2*time.Second, func() { ended(nil) })
	}
}

// cleanUp deletes what a successful update no longer needs, in no particular order, and ends the
// operation.
func (o *operation) cleanUp(status string) {
	o.later(time.Second, func() {
		o.engine.setStatus(o.stack, status+"_CLEANUP_IN_PROGRESS", "")
		needs := o.engine.needs(o.stack, o.target)
		var leftovers []*Resource
		for _, id := range slices.Sorted(maps.Keys(o.replaced)) {
			leftovers = append(leftovers, o.replaced[id])
		}
		for _, r := range o.created {
			if r.PhysicalID != "" && o.stack.resources[r.LogicalID] != r {
				leftovers = append(leftovers, r) // it failed, and a later update created another one
			}
		}
		for _, id := range slices.Sorted(maps.Keys(o.stack.resources)) {
			if _, kept := needs[id]; !kept {
				leftovers = append(leftovers, o.stack.resources[id])
				delete(o.stack.resources, id)
			}
		}
		o.discard(leftovers, func() { o.conclude(status, "") })
	})
}

// discard deletes resources that the stack no longer needs. As in CloudFormation, one that cannot
// be deleted is left behind, with an event that says so.
func (o *operation) discard(list []*Resource, then func()) {
	open := len(list)
	for _, r := range list {
		if r.PhysicalID == "" { // it was never created
			o.engine.recordResource(r, "DELETE_COMPLETE", "")
			open--
			continue
		}
		o.engine.recordResource(r, "DELETE_IN_PROGRESS", "")
		o.deprovision(r, func(err error) {
			if err != nil {
				o.engine.recordResource(r, "DELETE_FAILED", err.Error())
			} else {
				o.engine.recordResource(r, "DELETE_COMPLETE", "")
			}
			if open--; open == 0 {
				o.later(time.Second, then)
			}
		})
	}
	if open == 0 {
		o.later(time.Second, then)
	}
}
