package cfn

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// cancelUpdate cancels the current update and waits until it is rolled back.
func (c *Client) cancelUpdate(ctx context.Context, stack Stack) error {
	c.logf("cancelling the update of stack %s", stack.Name)
	if err := c.startCancel(ctx, stack); err != nil {
		return err
	}
	_, err := c.waitIdle(ctx, stack.ID)
	return err
}

func (c *Client) startCancel(ctx context.Context, stack Stack) error {
	token := newToken()
	_, err := c.API.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{
		StackName: &stack.ID, ClientRequestToken: &token,
	})
	if err != nil {
		return fmt.Errorf("cancel the update of stack %s: %w", stack.Name, changeError(ctx, err))
	}
	return nil
}

// rollBack makes CloudFormation roll a stack back from an update that failed, and waits for the
// end. It returns an error if the stack still needs a rollback afterwards.
func (c *Client) rollBack(ctx context.Context, stack Stack, roleARN string) error {
	token := newToken()
	var err error
	if stack.Status == types.StackStatusUpdateRollbackFailed {
		_, err = c.API.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{
			StackName: &stack.ID, RoleARN: optional(roleARN), ClientRequestToken: &token,
		})
	} else {
		_, err = c.API.RollbackStack(ctx, &cloudformation.RollbackStackInput{
			StackName: &stack.ID, RoleARN: optional(roleARN), ClientRequestToken: &token,
		})
	}
	if err != nil {
		return fmt.Errorf("roll back stack %s: %w", stack.Name, changeError(ctx, err))
	}

	events, stack, err := c.followToEnd(ctx, stack.ID, token)
	if err != nil {
		return err
	}
	if courseOf(stack.Status).deploying == rollBack {
		failed := failures(events)
		return &FailedError{Operation: "roll back", Stack: stack, Cause: first(failed), All: failed}
	}
	return nil
}
