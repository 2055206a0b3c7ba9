package cfn

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// Protect turns the termination protection of a stack on or off. It is no operation on the stack: it takes
// effect at once, also while one is under way.
func (c *Client) Protect(ctx context.Context, nameOrID string, on bool) error {
	_, err := c.API.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{
		StackName: &nameOrID, EnableTerminationProtection: &on,
	})
	if err != nil {
		verb := "off"
		if on {
			verb = "on"
		}
		return fmt.Errorf("turn %s the termination protection of stack %s: %w", verb, short(nameOrID), changeError(ctx, err))
	}
	return nil
}
