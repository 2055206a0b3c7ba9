package price

import "go.yaml.in/yaml/v3"

// truth is the value of a condition, as far as it can be evaluated.
type truth struct{ holds, known bool }

// named evaluates a condition by its name, once. One that depends on itself, which CloudFormation does
// not allow, is not known.
func (d *document) named(name string) truth {
	if found, ok := d.truths[name]; ok {
		return found
	}
	d.truths[name] = truth{}
	t := truth{}
	t.holds, t.known = d.holds(d.conditions[name])
	d.truths[name] = t
	return t
}

// holds evaluates Fn::Equals, and what combines such conditions: Fn::Not, Fn::And, Fn::Or and the name of
// another condition. No other function is known.
func (d *document) holds(condition *yaml.Node) (holds, known bool) {
	if condition == nil {
		return false, false
	}
	name, argument := function(condition)
	if other := fields(condition)["Condition"]; other != nil { // JSON has no short forms
		name, argument = "Condition", other
	}
	switch {
	case name == "Condition" && argument.Kind == yaml.ScalarNode:
		t := d.named(argument.Value)
		return t.holds, t.known
	case name == "Not" && len(argument.Content) == 1:
		holds, known = d.holds(argument.Content[0])
		return !holds, known
	case name == "And" || name == "Or":
		return d.combined(argument.Content, name == "Or")
	case name == "Equals" && len(argument.Content) == 2:
		left, okLeft := d.value(argument.Content[0]).(string)
		right, okRight := d.value(argument.Content[1]).(string)
		return left == right, okLeft && okRight
	}
	return false, false
}

// combined evaluates Fn::And, or Fn::Or: one condition that is decisive decides, whatever the others are.
func (d *document) combined(conditions []*yaml.Node, decisive bool) (holds, known bool) {
	known = len(conditions) > 0
	for _, c := range conditions {
		one, ok := d.holds(c)
		if ok && one == decisive {
			return decisive, true
		}
		known = known && ok
	}
	return !decisive, known
}
