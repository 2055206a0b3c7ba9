package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// PutTemplate stores a template under a URL, in place of S3, for the TemplateURL of a nested stack.
func (c *Engine) PutTemplate(url, body string) {
	c.account.Lock()
	defer c.account.Unlock()
	c.bodies[url] = body
}

// nestedTypes are nested stacks. Each is a stack like any other, with its own name and events.
func (c *Engine) nestedTypes() map[string]Type {
	return map[string]Type{"AWS::CloudFormation::Stack": {
		Taggable:    true, // its own stack passes them on
		Required:    []string{"TemplateURL"},
		Permissions: c.nestedPermissions(),
		Create:      c.createNested,
		Replaces:    func(_, _ map[string]any) bool { return false },
		Update:      c.updateNested,
		Delete: func(r *Resource, done func(error)) {
			s := c.stack(r.PhysicalID)
			if s == nil || s.status == "DELETE_COMPLETE" {
				c.account.After(time.Second, func() { done(nil) })
				return
			}
			c.begin(s, r.caller()).delete(nil, false)
			c.awaitNested(s, "deleted", done)
		},
	}}
}

func (c *Engine) nestedSettings(r *Resource) (settings, error) {
	by := r.caller().principal
	body, err := c.stored(by, property.Text(r.Properties["TemplateURL"]))
	if err != nil {
		return settings{}, reason(err)
	}
	with := settings{body: body, tags: maps.Clone(r.Tags)}
	template, err := c.parseTemplate(with.body)
	if err != nil {
		return settings{}, err
	}
	with.template = template
	given := map[string]string{}
	for name, v := range property.Object(r.Properties["Parameters"]) {
		given[name] = property.Text(v)
	}
	if with.parameters, err = template.fill(given); err != nil {
		return settings{}, err
	}
	return c.validated(with, by)
}

// reason returns an error of a call as the reason in an event, which has no code.
func reason(err error) error { return wire.Reason(wire.AsAPIError(err).Message) }

func (c *Engine) createNested(r *Resource, done func(error)) {
	with, err := c.nestedSettings(r)
	if err != nil {
		c.account.After(time.Second, func() { done(err) })
		return
	}
	name := r.GeneratedName(c.account, 128)
	s := c.newStack(name, with)
	s.parent, r.PhysicalID = r.stack.id, s.id
	o := c.begin(s, r.caller())
	o.onFailure = "DO_NOTHING" // the parent deletes it
	c.setStatus(s, "CREATE_IN_PROGRESS", "User Initiated")
	o.create()
	c.awaitNested(s, "created", func(err error) {
		r.takeOutputs(s)
		done(err)
	})
}

func (r *Resource) takeOutputs(s *stack) {
	maps.DeleteFunc(r.Attributes, func(name string, _ any) bool { return strings.HasPrefix(name, "Outputs.") })
	for _, output := range s.outputs {
		r.Attributes["Outputs."+output.Key] = output.Value
	}
}

// updateNested first waits for an operation of the nested stack to end: when the parent begins to
// roll back, the nested stack may still be rolling back by itself.
func (c *Engine) updateNested(r *Resource, old map[string]any, done func(error)) {
	s := c.stack(r.PhysicalID)
	if s.operation != nil {
		c.account.After(time.Second, func() { c.updateNested(r, old, done) })
		return
	}
	if s.status == "UPDATE_ROLLBACK_FAILED" {
		c.resume(s, r.caller()).rollBack("")
		c.awaitNestedRollback(s, done)
		return
	}
	with, err := c.nestedSettings(r)
	if err == nil {
		var changes bool
		if changes, err = c.changes(s, with); err == nil && !changes {
			c.account.After(time.Second, func() { done(nil) })
			return
		}
	}
	if err != nil {
		c.account.After(time.Second, func() { done(err) })
		return
	}
	o := c.begin(s, r.caller())
	c.setStatus(s, "UPDATE_IN_PROGRESS", "User Initiated")
	o.update(with)
	c.awaitNested(s, "updated", func(err error) {
		r.takeOutputs(s)
		done(err)
	})
}

// awaitNested checks a nested stack every second, and reports a failure in the parent's words. A
// failed update is reported as soon as the nested stack rolls it back (civic-devops#142).
func (c *Engine) awaitNested(s *stack, verb string, done func(error)) {
	c.account.After(time.Second, func() {
		switch {
		case slices.Contains([]string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"}, s.status):
			done(nil)
		case strings.HasPrefix(s.status, "UPDATE_ROLLBACK"):
			done(s.notUpdated())
		case strings.HasSuffix(s.status, "_FAILED"):
			done(wire.Reason(fmt.Sprintf("Embedded stack %s was not successfully %s: %s", s.id, verb, s.reason)))
		default:
			c.awaitNested(s, verb, done)
		}
	})
}

// awaitNestedRollback checks every second whether the repeated rollback of a nested stack has ended.
func (c *Engine) awaitNestedRollback(s *stack, done func(error)) {
	c.account.After(time.Second, func() {
		switch s.status {
		case "UPDATE_ROLLBACK_COMPLETE":
			done(nil)
		case "UPDATE_ROLLBACK_FAILED":
			done(s.notUpdated())
		default:
			c.awaitNestedRollback(s, done)
		}
	})
}

func (s *stack) notUpdated() error {
	return wire.Reason(fmt.Sprintf("Embedded stack %s was not successfully updated. Currently in %s with reason: %s",
		s.id, s.status, s.reason))
}
