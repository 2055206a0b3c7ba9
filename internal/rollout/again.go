package rollout

import (
	"context"
	"maps"
	"slices"
	"strings"

	"pr-stack/internal/cfn"
)

// Again returns the spec of a stack as it is, with its own template, in which some parameters have other
// values. Those that the template does not declare are left out. The caller completes the spec.
func (c Clients) Again(ctx context.Context, stack cfn.Stack, change map[string]string) (Spec, error) {
	body, err := c.stacks(nil).Template(ctx, stack.ID)
	if err != nil {
		return Spec{}, err
	}
	t := cfn.Template{Body: body}
	parameters := maps.Clone(stack.Parameters)
	var kept []string
	for name := range parameters {
		if value, changed := change[name]; changed {
			parameters[name] = value
			continue
		}
		kept = append(kept, name)
	}
	slices.Sort(kept)
	tags := maps.Clone(stack.Tags)
	maps.DeleteFunc(tags, func(key, _ string) bool { return strings.HasPrefix(key, "aws:") })
	plan, err := c.Plan(ctx, t, Values{Users: parameters}, nil)
	return Spec{Name: stack.Name, Plan: plan, Tags: tags, keep: kept}, err
}
