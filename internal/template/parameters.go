package template

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"pr-stack/internal/hint"
	"pr-stack/internal/suggest"
)

// Parameter is a parameter that a template declares.
type Parameter struct {
	Name       string
	HasDefault bool
}

// Parameters returns the values of the declared parameters. An override wins over pr-stack's
// built-in value, which wins over the base stack's output of the same name. A parameter that has
// none of these keeps its default and is not in the result.
//
// The error joins a *hint.Error for each override that is not declared, and one for all parameters
// that have no value. It never shows a value.
func Parameters(declared []Parameter, base, builtin, overrides map[string]string) (map[string]string, error) {
	values := map[string]string{}
	var names, missing []string
	for _, p := range declared {
		names = append(names, p.Name)
		value, ok := first(p.Name, overrides, builtin, base)
		switch {
		case ok:
			values[p.Name] = value
		case !p.HasDefault:
			missing = append(missing, p.Name)
		}
	}

	var errs []error
	for _, name := range slices.Sorted(maps.Keys(overrides)) {
		if !slices.Contains(names, name) {
			errs = append(errs, undeclared(name, names))
		}
	}
	if len(missing) > 0 {
		errs = append(errs, withoutValue(missing))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return values, nil
}

// first returns the value from the first of the sources that has one.
func first(name string, sources ...map[string]string) (string, bool) {
	for _, source := range sources {
		if value, ok := source[name]; ok {
			return value, true
		}
	}
	return "", false
}

// undeclared returns the error for an override that the template does not declare. The hint names
// the parameter that was most likely meant, or else lists all declared parameters.
func undeclared(name string, declared []string) error {
	advice := "choose one of these in parameter-overrides: " + strings.Join(declared, ", ")
	if near := suggest.Nearest(name, declared); near != "" {
		advice = "write " + near + " in parameter-overrides"
	}
	if len(declared) == 0 {
		advice = "remove it from parameter-overrides; the template declares no parameter"
	}
	return hint.New(advice, "override parameter %s: the template does not declare it", name)
}

// withoutValue returns the error for all parameters that have no value.
func withoutValue(names []string) error {
	const advice = "set it in parameter-overrides, give it a Default in the template, " +
		"or add an output of that name to the base stack"
	if len(names) == 1 {
		return hint.New(advice, "fill in the template: parameter %s has no value", names[0])
	}
	return hint.New(advice, "fill in the template: parameters %s have no value", strings.Join(names, ", "))
}
