package price

import (
	"fmt"
	"maps"
	"slices"
)

// Resource is a resource that a template has.
type Resource struct{ LogicalID, Type string }

// Contents returns the resources of a stack with these values of the template's parameters, by logical
// ID: those whose condition holds, or cannot be evaluated.
func Contents(body string, parameters map[string]string) (list []Resource, err error) {
	d, err := parse(body, parameters)
	if err != nil {
		return nil, fmt.Errorf("read the template's resources: %w", err)
	}
	for _, id := range slices.Sorted(maps.Keys(d.resources)) {
		list = append(list, Resource{id, d.resources[id].kind})
	}
	return list, nil
}
