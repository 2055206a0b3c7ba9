package cloudformation

import (
	"errors"
	"maps"
	"reflect"
	"slices"

	"pr-stack/internal/fake/aws/internal/account"
)

// Permissions are the IAM actions that the handlers of a type call. CloudFormation has no rights of
// its own: each action needs the rights of the caller, or of the stack's role.
type Permissions struct {
	// ARN returns the resource's ARN; before it is created, with * in place of an ID that is not known
	// yet, as IAM evaluates the action that creates it.
	ARN func(r *Resource) string

	Create Needs // to create the resource
	Made   Needs // after the resource is created
	Read   Needs // at the end of a creation
	Update Needs
	Delete Needs
	Tag    Needs // if a creation or an update sets tags
	Untag  Needs // if an update removes a tag or changes its value

	// KeepsKeys means that Untag is called only for tags that are removed. Otherwise it is also called for
	// tags whose value changes (aws-cdk#21571; providers-ecr 6f18348, UpdateHandler.handleTagging).
	KeepsKeys bool
	// Refuse returns a denial in the words of the type's handler. tagging means that the action is one of
	// Tag or Untag.
	Refuse func(d *account.Denied, tagging bool) error
}

// Needs are actions that a handler calls.
type Needs []need

type need struct {
	action     string
	on         func(r *Resource) []string // ARNs; nil: "*"
	properties []string
	removed    []string
	changed    bool
	rollback   bool
	tags       bool
	context    map[string]string
	contextOf  map[string]func(*Resource) string
}

// Anywhere returns actions on no particular resource.
func Anywhere(actions ...string) Needs { return On(nil, actions...) }

// On returns actions on the resources of these ARNs.
func On(arns func(r *Resource) []string, actions ...string) Needs {
	var n Needs
	for _, action := range actions {
		n = append(n, need{action: action, on: arns})
	}
	return n
}

// OnARN returns actions on one resource.
func OnARN(arn func(r *Resource) string, actions ...string) Needs {
	return On(func(r *Resource) []string { return []string{arn(r)} }, actions...)
}

// All joins several Needs, in the order of the calls.
func All(lists ...Needs) Needs { return slices.Concat(lists...) }

func (n Needs) with(set func(*need)) Needs {
	n = slices.Clone(n)
	for i := range n {
		set(&n[i])
	}
	return n
}

// For limits the actions to resources that have one of the properties and, in an update, to changes
// of one of them.
func (n Needs) For(properties ...string) Needs {
	return n.with(func(one *need) { one.properties = properties })
}

// Without limits the actions to updates that remove one of the properties.
func (n Needs) Without(properties ...string) Needs {
	return n.with(func(one *need) { one.removed = properties })
}

// IfChanged limits the actions to updates of other things than tags.
func (n Needs) IfChanged() Needs { return n.with(func(one *need) { one.changed = true }) }

// InRollback limits the actions to updates that undo another update.
func (n Needs) InRollback() Needs { return n.with(func(one *need) { one.rollback = true }) }

// WithTags is for actions whose request has the resource's tags (aws:RequestTag).
func (n Needs) WithTags() Needs { return n.with(func(one *need) { one.tags = true }) }

// Context adds a value for the conditions of policies.
func (n Needs) Context(key, value string) Needs {
	return n.with(func(one *need) {
		one.context = maps.Clone(one.context)
		if one.context == nil {
			one.context = map[string]string{}
		}
		one.context[key] = value
	})
}

// ContextOf adds a value that depends on the resource. With "" the request lacks the key.
func (n Needs) ContextOf(key string, value func(*Resource) string) Needs {
	return n.with(func(one *need) {
		one.contextOf = maps.Clone(one.contextOf)
		if one.contextOf == nil {
			one.contextOf = map[string]func(*Resource) string{}
		}
		one.contextOf[key] = value
	})
}

// handling is one run of a handler on a resource. before is nil unless it updates.
type handling struct {
	r        *Resource
	before   *model
	rollback bool
}

func (h handling) applies(n need) bool {
	switch {
	case n.rollback && !h.rollback:
		return false
	case n.changed && h.before != nil && same(withoutTags(h.before.properties), withoutTags(h.r.Properties)):
		return false
	case len(n.removed) > 0:
		return slices.ContainsFunc(n.removed, func(name string) bool {
			return h.before != nil && h.before.properties[name] != nil && h.r.Properties[name] == nil
		})
	case len(n.properties) == 0:
		return true
	}
	return slices.ContainsFunc(n.properties, func(name string) bool {
		if h.before != nil {
			return !reflect.DeepEqual(h.before.properties[name], h.r.Properties[name])
		}
		return h.r.Properties[name] != nil
	})
}

// check returns the denial of the first action that the operation's principal may not call, or nil.
func (o *operation) check(h handling, needs Needs, tagging bool) error {
	for _, n := range needs {
		if !h.applies(n) {
			continue
		}
		arns := []string{"*"}
		if n.on != nil {
			arns = n.on(h.r)
		}
		for _, arn := range arns {
			if err := o.checkOne(h.r, n, arn); err != nil {
				return o.engine.types[h.r.Type].Permissions.refuse(err, tagging)
			}
		}
	}
	return nil
}

func (o *operation) checkOne(r *Resource, n need, arn string) error {
	access := account.Access{Action: n.action, Resource: arn, Context: n.context}
	access = access.WithResourceTags(o.engine.account.Tags(arn))
	for key, value := range n.contextOf {
		if v := value(r); v != "" {
			access = access.With(key, v)
		}
	}
	if n.tags {
		access = access.WithRequestTags(r.Tags)
	}
	return o.principal.Check(access)
}

func (p Permissions) refuse(err error, tagging bool) error {
	denied, ok := errors.AsType[*account.Denied](err)
	if !ok || p.Refuse == nil {
		return err
	}
	return p.Refuse(denied, tagging)
}

// checkCreate checks the actions that create the resource with its tags.
func (o *operation) checkCreate(r *Resource) error {
	p, h := o.engine.types[r.Type].Permissions, handling{r: r}
	if err := o.check(h, p.Create, false); err != nil || len(r.Tags) == 0 {
		return err
	}
	return o.check(h, p.Tag, true)
}

// checkUpdate checks the actions that update the resource, which was as in before.
func (o *operation) checkUpdate(r *Resource, before model) error {
	p, h := o.engine.types[r.Type].Permissions, handling{r, &before, o.rollingBack}
	removed, changed, added := difference(before.tags, r.Tags)
	if removed || changed && !p.KeepsKeys {
		if err := o.check(h, p.Untag, true); err != nil {
			return err
		}
	}
	if changed || added {
		if err := o.check(h, p.Tag, true); err != nil {
			return err
		}
	}
	return o.check(h, p.Update, false)
}

// difference reports how tags differ from what they were before.
func difference(before, now map[string]string) (removed, changed, added bool) {
	for key, value := range before {
		is, ok := now[key]
		removed = removed || !ok
		changed = changed || ok && is != value
	}
	for key := range now {
		_, ok := before[key]
		added = added || !ok
	}
	return removed, changed, added
}

func withoutTags(properties map[string]any) map[string]any {
	properties = maps.Clone(properties)
	delete(properties, "Tags")
	return properties
}
