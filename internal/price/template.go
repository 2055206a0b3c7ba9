package price

import (
	"errors"
	"maps"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is as much of a CloudFormation template as prices depend on.
type document struct {
	parameters map[string]string
	conditions map[string]any
	mappings   map[string]any
	resources  map[string]resource // by logical ID, without those whose condition does not hold
	steps      int                 // that evaluation took
}

type resource struct {
	kind       string // AWS::ECS::Service
	properties map[string]any
}

// parse reads a template and puts in the values of its parameters. A reference to a resource becomes its logical ID; what
// depends on anything else, such as an export, becomes nil.
func parse(body string, given map[string]string) (*document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(body), &root); err != nil {
		return nil, err
	}
	if len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("it is no mapping")
	}
	sections := object(plain(root.Content[0], 0))
	d := &document{parameters: map[string]string{}, conditions: object(sections["Conditions"]), mappings: object(sections["Mappings"]), resources: map[string]resource{}}
	for name, declared := range object(sections["Parameters"]) {
		d.parameters[name] = text(object(declared)["Default"])
	}
	maps.Copy(d.parameters, given)
	for id, declared := range object(sections["Resources"]) {
		r := object(declared)
		if condition := text(r["Condition"]); condition != "" && !d.holds(condition, 0) {
			continue
		}
		d.resources[id] = resource{kind: text(r["Type"]), properties: object(d.value(r["Properties"], 0))}
	}
	return d, nil
}

// CloudFormation refuses what goes in circles or has no end; this may read what it has not seen.
const (
	deepest = 50      // that anything is followed
	longest = 100_000 // steps of evaluation
)

// goesOn tells whether evaluation is still within bounds.
func (d *document) goesOn(depth int) bool {
	d.steps++
	return depth <= deepest && d.steps <= longest
}

// plain turns YAML, of which JSON is a part, into maps, lists and strings, with the short forms of functions written out.
func plain(n *yaml.Node, depth int) any {
	if depth > deepest || n.Kind == yaml.AliasNode { // which CloudFormation does not take
		return nil
	}
	var v any
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(n.Content[i+1], depth+1)
		}
		v = m
	case yaml.SequenceNode:
		items := []any{}
		for _, item := range n.Content {
			items = append(items, plain(item, depth+1))
		}
		v = items
	default:
		v = n.Value
	}
	name, ok := strings.CutPrefix(n.Tag, "!")
	switch {
	case !ok || strings.HasPrefix(name, "!"):
		return v
	case name == "Ref" || name == "Condition":
		return map[string]any{name: v}
	}
	return map[string]any{"Fn::" + name: v}
}

// value evaluates what can be known before a stack is made.
func (d *document) value(v any, depth int) any {
	if !d.goesOn(depth) {
		return nil
	}
	switch v := v.(type) {
	case []any:
		var items []any
		for _, item := range v {
			items = append(items, d.value(item, depth+1))
		}
		return items
	case map[string]any:
		if name, argument, ok := function(v); ok {
			return d.call(name, argument, depth+1)
		}
		m := map[string]any{}
		for key, item := range v {
			m[key] = d.value(item, depth+1)
		}
		return m
	}
	return v
}

// function takes a mapping apart that stands for a function's value.
func function(m map[string]any) (name string, argument any, ok bool) {
	if len(m) != 1 {
		return "", nil, false
	}
	for name, argument = range m {
		ok = name == "Ref" || name == "Condition" || strings.HasPrefix(name, "Fn::")
	}
	return name, argument, ok
}

func (d *document) call(name string, argument any, depth int) any {
	arguments := list(argument)
	switch {
	case name == "Ref":
		if value, ok := d.parameters[text(argument)]; ok {
			return value
		}
		if strings.HasPrefix(text(argument), "AWS::") {
			return nil
		}
		return text(argument)
	case name == "Fn::If" && len(arguments) == 3:
		if d.holds(text(arguments[0]), depth) {
			return d.value(arguments[1], depth)
		}
		return d.value(arguments[2], depth)
	case name == "Fn::FindInMap" && len(arguments) >= 3:
		found := d.mappings
		for _, key := range arguments[:2] {
			found = object(found[text(d.value(key, depth))])
		}
		return found[text(d.value(arguments[2], depth))]
	}
	return nil
}

// holds tells whether a condition of that name does. One that depends on what is not known does not.
func (d *document) holds(name string, depth int) bool {
	return d.condition(d.conditions[name], depth+1)
}

func (d *document) condition(v any, depth int) bool {
	if !d.goesOn(depth) {
		return false
	}
	name, argument, _ := function(object(v))
	arguments := list(argument)
	switch {
	case name == "Condition":
		return d.holds(text(argument), depth)
	case name == "Fn::Not" && len(arguments) == 1:
		return !d.condition(arguments[0], depth+1)
	case name == "Fn::Equals" && len(arguments) == 2:
		return text(d.value(arguments[0], depth)) == text(d.value(arguments[1], depth))
	case name == "Fn::And", name == "Fn::Or":
		for _, a := range arguments {
			if d.condition(a, depth+1) == (name == "Fn::Or") {
				return name == "Fn::Or"
			}
		}
		return name == "Fn::And"
	}
	return false
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// list is what a list or a parameter of a list type holds, which is one string with commas.
func list(v any) []any {
	if items, ok := v.([]any); ok {
		return items
	}
	var items []any
	for item := range strings.SplitSeq(text(v), ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
