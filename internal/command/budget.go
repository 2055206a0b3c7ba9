package command

import (
	"context"
	"fmt"
)

// roomFor returns an *overtaken if the service has as many environments of pull requests as it may, and this would be one
// more. That is no failure of anybody's code, so the job is not red; the pull request is told.
func (e *edges) roomFor(ctx context.Context, stackName string) error {
	most := e.config.MaxEnvironments
	if most == 0 || e.config.Environment.PullRequest == 0 {
		return nil
	}
	others, err := e.candidates(ctx)
	if err != nil {
		return err
	}
	for _, c := range others {
		if c.stack.Name == stackName {
			return nil // it has its place already
		}
	}
	if len(others) < most {
		return nil
	}
	return &overtaken{tell: true, reason: fmt.Sprintf("the service has %s, as many as max-environments allows; "+
		"close a pull request whose environment is not needed, and run this job again", plural(len(others), "environment"))}
}
