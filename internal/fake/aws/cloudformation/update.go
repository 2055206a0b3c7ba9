package cloudformation

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/property"
)

// changes reports whether an update would do anything. A change of tags or parameters alone is a
// change too.
func (c *Engine) changes(s *stack, target settings) (bool, error) {
	if !reflect.DeepEqual(s.settings.tags, target.tags) || !reflect.DeepEqual(s.settings.parameters, target.parameters) {
		return true, nil
	}
	if s.halted != nil {
		return true, nil // what failed is retried
	}
	old, now := s.settings.template, target.template
	if len(old.Resources) != len(now.Resources) || !reflect.DeepEqual(old.Outputs, now.Outputs) {
		return true, nil
	}
	for id, definition := range now.Resources {
		r := s.resources[id]
		if r == nil {
			holds, err := c.scope(s, target).holds(definition.Condition)
			if err != nil || holds {
				return true, err
			}
			continue
		}
		properties, err := c.scope(s, target).resolve(definition.Properties)
		if err != nil {
			return false, err
		}
		if r.Type != definition.Type || !same(r.Properties, property.Object(properties)) {
			return true, nil
		}
	}
	return false, nil
}

func same(a, b map[string]any) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

// update changes a stack to its target. Every update goes through
// UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, during which what was replaced or removed from the template
// is deleted.
func (o *operation) update(target settings) {
	o.before, o.target = o.stack.settings, target
	o.inherit()
	o.stack.settings = target
	needs := map[string][]string{}
	scope := o.engine.scope(o.stack, target)
	for id, r := range target.template.Resources {
		if holds, _ := scope.holds(r.Condition); holds {
			needs[id] = r.Needs
		}
	}
	o.walk = &walk{account: o.engine.account, needs: needs, stops: true, begin: o.updateResource, ended: func(failed, cancelled []string) {
		if o.ended {
			return
		}
		if len(failed)+len(cancelled) > 0 {
			o.updateFailed(failed, cancelled)
			return
		}
		if err := o.engine.resolveOutputs(o.stack); err != nil {
			o.updateFailed(nil, nil)
			return
		}
		o.cleanUp("UPDATE_COMPLETE")
	}}
	if o.rejected(func(reason string) { o.later(1500*time.Millisecond, func() { o.rollBack(reason) }) }) {
		return
	}
	o.later(800*time.Millisecond, o.walk.start)
}

func (o *operation) updateResource(id string, done func(error)) {
	definition := o.target.template.Resources[id]
	r := o.stack.resources[id]
	retry := o.previous != nil && strings.HasSuffix(o.stack.states[id].status, "_FAILED")
	if r == nil || retry && o.stack.states[id].status == "CREATE_FAILED" {
		o.addResource(id, definition, done)
		return
	}
	v, err := o.engine.scope(o.stack, o.target).resolve(definition.Properties)
	properties := property.Object(v)
	if properties == nil {
		properties = map[string]any{}
	}
	if err == nil && !retry && same(r.Properties, properties) && r.Type == definition.Type {
		done(nil) // an unchanged resource has no event
		return
	}
	kind := o.engine.types[definition.Type]
	if err == nil && (r.Type != definition.Type || kind.Replaces != nil && kind.Replaces(r.Properties, properties)) {
		o.replace(r, definition.Type, properties, done)
		return
	}
	old := r.Properties
	r.Properties = properties
	if _, known := o.changed[id]; !known {
		o.changed[id] = old
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
	o.change(r, old, done)
}

func (o *operation) addResource(id string, definition templateResource, done func(error)) {
	r := &Resource{stack: o.stack, LogicalID: id, Type: definition.Type, Attributes: map[string]any{}}
	v, err := o.engine.scope(o.stack, o.target).resolve(definition.Properties)
	r.Properties = property.Object(v)
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

func (o *operation) replace(r *Resource, kind string, properties map[string]any, done func(error)) {
	if o.onFailure == "DO_NOTHING" { // aws-cdk-cli#1931
		o.engine.recordResource(r, "UPDATE_IN_PROGRESS", "")
		o.failLater(time.Second, r, "UPDATE", errors.New("Replacement type updates not supported on stack with disable-rollback."), done)
		return
	}
	o.engine.recordResource(r, "UPDATE_IN_PROGRESS", "Requested update requires the creation of a new physical resource; hence creating one.")
	o.replaced[r.LogicalID] = r
	next := &Resource{stack: o.stack, LogicalID: r.LogicalID, Type: kind, Attributes: map[string]any{}, Properties: properties}
	o.created = append(o.created, next)
	o.provision(next, "UPDATE", "Resource creation Initiated", done)
}

// change updates a resource in place.
func (o *operation) change(r *Resource, old map[string]any, done func(error)) {
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
	if kind := o.engine.types[r.Type]; kind.Update != nil {
		kind.Update(r, old, ended)
		return
	}
	o.later(2*time.Second, func() { ended(nil) })
}

// cleanUp deletes what a successful update no longer needs, in no particular order, and ends the
// operation.
func (o *operation) cleanUp(status string) {
	o.later(time.Second, func() {
		o.engine.setStatus(o.stack, status+"_CLEANUP_IN_PROGRESS", "")
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
			if _, kept := o.target.template.Resources[id]; !kept {
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
