package fakeaws

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
		for _, output := range s.outputs {
			r.Attributes["Outputs."+output.Key] = output.Value
		}
		done(err)
	})
}

func updateNested(a *AWS, r *resource, _ map[string]any, done func(error)) {
	s := a.stack(r.PhysicalID)
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
	a.awaitNested(s, "updated", done)
}

// awaitNested looks each second how a nested stack fares, and says of a failure what a parent says (civic-devops#142).
func (a *AWS) awaitNested(s *stack, verb string, done func(error)) {
	a.after(time.Second, func() {
		switch {
		case slices.Contains([]string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"}, s.status):
			done(nil)
		case strings.HasSuffix(s.status, "_FAILED"), strings.HasPrefix(s.status, "UPDATE_ROLLBACK"):
			done(awsText(fmt.Sprintf("Embedded stack %s was not successfully %s: %s", s.id, verb, s.reason)))
		default:
			a.awaitNested(s, verb, done)
		}
	})
}
