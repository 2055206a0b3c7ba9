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

// Delete deletes a stack, given by its ID, and returns when it is gone. A stack that is being created is deleted at once;
// an update, which CloudFormation does not let a deletion cut off, is waited for. A stack that is gone already is
// deleted. The caller has made sure that the stack is its to delete.
func (c *Client) Delete(ctx context.Context, id string) error {
	for range poll.Every(ctx, 2*time.Second) {
		stack, err := c.Describe(ctx, id)
		if errors.Is(err, ErrNotFound) || err == nil && stack.Status == types.StackStatusDeleteComplete {
			return nil
		}
		if err != nil {
			return err
		}
		if stack.Status == types.StackStatusDeleteInProgress {
			if _, err := c.rest(ctx, id); err != nil {
				return err
			}
			continue // gone, or to be deleted once more
		}
		token := newToken()
		_, err = c.API.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &id, ClientRequestToken: &token})
		if err := translate(err); errors.Is(err, ErrBusy) {
			if _, err := c.rest(ctx, id); err != nil {
				return err
			}
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
