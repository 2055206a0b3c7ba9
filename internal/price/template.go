package price

import (
	"errors"
	"maps"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document holds the parts of a CloudFormation template that prices depend on.
type document struct {
	parameters map[string]string
	conditions map[string]*yaml.Node
	truths     map[string]truth    // of the conditions that were evaluated
	resources  map[string]resource // by logical ID, without those whose condition does not hold
}

type resource struct {
	kind       string // AWS::ECS::Service
	properties map[string]any
	uncertain  bool // its condition could not be evaluated
}

// parse reads a template and inserts the values of its parameters. It evaluates what most templates
// use: Ref (for a resource, its value is the logical ID) and Fn::If with a condition that compares
// values. Any other function becomes nil, and a resource that depends on nil has no price.
func parse(body string, given map[string]string) (*document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(body), &root); err != nil {
		return nil, err
	}
	if len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("it is not a mapping")
	}
	sections := fields(root.Content[0])
	d := &document{
		parameters: map[string]string{}, conditions: fields(sections["Conditions"]), truths: map[string]truth{},
		resources: map[string]resource{},
	}
	for name, declared := range fields(sections["Parameters"]) {
		d.parameters[name] = text(d.value(fields(declared)["Default"]))
	}
	maps.Copy(d.parameters, given)
	for id, declared := range fields(sections["Resources"]) {
		r := fields(declared)
		holds, known := true, true
		if condition := r["Condition"]; condition != nil {
			t := d.named(condition.Value)
			holds, known = t.holds, t.known
		}
		if holds || !known {
			kind, properties := text(d.value(r["Type"])), object(d.value(r["Properties"]))
			d.resources[id] = resource{kind, properties, !known}
		}
	}
	return d, nil
}

// fields returns the values of a mapping by key. For any other node it returns an empty map.
func fields(n *yaml.Node) map[string]*yaml.Node {
	m := map[string]*yaml.Node{}
	if n != nil && n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = n.Content[i+1]
		}
	}
	return m
}

// function returns the name, without Fn::, and the argument of the function that a value calls; ""
// if it calls none. In YAML each function has a short form, a tag; JSON has only the long form, a
// mapping.
func function(n *yaml.Node) (name string, argument *yaml.Node) {
	if name, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(name, "!") {
		return name, n
	}
	if n.Kind == yaml.MappingNode && len(n.Content) == 2 {
		name, ok := strings.CutPrefix(n.Content[0].Value, "Fn::")
		if ok || name == "Ref" {
			return name, n.Content[1]
		}
	}
	return "", nil
}

// value evaluates a value to a string, a list or a mapping; nil if that is not possible.
// CloudFormation does not accept aliases, so a template has no cycles.
func (d *document) value(n *yaml.Node) any {
	if n == nil {
		return nil
	}
	switch name, argument := function(n); {
	case name == "Ref" && !strings.HasPrefix(argument.Value, "AWS::"):
		if value, ok := d.parameters[argument.Value]; ok {
			return value
		}
		return argument.Value
	case name == "If" && len(argument.Content) == 3:
		switch t := d.named(argument.Content[0].Value); {
		case !t.known:
			return nil
		case t.holds:
			return d.value(argument.Content[1])
		}
		return d.value(argument.Content[2])
	case name != "":
		return nil
	}
	switch n.Kind {
	case yaml.ScalarNode:
		return n.Value
	case yaml.SequenceNode:
		items := []any{}
		for _, item := range n.Content {
			items = append(items, d.value(item))
		}
		return items
	case yaml.MappingNode:
		m := map[string]any{}
		for key, item := range fields(n) {
			m[key] = d.value(item)
		}
		return m
	}
	return nil
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// list returns the items of a list, or of a parameter of a list type, which is one string with
// commas.
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
