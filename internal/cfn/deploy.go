package cfn

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// Deployment is what a stack is to become.
type Deployment struct {
	StackName    string
	Template     string // its body
	Parameters   map[string]string
	Tags         map[string]string
	Capabilities []string
	RoleARN      string // the role that CloudFormation takes on; "" for the caller's own rights
	// CreateTimeout is after how long CloudFormation gives up a new stack, in whole minutes; 0 means never.
	CreateTimeout time.Duration

	// Owns is asked of a stack that exists already, before it is touched. An error refuses it. It must be set.
	Owns func(Stack) error
}

// Outcome is what a deployment did.
type Outcome string

// The outcomes.
const (
	Created   Outcome = "created"
	Updated   Outcome = "updated"
	Unchanged Outcome = "unchanged"
	Recreated Outcome = "recreated" // a stack that could not be updated was deleted first
)

// Deploy creates or updates a stack directly, without a change set, and returns it at rest. If the operation fails it
// returns the stack as well, and a *FailedError that names what failed first. When ctx is done, CloudFormation goes on
// with what it was told, and the next Deploy waits for that.
func (c *Client) Deploy(ctx context.Context, d Deployment) (Stack, Outcome, error) {
	replaced := false
	for range poll.Every(ctx, 2*time.Second) {
		stack, err := c.Describe(ctx, d.StackName)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return Stack{}, "", err
		}
		if errors.Is(err, ErrNotFound) {
			outcome := Created
			if replaced {
				outcome = Recreated
			}
			stack, err = c.create(ctx, d)
			if errors.Is(err, ErrAlreadyExists) {
				continue // somebody else was faster; look at what they made
			}
			return stack, outcome, err
		}
		if err := d.Owns(stack); err != nil {
			return stack, "", fmt.Errorf("deploy stack %s: %w", stack.Name, err)
		}

		switch whenDeploying(stack.Status) {
		case wait:
			if _, err := c.rest(ctx, stack.ID); err != nil {
				return stack, "", err
			}
		case replace:
			c.logf("replacing stack %s: it is in %s, from which no update leads on", stack.Name, stack.Status)
			if err := c.Delete(ctx, stack.ID); err != nil {
				return stack, "", err
			}
			replaced = true
		case refuse:
			return stack, "", &StuckError{Stack: stack}
		case update:
			stack, err := c.update(ctx, stack, d)
			switch {
			case errors.Is(err, ErrBusy), errors.Is(err, ErrNotFound):
				continue // it was changed since it was described
			case errors.Is(err, ErrNoUpdates):
				return stack, Unchanged, nil
			}
			return stack, Updated, err
		}
	}
	return Stack{}, "", context.Cause(ctx)
}

func (c *Client) create(ctx context.Context, d Deployment) (Stack, error) {
	token := newToken()
	input := &cloudformation.CreateStackInput{
		StackName:          &d.StackName,
		TemplateBody:       &d.Template,
		Parameters:         parameters(d.Parameters),
		Tags:               tags(d.Tags),
		Capabilities:       capabilities(d.Capabilities),
		RoleARN:            optional(d.RoleARN),
		ClientRequestToken: &token,
	}
	if minutes := int32(d.CreateTimeout / time.Minute); minutes > 0 {
		input.TimeoutInMinutes = &minutes
	}
	answer, err := c.API.CreateStack(ctx, input)
	if err != nil {
		return Stack{Name: d.StackName}, fmt.Errorf("create stack %s: %w", d.StackName, translate(err))
	}
	return c.finish(ctx, "create", aws.ToString(answer.StackId), token)
}

func (c *Client) update(ctx context.Context, stack Stack, d Deployment) (Stack, error) {
	token := newToken()
	_, err := c.API.UpdateStack(ctx, &cloudformation.UpdateStackInput{
		StackName:          &stack.ID,
		TemplateBody:       &d.Template,
		Parameters:         parameters(d.Parameters),
		Tags:               tags(d.Tags),
		Capabilities:       capabilities(d.Capabilities),
		RoleARN:            optional(d.RoleARN),
		ClientRequestToken: &token,
	})
	if err != nil {
		return stack, fmt.Errorf("update stack %s: %w", stack.Name, translate(err))
	}
	return c.finish(ctx, "update", stack.ID, token)
}

// finish follows an operation to its end and returns the stack as that left it.
func (c *Client) finish(ctx context.Context, operation, id, token string) (Stack, error) {
	var events []Event
	for e, err := range c.Follow(ctx, id, token) {
		if err != nil {
			return Stack{ID: id, Name: short(id)}, err
		}
		events = append(events, e)
		if c.OnEvent != nil {
			c.OnEvent(e)
		}
	}
	stack, err := c.rest(ctx, id)
	if err != nil {
		return Stack{ID: id, Name: short(id)}, err
	}
	if broken(stack.Status) || operation == "delete" && stack.Status != types.StackStatusDeleteComplete {
		return stack, &FailedError{Operation: operation, Stack: stack, Cause: cause(events)}
	}
	return stack, nil
}

// newToken returns a ClientRequestToken: it tells one operation's events from another's, and makes a call whose answer
// was lost safe to send again.
func newToken() string { return "pr-stack-" + rand.Text() }

func parameters(values map[string]string) []types.Parameter {
	var list []types.Parameter
	for _, key := range sorted(values) {
		list = append(list, types.Parameter{ParameterKey: aws.String(key), ParameterValue: aws.String(values[key])})
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
