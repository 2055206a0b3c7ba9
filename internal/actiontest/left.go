package actiontest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// Stack is a stack of the account.
type Stack struct {
	Name, ID, Status          string
	Tags, Parameters, Outputs map[string]string
	Protected                 bool // its termination protection is on
}

// Commit returns the commit that the stack says it was brought to.
func (s Stack) Commit() string { return s.Outputs["Commit"] }

func newStack(s types.Stack) Stack {
	stack := Stack{
		Name: *s.StackName, ID: *s.StackId, Status: string(s.StackStatus), Protected: aws.ToBool(s.EnableTerminationProtection),
		Tags: map[string]string{}, Parameters: map[string]string{}, Outputs: map[string]string{},
	}
	for _, p := range s.Parameters {
		stack.Parameters[*p.ParameterKey] = aws.ToString(p.ParameterValue)
	}
	for _, tag := range s.Tags {
		stack.Tags[*tag.Key] = *tag.Value
	}
	for _, o := range s.Outputs {
		stack.Outputs[*o.OutputKey] = *o.OutputValue
	}
	return stack
}

// Stack returns a stack by its name.
func (e *Env) Stack(ctx context.Context, name string) (Stack, error) {
	answer, err := e.CloudFormation().DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		return Stack{}, err
	}
	return newStack(answer.Stacks[0]), nil
}

// Stacks returns all stacks, sorted by name.
func (e *Env) Stacks(ctx context.Context) (stacks []Stack, err error) {
	pages := cloudformation.NewDescribeStacksPaginator(e.CloudFormation(), &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, stack := range page.Stacks {
			stacks = append(stacks, newStack(stack))
		}
	}
	slices.SortFunc(stacks, func(a, b Stack) int { return cmp.Compare(a.Name, b.Name) })
	return stacks, nil
}

// ImageTags returns the tags of the images in the repositories with these names among the base stack's
// outputs, by default both, and "" for each image without a tag.
func (e *Env) ImageTags(ctx context.Context, outputs ...string) (tags []string, err error) {
	base, err := e.BaseOutputs(ctx)
	if err != nil {
		return nil, err
	}
	if len(outputs) == 0 {
		outputs = []string{"RepositoryName", "PermanentRepositoryName"}
	}
	for _, output := range outputs {
		pages := ecr.NewListImagesPaginator(ecr.NewFromConfig(e.AWS.Config()),
			&ecr.ListImagesInput{RepositoryName: aws.String(base[output])})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, id := range page.ImageIds {
				tags = append(tags, aws.ToString(id.ImageTag))
			}
		}
	}
	slices.Sort(tags)
	return tags, nil
}

// Remains returns the names of what is left besides the base stack and its roles: stacks, images, services
// and load balancers, and rules on the shared one. It asks each AWS service itself, and not only
// CloudFormation.
func (e *Env) Remains(ctx context.Context) (names []string, err error) {
	stacks, err := e.Stacks(ctx)
	if err != nil {
		return nil, err
	}
	for _, stack := range stacks {
		if stack.Name != BaseStack && stack.Name != BaseStack+"-roles" {
			names = append(names, "stack "+stack.Name)
		}
	}
	tags, err := e.ImageTags(ctx)
	if err != nil {
		return nil, err
	}
	for _, tag := range tags {
		names = append(names, "image "+tag)
	}
	base, err := e.BaseOutputs(ctx)
	if err != nil {
		return nil, err
	}
	services, err := ecs.NewFromConfig(e.AWS.Config()).ListServices(ctx, &ecs.ListServicesInput{Cluster: aws.String(base["ClusterName"])})
	if err != nil {
		return nil, err
	}
	names = append(names, services.ServiceArns...)
	balancers, err := elbv2.NewFromConfig(e.AWS.Config()).DescribeLoadBalancers(ctx, &elbv2.DescribeLoadBalancersInput{})
	if err != nil {
		return nil, err
	}
	for _, balancer := range balancers.LoadBalancers {
		if *balancer.DNSName != base["SharedLoadBalancerDNSName"] {
			names = append(names, "load balancer "+*balancer.LoadBalancerName)
		}
	}
	if base["HttpsListenerArn"] == "" {
		return names, nil
	}
	rules, err := e.Rules(ctx)
	for _, rule := range rules {
		names = append(names, "rule "+rule)
	}
	return names, err
}

// Get requests a URL, as a user who opens it, and returns the status and the body.
func (e *Env) Get(ctx context.Context, url string) (status, body string, err error) {
	return get(ctx, e.HTTP, url)
}

func get(ctx context.Context, by http.RoundTripper, url string) (status, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", "", err
	}
	response, err := (&http.Client{Transport: by}).Do(request)
	if err != nil {
		return "", "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	return response.Status, string(text), err
}

// ReadGitHub decodes what GitHub answers about the repository, such as deployments.
func (e *Env) ReadGitHub(ctx context.Context, path string, into any) error {
	url := "https://api.github.com/repos/" + Repository + "/" + path
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer ghs_0123456789")
	response, err := e.GitHub.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}
