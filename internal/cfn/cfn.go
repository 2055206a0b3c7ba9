// Package cfn deploys and deletes CloudFormation stacks and follows what happens to them. It uses
// CloudFormation's terms; it does not know what a stack is for, and does not check that the deployed
// resources work.
package cfn

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// Client works on the stacks of one account and region. API must be set.
type Client struct {
	API     *cloudformation.Client
	OnEvent func(Event)                      // called for each event of an operation that the client began; may be nil
	Logf    func(format string, args ...any) // logs what the client waits for, one line a call; may be nil
}

// Stack describes one stack at the time when CloudFormation was asked.
type Stack struct {
	ID           string // its ARN, which stays valid for 90 days after the stack was deleted
	Name         string
	Status       types.StackStatus
	StatusReason string
	Parameters   map[string]string // all that the template declares; the value of a secret parameter is ****
	Outputs      map[string]string
	Tags         map[string]string
	Protected    bool // its termination protection is on
	Nested       bool // it is a part of another stack, and is deleted with it
	Created      time.Time
	Changed      time.Time // when it was last created or updated
}

// Describe returns the stack with this name or ID. ErrNotFound means that no such stack exists, or
// that it exists no longer. A deleted stack is still found by its ID, with the status
// DELETE_COMPLETE.
func (c *Client) Describe(ctx context.Context, nameOrID string) (Stack, error) {
	answer, err := c.API.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &nameOrID})
	if err != nil {
		return Stack{}, fmt.Errorf("describe stack %s: %w", short(nameOrID), readError(ctx, err))
	}
	if len(answer.Stacks) == 0 {
		return Stack{}, fmt.Errorf("describe stack %s: %w", short(nameOrID), ErrNotFound)
	}
	return toStack(answer.Stacks[0]), nil
}

// List yields every stack of the account and region that is not deleted.
func (c *Client) List(ctx context.Context) iter.Seq2[Stack, error] {
	return func(yield func(Stack, error) bool) {
		pages := cloudformation.NewDescribeStacksPaginator(c.API, &cloudformation.DescribeStacksInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(Stack{}, fmt.Errorf("list stacks: %w", readError(ctx, err)))
				return
			}
			for _, found := range page.Stacks {
				if !yield(toStack(found), nil) {
					return
				}
			}
		}
	}
}

func toStack(found types.Stack) Stack {
	stack := Stack{
		ID:           aws.ToString(found.StackId),
		Name:         aws.ToString(found.StackName),
		Status:       found.StackStatus,
		StatusReason: aws.ToString(found.StackStatusReason),
		Parameters:   map[string]string{},
		Outputs:      map[string]string{},
		Tags:         map[string]string{},
		Protected:    aws.ToBool(found.EnableTerminationProtection),
		Nested:       found.ParentId != nil,
		Created:      aws.ToTime(found.CreationTime),
		Changed:      aws.ToTime(found.CreationTime),
	}
	if found.LastUpdatedTime != nil {
		stack.Changed = *found.LastUpdatedTime
	}
	for _, parameter := range found.Parameters {
		value := aws.ToString(parameter.ParameterValue)
		if parameter.ResolvedValue != nil { // set if the value names a parameter in Systems Manager
			value = *parameter.ResolvedValue
		}
		stack.Parameters[aws.ToString(parameter.ParameterKey)] = value
	}
	for _, output := range found.Outputs {
		stack.Outputs[aws.ToString(output.OutputKey)] = aws.ToString(output.OutputValue)
	}
	for _, tag := range found.Tags {
		stack.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return stack
}

// Template returns the body of the template that the stack was last deployed with.
func (c *Client) Template(ctx context.Context, nameOrID string) (string, error) {
	answer, err := c.API.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &nameOrID})
	if err != nil {
		return "", fmt.Errorf("read template of stack %s: %w", short(nameOrID), readError(ctx, err))
	}
	return aws.ToString(answer.TemplateBody), nil
}

// Resource is one resource that a stack holds.
type Resource struct {
	LogicalID, PhysicalID, Type string
}

// Resources yields what the stack holds; resources that are deleted, not created yet or left behind by a
// deletion are left out.
func (c *Client) Resources(ctx context.Context, nameOrID string) iter.Seq2[Resource, error] {
	return func(yield func(Resource, error) bool) {
		pages := cloudformation.NewListStackResourcesPaginator(c.API, &cloudformation.ListStackResourcesInput{StackName: &nameOrID})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(Resource{}, fmt.Errorf("list resources of stack %s: %w", short(nameOrID), readError(ctx, err)))
				return
			}
			for _, r := range page.StackResourceSummaries {
				gone := r.ResourceStatus == types.ResourceStatusDeleteComplete || r.ResourceStatus == types.ResourceStatusDeleteSkipped
				if gone || aws.ToString(r.PhysicalResourceId) == "" {
					continue
				}
				if !yield(Resource{LogicalID: *r.LogicalResourceId, PhysicalID: *r.PhysicalResourceId, Type: *r.ResourceType}, nil) {
					return
				}
			}
		}
	}
}

// waitIdle waits until no operation is under way on the stack, from this run or any other, and
// returns the stack. Callers also use it to read a stack after its last event, since a single read
// may show the stack as it was before the event.
func (c *Client) waitIdle(ctx context.Context, id string) (Stack, error) {
	waiting := poll.Reporter{Logf: c.Logf}
	for range poll.Every(ctx, 2*time.Second) {
		stack, err := c.Describe(ctx, id)
		if ctx.Err() != nil {
			break
		}
		if err != nil || idle(stack.Status) {
			return stack, err
		}
		waiting.Waiting("waiting for stack %s: %s", stack.Name, stack.Status)
	}
	return Stack{}, context.Cause(ctx)
}

func (c *Client) logf(format string, args ...any) {
	if c.Logf != nil {
		c.Logf(format, args...)
	}
}

// short returns the stack's name: NAME for the ID arn:aws:cloudformation:…:stack/NAME/UUID.
func short(nameOrID string) string {
	if _, rest, ok := strings.Cut(nameOrID, ":stack/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		return name
	}
	return nameOrID
}
