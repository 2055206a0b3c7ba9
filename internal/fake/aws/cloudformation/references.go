package cloudformation

import (
	"strings"

	"pr-stack/internal/fake/aws/internal/property"
)

// references returns every name that a value refers to by Ref, Fn::GetAtt or Fn::Sub.
func references(v any) []string {
	var names []string
	switch v := v.(type) {
	case map[string]any:
		for name, argument := range v {
			switch {
			case len(v) == 1 && name == "Ref":
				names = append(names, property.Text(argument))
			case len(v) == 1 && name == "Fn::GetAtt":
				if path := property.Texts(argument); len(path) > 0 {
					names = append(names, path[0])
				}
			case len(v) == 1 && name == "Fn::Sub":
				names = append(names, subReferences(argument)...)
			default:
				names = append(names, references(argument)...)
			}
		}
	case []any:
		for _, item := range v {
			names = append(names, references(item)...)
		}
	}
	return names
}

func subReferences(argument any) []string {
	words, variables := property.Text(argument), map[string]any{}
	var names []string
	if list, ok := argument.([]any); ok && len(list) == 2 {
		words, variables = property.Text(list[0]), property.Object(list[1])
		names = references(variables)
	}
	for _, match := range variable.FindAllStringSubmatch(words, -1) {
		name, _, _ := strings.Cut(match[1], ".")
		if _, own := variables[match[1]]; !own {
			names = append(names, name)
		}
	}
	return names
}
