package cloudformation

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

type templateParameter struct {
	Type          string
	Default       *string
	AllowedValues []string
	NoEcho        bool
	Description   string

	pattern, constraint  string // AllowedPattern, ConstraintDescription
	allowed              *regexp.Regexp
	minLength, maxLength string
	minValue, maxValue   string
}

func parameter(name string, v map[string]any) (templateParameter, error) {
	text := func(key string) string { return property.Text(v[key]) }
	p := templateParameter{
		Type:          text("Type"),
		AllowedValues: property.Texts(v["AllowedValues"]),
		NoEcho:        text("NoEcho") == "true",
		Description:   text("Description"),
		pattern:       text("AllowedPattern"),
		constraint:    text("ConstraintDescription"),
		minLength:     text("MinLength"),
		maxLength:     text("MaxLength"),
		minValue:      text("MinValue"),
		maxValue:      text("MaxValue"),
	}
	if standard, ok := v["Default"].(string); ok {
		p.Default = &standard
	}
	if p.pattern == "" {
		return p, nil
	}
	var err error
	if p.allowed, err = regexp.Compile(`^(?:` + p.pattern + `)$`); err != nil { // the words are inferred
		return p, wire.Invalid(fmt.Sprintf("Template format error: Parameter '%s' AllowedPattern must be a valid regular expression.", name))
	}
	return p, nil
}

// givenParameters returns the values that a call gives, or asks to keep. The error is that of
// rackerlabs/ebs_snapper#56.
func givenParameters(form url.Values, was *stack) (map[string]string, error) {
	given := wire.Pairs(form, "Parameters", "ParameterKey", "ParameterValue")
	for name, keep := range wire.Pairs(form, "Parameters", "ParameterKey", "UsePreviousValue") {
		if keep != "true" {
			continue
		}
		value, known := "", false
		if was != nil {
			value, known = was.settings.parameters[name]
		}
		if !known {
			return nil, wire.Invalid(fmt.Sprintf("Invalid input for parameter key %s. "+
				"Cannot specify usePreviousValue as true for a parameter key not in the previous template", name))
		}
		given[name] = value
	}
	return given, nil
}

// fill returns the value of every parameter: the given one, or the default.
func (t *template) fill(given map[string]string) (map[string]string, error) {
	var unknown, missing []string
	for name := range given {
		if _, ok := t.Parameters[name]; !ok {
			unknown = append(unknown, name)
		}
	}
	values := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		p := t.Parameters[name]
		v, ok := given[name]
		if !ok && p.Default == nil {
			missing = append(missing, name)
			continue
		}
		if !ok {
			v = *p.Default
		}
		if err := p.check(name, v); err != nil {
			return nil, err
		}
		values[name] = v
	}
	slices.Sort(unknown)
	switch {
	case len(missing) > 0:
		return nil, wire.Invalid(fmt.Sprintf("Parameters: [%s] must have values", strings.Join(missing, ", ")))
	case len(unknown) > 0:
		return nil, wire.Invalid(fmt.Sprintf("Parameters: [%s] do not exist in the template", strings.Join(unknown, ", ")))
	}
	return values, nil
}

// check returns an error if a value does not satisfy the parameter's constraints. CloudFormation checks
// them, of defaults too, before anything begins. With a ConstraintDescription the words are those of
// aws-cli#7750. Without, "must match pattern" is recorded (aws-connected-device-framework#183), "must be
// one of AllowedValues" and "must contain at most" too, and the others are in their form.
func (p templateParameter) check(name, value string) error {
	problem := p.problem(value)
	switch {
	case problem == "":
		return nil
	case p.constraint != "":
		return wire.Invalid(fmt.Sprintf("Parameter %s failed to satisfy constraint: %s", name, p.constraint))
	default:
		return wire.Invalid(fmt.Sprintf("Parameter '%s' %s", name, problem))
	}
}

// problem returns which constraint a value does not satisfy, or "". Of a list, each value has to.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
func (p templateParameter) problem(value string) string {
	for _, one := range p.split(value) {
		switch {
		case len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, one):
			return "must be one of AllowedValues"
		case p.allowed != nil && !p.allowed.MatchString(one):
			return "must match pattern " + p.pattern
		case p.minLength != "" && utf8.RuneCountInString(one) < number(p.minLength):
			return "must contain at least " + p.minLength + " characters"
		case p.maxLength != "" && utf8.RuneCountInString(one) > number(p.maxLength):
			return "must contain at most " + p.maxLength + " characters"
		}
		if !strings.Contains(p.Type, "Number") {
			continue
		}
		n, err := strconv.ParseFloat(one, 64)
		switch {
		case err != nil:
			return "must be a number"
		case p.minValue != "" && n < float64(number(p.minValue)):
			return "must be a number not less than " + p.minValue
		case p.maxValue != "" && n > float64(number(p.maxValue)):
			return "must be a number not greater than " + p.maxValue
		}
	}
	return ""
}

func number(text string) int { return property.Number(text, 0) }

// split returns the values of a list, without spaces around them, or the one value.
func (p templateParameter) split(value string) []string {
	if !p.isList() || strings.HasPrefix(p.Type, storedType) {
		return []string{value}
	}
	list := strings.Split(value, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// isList reports whether functions see the value as a list.
func (p templateParameter) isList() bool {
	kind := strings.TrimPrefix(p.Type, storedType)
	return strings.HasPrefix(kind, "CommaDelimitedList") || strings.HasPrefix(kind, "List<")
}
