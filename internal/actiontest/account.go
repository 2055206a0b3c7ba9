package actiontest

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
)

// CloudFormation returns a client for the account, separate from the action's client.
func (e *Env) CloudFormation() *cloudformation.Client {
	return cloudformation.NewFromConfig(e.AWS.Config())
}

// SharedBase are the parameters of a base stack with a load balancer that environments share, in the
// account's hosted zone: see AddZone.
const SharedBase = `{"Ingress": "shared", "SharedLoadBalancer": "true", "Domain": "preview.example.com", "HostedZoneId": "` + ZoneID + `"}`

// ZoneID is the ID of the account's hosted zone, example.com.
const ZoneID = "Z0123456789ABCDEFGHIJ"

// AddZone adds the account's hosted zone, as somebody did long ago.
func (e *Env) AddZone() { e.AWS.AddHostedZone(fakeaws.HostedZone{ID: ZoneID, Name: "example.com"}) }

// Bootstrap creates the base stack, as a person does once. More of the environment may follow.
func (e *Env) Bootstrap(ctx context.Context, environ ...string) error {
	run, err := e.Run(ctx, Step{
		Event:   Event{Name: "workflow_dispatch", Payload: []byte("{}")},
		Environ: append([]string{"INPUT_COMMAND=bootstrap"}, environ...),
	})
	if err == nil && run.ExitCode != 0 {
		err = fmt.Errorf("bootstrap ended with exit code %d:\n%s", run.ExitCode, run.Log())
	}
	return err
}

// BaseOutputs returns the outputs of the base stack.
func (e *Env) BaseOutputs(ctx context.Context) (map[string]string, error) {
	if e.base != nil {
		return e.base, nil
	}
	stack, err := e.Stack(ctx, BaseStack)
	if err != nil {
		return nil, err
	}
	if stack.Outputs["RepositoryName"] == "" {
		return nil, errors.New("the base stack has no repository")
	}
	e.base = stack.Outputs
	return e.base, nil
}

// PushImage pushes an image to the base stack's repository. A tag gets the same image each time.
func (e *Env) PushImage(ctx context.Context, tag string) (digest string, err error) {
	base, err := e.BaseOutputs(ctx)
	if err != nil {
		return "", err
	}
	image, err := e.imageOf(tag)
	if err != nil {
		return "", err
	}
	return e.AWS.PushImage(base["RepositoryName"], tag, image)
}

// CreateStack starts to create a stack, as a program other than the action would. If template is
// "", the stack has one log group.
func (e *Env) CreateStack(ctx context.Context, name, template string, tags map[string]string) error {
	if template == "" {
		template = "Resources: {Logs: {Type: AWS::Logs::LogGroup}}"
	}
	input := &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &template, Tags: tagList(tags)}
	_, err := e.CloudFormation().CreateStack(ctx, input)
	return err
}

// SetTags starts an update that changes only the stack's tags.
func (e *Env) SetTags(ctx context.Context, name string, tags map[string]string) error {
	answer, err := e.CloudFormation().DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		return err
	}
	_, err = e.CloudFormation().UpdateStack(ctx, &cloudformation.UpdateStackInput{
		StackName: &name, UsePreviousTemplate: aws.Bool(true), Parameters: answer.Stacks[0].Parameters, Tags: tagList(tags),
		Capabilities: []types.Capability{types.CapabilityCapabilityIam}, // for the base stack
	})
	return err
}

// Protect turns a stack's termination protection on, as an administrator does.
func (e *Env) Protect(ctx context.Context, name string) error {
	return e.setProtection(ctx, name, true)
}

// Unprotect turns it off.
func (e *Env) Unprotect(ctx context.Context, name string) error {
	return e.setProtection(ctx, name, false)
}

func (e *Env) setProtection(ctx context.Context, name string, on bool) error {
	_, err := e.CloudFormation().UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{
		StackName: &name, EnableTerminationProtection: &on,
	})
	return err
}

func tagList(tags map[string]string) (list []types.Tag) {
	for key, value := range tags {
		list = append(list, types.Tag{Key: &key, Value: &value})
	}
	return list
}

// Tags returns the tags of an environment's stack. Without a pull request, number is 0.
func Tags(service, environment string, number int) map[string]string {
	tags := map[string]string{
		"pr-stack:service":     service,
		"pr-stack:environment": environment,
		"pr-stack:repository":  Repository,

		"pr-stack:repository-id": RepositoryID,
	}
	if number > 0 {
		tags["pr-stack:pull-request"] = fmt.Sprint(number)
	}
	return tags
}
