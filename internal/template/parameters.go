package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Parameter is one that a template declares.
type Parameter struct {
	Name       string
	HasDefault bool
}

// Parameters returns the values of the declared parameters: an override, else pr-stack's own value, else the base stack's
// output of that name. One that none of them knows keeps its default and is not in the result.
//
// An error names every override that is not declared and every parameter that is left without a value, as an
// *UnknownError and a *MissingError. It never shows a value.
func Parameters(declared []Parameter, base, own, overrides map[string]string) (map[string]string, error) {
	values := map[string]string{}
	var names, missing []string
	for _, p := range declared {
		names = append(names, p.Name)
		value, ok := first(p.Name, overrides, own, base)
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
			errs = append(errs, &UnknownError{Name: name, Declared: names})
		}
	}
	if len(missing) > 0 {
		errs = append(errs, &MissingError{Names: missing})
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return values, nil
}

// first returns the value that the first of the sources has.
func first(name string, sources ...map[string]string) (string, bool) {
	for _, source := range sources {
		if value, ok := source[name]; ok {
			return value, true
		}
	}
	return "", false
}

// UnknownError is an override that the template does not declare.
type UnknownError struct {
	Name     string
	Declared []string // what the template declares instead
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("override parameter %s: the template does not declare it", e.Name)
}

// Hint names the parameter that was most likely meant, or all there are.
func (e *UnknownError) Hint() string {
	if len(e.Declared) == 0 {
		return "remove it from parameter-overrides; the template declares no parameter"
	}
	if near := nearest(e.Name, e.Declared); near != "" {
		return fmt.Sprintf("write %s in parameter-overrides", near)
	}
	return "take one of these in parameter-overrides: " + strings.Join(e.Declared, ", ")
}

// MissingError is all the parameters that are left without a value.
type MissingError struct {
	Names []string
}

func (e *MissingError) Error() string {
	if len(e.Names) == 1 {
		return fmt.Sprintf("fill in the template: parameter %s has no value", e.Names[0])
	}
	return fmt.Sprintf("fill in the template: parameters %s have no value", strings.Join(e.Names, ", "))
}

// Hint names the ways to give a value.
func (e *MissingError) Hint() string {
	return "set it in parameter-overrides, give it a Default in the template, or an output of that name to the base stack"
}

// nearest returns the name that is most like the one given, or "" if none is like it.
func nearest(name string, names []string) string {
	params := levenshtein.NewParams().MinScore(0.6)
	best, score := "", 0.0
	for _, candidate := range names {
		if s := levenshtein.Match(strings.ToLower(name), strings.ToLower(candidate), params); s > score {
			best, score = candidate, s
		}
	}
	return best
}
