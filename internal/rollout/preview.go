package rollout

import (
	"context"
	"fmt"

	"pr-stack/internal/cfn"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// Preview returns what Apply would do to the stack. It changes nothing.
func (c Clients) Preview(ctx context.Context, spec Spec) (cfn.Preview, error) {
	return runner.Phase(c.Log, c.Times, "Stack", "Look at stack "+spec.Name, func(part *timeline.Part) (cfn.Preview, error) {
		ctx, cancel, _ := spec.limited(ctx)
		defer cancel()
		deployment := spec.deployment()
		deployment.Watch = c.watch(spec.Inputs)
		preview, err := c.stacks(nil).Preview(ctx, deployment)
		if err == nil {
			part.Note(noteOn(preview))
		}
		return preview, err
	})
}

func noteOn(p cfn.Preview) string {
	switch {
	case p.New && p.Stack.ID != "":
		return "never worked: it is made again"
	case p.New:
		return "does not exist"
	case p.Unknown:
		return fmt.Sprintf("is in %s", p.Stack.Status)
	case p.Differs:
		return "changes"
	}
	return "is as it should be"
}
