package cloudformation

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/property"
)

// resourceChange is what a change set says about one resource.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
type resourceChange struct {
	Action       string         `xml:"ResourceChange>Action"`
	PolicyAction string         `xml:"ResourceChange>PolicyAction,omitempty"`
	LogicalID    string         `xml:"ResourceChange>LogicalResourceId"`
	PhysicalID   string         `xml:"ResourceChange>PhysicalResourceId,omitempty"`
	Kind         string         `xml:"ResourceChange>ResourceType"`
	Replacement  string         `xml:"ResourceChange>Replacement,omitempty"`
	Scope        []string       `xml:"ResourceChange>Scope>member"`
	Details      []changeDetail `xml:"ResourceChange>Details>member"`
	Type         string
}

// changeDetail is one reason for which a resource is changed.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChangeDetail.html
type changeDetail struct {
	Attribute    string `xml:"Target>Attribute"`
	Name         string `xml:"Target>Name,omitempty"`
	Recreation   string `xml:"Target>RequiresRecreation"`
	Evaluation   string
	ChangeSource string
	Causing      string `xml:"CausingEntity,omitempty"`
}

// compare returns what would happen to each resource of a stack. As in AWS, it is not known before the
// update what an attribute of a changed resource will be: what uses it is changed, too, and is replaced
// "conditionally" if the property cannot be changed in place.
func (c *Engine) compare(s *stack, target settings) []resourceChange {
	needs := c.needs(s, target)
	found := map[string]*resourceChange{}
	for id, r := range s.resources {
		if _, kept := needs[id]; !kept {
			policy := "Delete"
			if s.settings.template.Resources[id].DeletionPolicy == "Retain" {
				policy = "Retain"
			}
			found[id] = &resourceChange{Action: "Remove", PolicyAction: policy, LogicalID: id, PhysicalID: r.PhysicalID, Kind: r.Type}
		}
	}
	left := slices.Sorted(maps.Keys(needs))
	for len(left) > 0 { // a template has no circles
		left = slices.DeleteFunc(left, func(id string) bool {
			if slices.ContainsFunc(needs[id], func(need string) bool { return need != id && slices.Contains(left, need) }) {
				return false
			}
			if change := c.compareResource(s, target, id, found); change != nil {
				found[id] = change
			}
			return true
		})
	}
	var changes []resourceChange
	for _, id := range slices.Sorted(maps.Keys(found)) {
		found[id].Type = "Resource"
		changes = append(changes, *found[id])
	}
	return changes
}

// compareResource returns how one resource would change, given the changes of those that it uses; nil if
// it would not.
func (c *Engine) compareResource(s *stack, target settings, id string, others map[string]*resourceChange) *resourceChange {
	definition, r := target.template.Resources[id], s.resources[id]
	if r == nil {
		return &resourceChange{Action: "Add", LogicalID: id, Kind: definition.Type}
	}
	change := &resourceChange{Action: "Modify", LogicalID: id, PhysicalID: r.PhysicalID, Kind: r.Type, Replacement: "False"}
	kind, before := c.types[r.Type], r.model()
	asked, _ := c.model(s, target, definition) // what cannot be resolved now is an attribute of a changed resource
	if !maps.Equal(before.tags, asked.tags) {
		change.Scope = append(change.Scope, "Tags")
		change.Details = append(change.Details, changeDetail{Attribute: "Tags", Recreation: "Never", Evaluation: "Static", ChangeSource: "DirectModification"})
	}
	scope := c.scope(s, target)
	for _, name := range slices.Sorted(maps.Keys(union(before.properties, asked.properties))) {
		if kind.Taggable && name == "Tags" {
			continue
		}
		detail := changeDetail{Attribute: "Properties", Name: name, Recreation: "Never", Evaluation: "Static", ChangeSource: "DirectModification"}
		if kind.replacesFor(before, name) {
			detail.Recreation = "Always"
		}
		causes := uses(scope, definition.Properties[name], others)
		for _, cause := range causes {
			dynamic := detail
			dynamic.Evaluation, dynamic.ChangeSource, dynamic.Causing = "Dynamic", "ResourceReference", cause
			if strings.Contains(cause, ".") {
				dynamic.ChangeSource = "ResourceAttribute"
			}
			change.add(dynamic)
		}
		if len(causes) == 0 && !reflect.DeepEqual(before.properties[name], asked.properties[name]) {
			change.add(detail)
		}
	}
	if len(change.Details) == 0 {
		return nil
	}
	if r.Type != definition.Type {
		change.Replacement = "True"
	}
	return change
}

// add adds a detail. The one with the most impact decides about the replacement: "if the
// RequiresRecreation field is Always and the Evaluation field is Static, Replacement is True. If the
// RequiresRecreation field is Always and the Evaluation field is Dynamic, Replacement is Conditional."
func (change *resourceChange) add(d changeDetail) {
	if !slices.Contains(change.Scope, d.Attribute) {
		change.Scope = append(change.Scope, d.Attribute)
	}
	change.Details = append(change.Details, d)
	switch {
	case d.Recreation == "Always" && d.Evaluation == "Static":
		change.Replacement = "True"
	case d.Recreation == "Always" && change.Replacement == "False":
		change.Replacement = "Conditional"
	}
}

// replacesFor reports whether another value of that property needs a new resource.
func (t Type) replacesFor(before model, name string) bool {
	changed := maps.Clone(before.properties)
	changed[name] = struct{ another string }{"value"}
	return t.Replaces != nil && t.Replaces(before.properties, changed)
}

func union(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// uses returns by what a value depends on resources that would change: NAME for a Ref to one that would
// be new, or may be; NAME.ATTRIBUTE for an attribute of one that would change in any way.
func uses(s scope, v any, changes map[string]*resourceChange) (list []string) {
	add := func(id, attribute string) {
		change := changes[id]
		switch {
		case change == nil, attribute == "" && change.Action == "Modify" && change.Replacement == "False":
		case attribute != "":
			list = append(list, id+"."+attribute)
		default:
			list = append(list, id)
		}
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			list = append(list, uses(s, item, changes)...)
		}
	case map[string]any:
		for name, argument := range v {
			path := property.Texts(argument)
			switch {
			case len(v) > 1:
				list = append(list, uses(s, argument, changes)...)
			case name == "Ref":
				add(property.Text(argument), "")
			case name == "Fn::GetAtt" && len(path) == 2:
				add(path[0], path[1])
			case name == "Fn::If":
				list = append(list, uses(s, s.branch(argument), changes)...)
			case name == "Fn::Sub":
				for _, match := range variable.FindAllStringSubmatch(property.Text(argument), -1) {
					id, attribute, _ := strings.Cut(match[1], ".")
					add(id, attribute)
				}
				if parts, ok := argument.([]any); ok {
					list = append(list, uses(s, parts, changes)...)
				}
			default:
				list = append(list, uses(s, argument, changes)...)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// branch returns what an Fn::If stands for.
func (s scope) branch(argument any) any {
	list, _ := argument.([]any)
	if len(list) != 3 {
		return nil
	}
	if holds, _ := s.holds(property.Text(list[0])); holds {
		return list[1]
	}
	return list[2]
}
