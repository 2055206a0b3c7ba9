package cloudformation

import (
	"fmt"
	"strings"

	"pr-stack/internal/fake/aws/internal/wire"
)

// validate checks that a resource has the properties that its type requires. The words are recorded
// for one missing property (LocalStack's snapshots of AWS's answers); how several are listed is
// inferred. Types, patterns and unknown properties are not checked: a template's test against AWS's
// schemas finds those.
func (c *Engine) validate(kind string, properties map[string]any) error {
	var problems []string
	for _, name := range c.types[kind].Required {
		if properties[name] == nil {
			problems = append(problems, fmt.Sprintf("The property {/%s} is required", name))
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return wire.Reason(fmt.Sprintf("Property validation failure: [%s]", strings.Join(problems, ", ")))
}
