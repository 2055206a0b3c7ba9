package cfn

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// operation is a creation or an update that CloudFormation has accepted.
type operation struct {
	kind  string // create or update
	stack Stack
	token string // ClientRequestToken, which its events carry
	id    string // OperationId; "" if CloudFormation returned none
}

func (c *Client) create(ctx context.Context, d Deployment) (Stack, error) {
	token := newToken()
	input := &cloudformation.CreateStackInput{
		StackName:          &d.StackName,
		TemplateBody:       d.Template.inCall(),
		TemplateURL:        optional(d.Template.URL),
		Parameters:         parameters(d.Parameters),
		Tags:               tags(d.Tags),
		Capabilities:       capabilities(d.Capabilities),
		RoleARN:            optional(d.RoleARN),
		OnFailure:          d.OnFailure,
		ClientRequestToken: &token,
	}
	if minutes := int32(d.CreateTimeout / time.Minute); minutes > 0 {
		input.TimeoutInMinutes = &minutes
	}
	answer, err := c.API.CreateStack(ctx, input, fewRetries)
	if err != nil {
		return Stack{Name: d.StackName}, fmt.Errorf("create stack %s: %w", d.StackName, changeError(ctx, err))
	}
	stack := Stack{ID: aws.ToString(answer.StackId), Name: d.StackName, Status: types.StackStatusCreateInProgress}
	return c.finish(ctx, d, operation{kind: "create", stack: stack, token: token, id: aws.ToString(answer.OperationId)})
}

func (c *Client) update(ctx context.Context, stack Stack, d Deployment) (Stack, error) {
	token := newToken()
	answer, err := c.API.UpdateStack(ctx, &cloudformation.UpdateStackInput{
		StackName:          &stack.ID,
		TemplateBody:       d.Template.inCall(),
		TemplateURL:        optional(d.Template.URL),
		Parameters:         keep(parameters(d.Parameters), stack, d.Keep),
		Tags:               tags(d.Tags),
		Capabilities:       capabilities(d.Capabilities),
		RoleARN:            optional(d.RoleARN),
		ClientRequestToken: &token,
	}, fewRetries)
	if err != nil {
		return stack, fmt.Errorf("update stack %s: %w", stack.Name, changeError(ctx, err))
	}
	stack.Status = types.StackStatusUpdateInProgress
	return c.finish(ctx, d, operation{kind: "update", stack: stack, token: token, id: aws.ToString(answer.OperationId)})
}

// fewRetries limits the SDK's retries of a call to two or three seconds. After that, the
// description of the stack may be out of date, so a caller that waits longer describes the stack
// again first.
func fewRetries(o *cloudformation.Options) {
	o.Retryer = retry.AddWithMaxAttempts(o.Retryer, 3)
}

// newToken returns a ClientRequestToken. The token marks the events of one operation, and makes it
// safe to repeat a call whose answer was lost.
func newToken() string { return "pr-stack-" + rand.Text() }

func parameters(values map[string]string) []types.Parameter {
	var list []types.Parameter
	for _, key := range sorted(values) {
		list = append(list, types.Parameter{ParameterKey: aws.String(key), ParameterValue: aws.String(values[key])})
	}
	return list
}

// keep makes those parameters keep their values that the stack has.
func keep(list []types.Parameter, stack Stack, names []string) []types.Parameter {
	for _, name := range names {
		if _, has := stack.Parameters[name]; !has {
			continue
		}
		list = slices.DeleteFunc(list, func(p types.Parameter) bool { return aws.ToString(p.ParameterKey) == name })
		list = append(list, types.Parameter{ParameterKey: &name, UsePreviousValue: aws.Bool(true)})
	}
	return list
}

func tags(values map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range sorted(values) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(values[key])})
	}
	return list
}

func capabilities(names []string) []types.Capability {
	var list []types.Capability
	for _, name := range names {
		list = append(list, types.Capability(name))
	}
	return list
}

func sorted(values map[string]string) []string {
	return slices.Sorted(maps.Keys(values))
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
