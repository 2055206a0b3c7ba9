package cloudformation

import (
	"fmt"
	"slices"

	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// importValue returns the output that a stack of the account exports by that name. That an export which is
// in use can neither change nor go is not implemented.
func (c *Engine) importValue(name string) (any, error) {
	for _, s := range c.stacks {
		i := slices.IndexFunc(s.outputs, func(o stackOutput) bool { return o.ExportName == name })
		if i >= 0 && s.status != "DELETE_COMPLETE" {
			return s.outputs[i].Value, nil
		}
	}
	return nil, wire.Reason(fmt.Sprintf("No export named %s found.", name))
}

// notExported returns which name a template imports that no stack exports, or "". CloudFormation finds it
// when it has accepted the call, before the first resource: the stack's own event has the reason, "No
// export named … found. Rollback requested by user."
func (o *operation) notExported() string {
	s := o.stack
	scope := o.engine.scope(s, s.settings)
	for id := range o.engine.needs(s, s.settings) {
		if missing := scope.notExported(s.settings.template.Resources[id].Properties); missing != "" {
			return missing
		}
	}
	return ""
}

func (s scope) notExported(v any) (missing string) {
	if argument, ok := property.Object(v)["Fn::ImportValue"]; ok {
		if name, err := s.resolve(argument); err == nil {
			if _, err := s.imported(property.Text(name)); err != nil {
				return err.Error()
			}
		}
	}
	for _, item := range property.Object(v) {
		missing = max(missing, s.notExported(item))
	}
	for _, item := range property.List(v) {
		missing = max(missing, s.notExported(item))
	}
	return missing
}
