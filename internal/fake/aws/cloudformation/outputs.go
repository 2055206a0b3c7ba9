package cloudformation

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// outputs returns the outputs that a stack with these settings has.
func (c *Engine) outputs(s *stack, with settings) ([]stackOutput, error) {
	var outputs []stackOutput
	scope := c.scope(s, with)
	for _, name := range slices.Sorted(maps.Keys(with.template.Outputs)) {
		o := with.template.Outputs[name]
		if holds, err := scope.holds(o.Condition); err != nil || !holds {
			continue
		}
		v, err := scope.resolve(o.Value)
		if err != nil {
			return nil, outputError(name, o.Value, err)
		}
		exported, err := scope.resolve(o.Export)
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, stackOutput{Key: name, Value: property.Text(v), ExportName: property.Text(exported), Description: o.Description})
	}
	return outputs, nil
}

// outputError returns the error for an output that cannot be resolved. Its words are recorded for
// Fn::GetAtt (LocalStack's snapshots of AWS's answers). No resource has an event for it.
func outputError(name string, value any, err error) error {
	missing, ok := errors.AsType[*attributeError](err)
	if !ok {
		return err
	}
	path := append([]string{"/Outputs", name, "Value"}, slices.Sorted(maps.Keys(property.Object(value)))...)
	return wire.Reason(fmt.Sprintf("[Error] %s: Resource type %s does not support attribute {%s}.", strings.Join(path, "/"), missing.kind, missing.attribute))
}

// attributeError is a reference to an attribute that a resource does not have.
type attributeError struct{ logicalID, kind, attribute string }

func (e *attributeError) Error() string {
	return fmt.Sprintf("Template error: resource %s does not support attribute type %s in Fn::GetAtt", e.logicalID, e.attribute)
}
