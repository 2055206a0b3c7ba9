package aws

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// PutTemplate puts a template where a nested stack's TemplateURL finds it, in place of S3.
func (a *AWS) PutTemplate(url, body string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.cfn.bodies == nil {
		a.cfn.bodies = map[string]string{}
	}
	a.cfn.bodies[url] = body
}

// nestedTypes are stacks in stacks. Each is a stack like any other, with a name and events of its own.
func nestedTypes() map[string]resourceType {
	return map[string]resourceType{"AWS::CloudFormation::Stack": {
		create:   createNested,
		replaces: func(_, _ map[string]any) bool { return false },
		update:   updateNested,
		delete: func(a *AWS, r *resource, done func(error)) {
			s := a.stack(r.PhysicalID)
			if s == nil || s.status == "DELETE_COMPLETE" {
				a.after(time.Second, func() { done(nil) })
				return
			}
			a.begin(s, r.stack.tokenOfOperation()).delete(nil, false)
			a.awaitNested(s, "deleted", done)
		},
	}}
}

func (s *stack) tokenOfOperation() string {
	if s.operation == nil {
		return ""
	}
	return s.operation.token
}

func (a *AWS) nestedSettings(r *resource) (settings, error) {
	with := settings{body: a.cfn.bodies[text(r.Properties["TemplateURL"])], tags: maps.Clone(r.stack.settings.tags), parameters: map[string]string{}}
	template, err := a.parseTemplate(with.body)
	if err != nil {
		return settings{}, err
	}
	with.template = template
	given := map[string]string{}
	for name, v := range object(r.Properties["Parameters"]) {
		given[name] = text(v)
	}
	with.parameters, err = template.fill(given)
	return with, err
}

func createNested(a *AWS, r *resource, done func(error)) {
	with, err := a.nestedSettings(r)
	if err != nil {
		a.after(time.Second, func() { done(err) })
		return
	}
	name := fmt.Sprintf("%s-%s-%s", r.stack.name, r.LogicalID, strings.ToUpper(a.unique(12)))
	s := &stack{
		id: a.arn("cloudformation", "stack/"+name+"/"+a.uuid()), name: name, parent: r.stack.id, created: a.now, settings: with,
		resources: map[string]*resource{}, states: map[string]state{}, tokens: map[string]string{},
	}
	a.cfn.stacks = append(a.cfn.stacks, s)
	r.PhysicalID = s.id
	o := a.begin(s, r.stack.tokenOfOperation())
	o.onFailure = "DO_NOTHING" // the parent deletes it
	a.setStatus(s, "CREATE_IN_PROGRESS", "User Initiated")
	o.create()
	a.awaitNested(s, "created", func(err error) {
		r.takeOutputs(s)
		done(err)
	})
}

func (r *resource) takeOutputs(s *stack) {
	maps.DeleteFunc(r.Attributes, func(name string, _ any) bool { return strings.HasPrefix(name, "Outputs.") })
	for _, output := range s.outputs {
		r.Attributes["Outputs."+output.Key] = output.Value
	}
}

// updateNested waits for what the nested stack still does by itself: a rollback of its own, when the parent's begins.
func updateNested(a *AWS, r *resource, old map[string]any, done func(error)) {
	s := a.stack(r.PhysicalID)
	if s.operation != nil {
		a.after(time.Second, func() { updateNested(a, r, old, done) })
		return
	}
	if s.status == "UPDATE_ROLLBACK_FAILED" {
		a.resume(s, r.stack.tokenOfOperation()).rollBack("")
		a.awaitNestedRollback(s, done)
		return
	}
	with, err := a.nestedSettings(r)
	if err == nil {
		var changes bool
		if changes, err = a.changes(s, with); err == nil && !changes {
			a.after(time.Second, func() { done(nil) })
			return
		}
	}
	if err != nil {
		a.after(time.Second, func() { done(err) })
		return
	}
	o := a.begin(s, r.stack.tokenOfOperation())
	a.setStatus(s, "UPDATE_IN_PROGRESS", "User Initiated")
	o.update(with)
	a.awaitNested(s, "updated", func(err error) {
		r.takeOutputs(s)
		done(err)
	})
}

// awaitNested looks each second how a nested stack fares, and says of a failure what a parent says: of an update, as
// soon as the nested stack rolls it back (civic-devops#142).
func (a *AWS) awaitNested(s *stack, verb string, done func(error)) {
	a.after(time.Second, func() {
		switch {
		case slices.Contains([]string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"}, s.status):
			done(nil)
		case strings.HasPrefix(s.status, "UPDATE_ROLLBACK"):
			done(s.notUpdated())
		case strings.HasSuffix(s.status, "_FAILED"):
			done(awsText(fmt.Sprintf("Embedded stack %s was not successfully %s: %s", s.id, verb, s.reason)))
		default:
			a.awaitNested(s, verb, done)
		}
	})
}

// awaitNestedRollback looks each second how the rollback of a nested stack fares that is tried again.
func (a *AWS) awaitNestedRollback(s *stack, done func(error)) {
	a.after(time.Second, func() {
		switch s.status {
		case "UPDATE_ROLLBACK_COMPLETE":
			done(nil)
		case "UPDATE_ROLLBACK_FAILED":
			done(s.notUpdated())
		default:
			a.awaitNestedRollback(s, done)
		}
	})
}

func (s *stack) notUpdated() error {
	return awsText(fmt.Sprintf("Embedded stack %s was not successfully updated. Currently in %s with reason: %s", s.id, s.status, s.reason))
}
