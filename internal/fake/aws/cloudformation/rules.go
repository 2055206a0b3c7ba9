package cloudformation

import (
	"maps"
	"slices"

	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// checkRules checks the assertions of the template's section Rules, before anything begins: a stack whose
// parameters do not hold them is neither created nor updated.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
//
// No recording of a refusal was found. That it shows the AssertDescription is documented.
func (s scope) checkRules() error {
	for _, name := range slices.Sorted(maps.Keys(s.template.Rules)) {
		rule := property.Object(s.template.Rules[name])
		if condition, ok := rule["RuleCondition"]; ok {
			applies, err := s.resolve(condition)
			if err != nil {
				return err
			}
			if applies != "true" {
				continue
			}
		}
		for _, v := range property.List(rule["Assertions"]) {
			assertion := property.Object(v)
			holds, err := s.resolve(assertion["Assert"])
			if err != nil {
				return err
			}
			if holds != "true" {
				return wire.Invalid("Template constraint violation: " + name + ": " + property.Text(assertion["AssertDescription"]))
			}
		}
	}
	return nil
}

// each reports whether all values of a list satisfy a test.
func each(list []any, satisfies func(any) bool) bool {
	return !slices.ContainsFunc(list, func(v any) bool { return !satisfies(v) })
}

// logicalFunction calls a function that is true or false. The last three are for rules only. ok is false
// for any other function.
func logicalFunction(name string, list []any) (holds, ok bool) {
	switch {
	case name == "Fn::And":
		return each(list, func(v any) bool { return v == "true" }), true
	case name == "Fn::Or":
		return slices.Contains(list, any("true")), true
	case name == "Fn::Not" && len(list) == 1:
		return list[0] != "true", true
	case len(list) != 2:
		return false, false
	}
	first := property.List(list[0])
	switch name {
	case "Fn::Equals":
		return property.Text(list[0]) == property.Text(list[1]), true
	case "Fn::Contains":
		return slices.Contains(first, list[1]), true
	case "Fn::EachMemberEquals":
		return each(first, func(v any) bool { return v == list[1] }), true
	case "Fn::EachMemberIn":
		return each(first, func(v any) bool { return slices.Contains(property.List(list[1]), v) }), true
	}
	return false, false
}
