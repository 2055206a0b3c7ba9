package cfn

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"

	"pr-stack/internal/hint"
)

// Protect turns the stack's termination protection on or off. It calls nothing that changes the stack if
// the description says that it is so already, so that a run that may not change the protection can
// still confirm it. A protected stack cannot be deleted by anyone.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html
func (c *Client) Protect(ctx context.Context, id string, on bool) error {
	stack, err := c.Describe(ctx, id)
	if err != nil {
		return err
	}
	if stack.Protected == on {
		return nil
	}
	_, err = c.API.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{
		StackName: &id, EnableTerminationProtection: &on,
	})
	if err != nil {
		doing := "turn on"
		if !on {
			doing = "turn off"
		}
		return fmt.Errorf("%s termination protection of stack %s: %w", doing, short(id), fenceError(ctx, err))
	}
	return nil
}

// SetPolicy sets the stack's policy, a JSON document that says which resources updates may change. {}
// allows everything again: a policy cannot be removed. A policy does not keep a stack from deletion, for
// which Protect is.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
func (c *Client) SetPolicy(ctx context.Context, id, body string) error {
	_, err := c.API.SetStackPolicy(ctx, &cloudformation.SetStackPolicyInput{StackName: &id, StackPolicyBody: &body})
	if err != nil {
		return fmt.Errorf("set policy of stack %s: %w", short(id), fenceError(ctx, err))
	}
	return nil
}

// fenceError is changeError with a hint if the caller lacks the permission.
func fenceError(ctx context.Context, err error) error {
	action := "cloudformation:SetStackPolicy"
	var operation *smithy.OperationError
	if errors.As(err, &operation) && operation.OperationName == "UpdateTerminationProtection" {
		action = "cloudformation:UpdateTerminationProtection"
	}
	var api smithy.APIError
	denied := errors.As(err, &api) && strings.HasPrefix(api.ErrorCode(), "AccessDenied")
	err = changeError(ctx, err)
	if !denied {
		return err
	}
	return hint.Wrap(err, "the role of this job may not call "+action+
		": use the role of the environment production, and run bootstrap again if that lacks it; the roles of pull requests may not have it")
}
