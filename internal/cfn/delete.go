package cfn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// Delete deletes a stack, given by its ID, and returns when it is gone. If something else is happening to it, that is
// waited for first. A stack that is gone already is deleted. The caller has made sure that the stack is its to delete.
func (c *Client) Delete(ctx context.Context, id string) error {
	for range poll.Every(ctx, 2*time.Second) {
		stack, err := c.rest(ctx, id)
		if errors.Is(err, ErrNotFound) || err == nil && stack.Status == types.StackStatusDeleteComplete {
			return nil
		}
		if err != nil {
			return err
		}
		token := newToken()
		_, err = c.API.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &id, ClientRequestToken: &token})
		if err := translate(err); errors.Is(err, ErrBusy) {
			continue
		}
		if err != nil {
			return fmt.Errorf("delete stack %s: %w", stack.Name, translate(err))
		}
		_, err = c.finish(ctx, "delete", id, token)
		return err
	}
	return context.Cause(ctx)
}
