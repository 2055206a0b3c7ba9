package aws_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/smithy-go"

	fakeaws "pr-stack/internal/fake/aws"
)

// trustEveryone lets every principal of the account assume a role.
const trustEveryone = `{"Version": "2012-10-17", "Statement": {
	"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}}`

func policy(statements ...string) string {
	return `{"Version": "2012-10-17", "Statement": [` + strings.Join(statements, ",") + `]}`
}

func allow(resource string, actions ...string) string {
	return fmt.Sprintf(`{"Effect": "Allow", "Action": ["%s"], "Resource": %q}`, strings.Join(actions, `", "`), resource)
}

// as returns the configuration of a role with these policies. Its clients do not retry.
func as(t *testing.T, a *fakeaws.AWS, policies ...string) aws.Config {
	t.Helper()
	arn, err := a.AddRole("deployer", trustEveryone, policies...)
	if err != nil {
		t.Fatalf("AddRole = %v", err)
	}
	config := a.ConfigAs(arn)
	config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	return config
}

// answer is the code, HTTP status and message of an error.
func answer(err error) string {
	if err == nil {
		return "no error"
	}
	var api smithy.APIError
	var response *awshttp.ResponseError
	if !errors.As(err, &api) || !errors.As(err, &response) {
		return err.Error()
	}
	return fmt.Sprintf("%s %d %s", api.ErrorCode(), response.HTTPStatusCode(), api.ErrorMessage())
}

const user = "User: arn:aws:sts::123456789012:assumed-role/deployer/GitHubActions is not authorized to perform: "

func TestDenied_calls_are_worded_as_their_service_words_them(t *testing.T) {
	a := fakeaws.New(fakeaws.Options{})
	config := as(t, a)
	cfn, registry := cloudformation.NewFromConfig(config), ecr.NewFromConfig(config)
	services, logs := ecs.NewFromConfig(config), cloudwatchlogs.NewFromConfig(config)
	balancers := elbv2.NewFromConfig(config)
	for action, test := range map[string]struct {
		call func(ctx context.Context) error
		code string
		on   string // the resource that the message names, with " on resource: "
	}{
		"cloudformation:DescribeStacks": {func(ctx context.Context) error {
			_, err := cfn.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String("x")})
			return err
		}, "AccessDenied 403", " on resource: arn:aws:cloudformation:eu-north-1:123456789012:stack/x/*"},
		"cloudformation:GetTemplateSummary": {func(ctx context.Context) error {
			_, err := cfn.GetTemplateSummary(ctx, &cloudformation.GetTemplateSummaryInput{TemplateBody: aws.String(small)})
			return err
		}, "AccessDenied 403", ""},
		"elasticloadbalancing:DescribeLoadBalancers": {func(ctx context.Context) error {
			_, err := balancers.DescribeLoadBalancers(ctx, &elbv2.DescribeLoadBalancersInput{})
			return err
		}, "AccessDenied 403", ""},
		"ecr:GetAuthorizationToken": {func(ctx context.Context) error {
			_, err := registry.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
			return err
		}, "AccessDeniedException 400", " on resource: *"},
		"ecr:DescribeImages": {func(ctx context.Context) error {
			_, err := registry.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: aws.String("r")})
			return err
		}, "AccessDeniedException 400", " on resource: arn:aws:ecr:eu-north-1:123456789012:repository/r"},
		"ecs:DescribeServices": {func(ctx context.Context) error {
			_, err := services.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String("c"), Services: []string{"s"}})
			return err
		}, "AccessDeniedException 400", " on resource: arn:aws:ecs:eu-north-1:123456789012:service/c/s"},
		"ecs:ListTasks": {func(ctx context.Context) error {
			_, err := services.ListTasks(ctx, &ecs.ListTasksInput{Cluster: aws.String("c")})
			return err
		}, "AccessDeniedException 400", " on resource: *"},
		"logs:GetLogEvents": {func(ctx context.Context) error {
			_, err := logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("/g"), LogStreamName: aws.String("s")})
			return err
		}, "AccessDeniedException 400", " on resource: arn:aws:logs:eu-north-1:123456789012:log-group:/g:log-stream:s"},
		"logs:DescribeLogGroups": {func(ctx context.Context) error {
			_, err := logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/g")})
			return err
		}, "AccessDeniedException 400", " on resource: arn:aws:logs:eu-north-1:123456789012:log-group::log-stream:"},
	} {
		want := test.code + " " + user + action + test.on + " because no identity-based policy allows the " + action + " action"
		if got := answer(test.call(t.Context())); got != want {
			t.Errorf("%s:\n got %s\nwant %s", action, got, want)
		}
	}
}

func TestDenied_explicitly(t *testing.T) {
	a := fakeaws.New(fakeaws.Options{})
	config := as(t, a, policy(allow("*", "*"), `{"Effect": "Deny", "Action": "ecs:List*", "Resource": "*"}`))
	_, err := ecs.NewFromConfig(config).ListClusters(t.Context(), &ecs.ListClustersInput{})
	want := "AccessDeniedException 400 " + user + "ecs:ListClusters on resource: * with an explicit deny in an identity-based policy"
	if got := answer(err); got != want {
		t.Errorf("ListClusters:\n got %s\nwant %s", got, want)
	}
}

// DescribeStacks is two actions if it names no stack (jogold/cloudstructs#215).
func TestDescribeStacks_of_all_needs_ListStacks(t *testing.T) {
	a := fakeaws.New(fakeaws.Options{})
	cfn := cloudformation.NewFromConfig(as(t, a, policy(allow("*", "cloudformation:DescribeStacks"))))
	_, err := cfn.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
	want := "AccessDenied 403 " + user + "cloudformation:ListStacks on resource: " +
		"arn:aws:cloudformation:eu-north-1:123456789012:stack/*/* because no identity-based policy allows the cloudformation:ListStacks action"
	if got := answer(err); got != want {
		t.Errorf("DescribeStacks:\n got %s\nwant %s", got, want)
	}
	if err := a.SetRolePolicies("deployer", policy(allow("*", "cloudformation:DescribeStacks", "cloudformation:ListStacks"))); err != nil {
		t.Fatal(err)
	}
	if _, err := cfn.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}); err != nil {
		t.Errorf("with both actions, DescribeStacks = %v", err)
	}
	want = "[{cloudformation:DescribeStacks true} {cloudformation:ListStacks false} {cloudformation:ListStacks true}]"
	var got []string
	for _, access := range a.Accesses() {
		if access.Principal != "arn:aws:sts::123456789012:assumed-role/deployer/GitHubActions" {
			t.Errorf("Accesses has an access of %s", access.Principal)
		}
		got = append(got, fmt.Sprintf("{%s %v}", access.Action, access.Allowed))
	}
	if text := fmt.Sprint(got); text != want {
		t.Errorf("Accesses = %s, want %s", text, want)
	}
}

func tags(pairs ...string) (list []types.Tag) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
	}
	return list
}

func TestStacks_are_permitted_by_name_and_tags(t *testing.T) {
	const arn = "arn:aws:cloudformation:eu-north-1:123456789012:stack/"
	condition := func(action, operator, key string) string {
		return fmt.Sprintf(`{"Effect": "Allow", "Action": %q, "Resource": "%shello-*", "Condition": {%q: {%q: "hello"}}}`,
			action, arn, operator, key)
	}
	all := []string{
		condition("cloudformation:CreateStack", "StringEquals", "aws:RequestTag/app"),
		condition("cloudformation:UpdateStack", "StringEquals", "aws:ResourceTag/app"),
		condition("cloudformation:DeleteStack", "StringEquals", "aws:ResourceTag/app"),
		condition("cloudformation:TagResource", "StringEquals", "aws:RequestTag/app"),
		`{"Effect": "Deny", "Action": "cloudformation:TagResource", "Resource": "*", "Condition": {
			"StringNotEquals": {"cloudformation:CreateAction": ["CreateStack", "UpdateStack"]}}}`,
		`{"Effect": "Allow", "Action": "cloudformation:UntagResource", "Resource": "*",
			"Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": "other"}}}`,
	}
	changed := strings.Replace(small, "10.0.0.0/16", "10.1.0.0/16", 1)
	create := func(name string, pairs ...string) func(*cloudformation.Client) error {
		return func(c *cloudformation.Client) error {
			_, err := c.CreateStack(context.Background(), &cloudformation.CreateStackInput{
				StackName: &name, TemplateBody: aws.String(small), Tags: tags(pairs...),
			})
			return err
		}
	}
	update := func(c *cloudformation.Client) error {
		_, err := c.UpdateStack(context.Background(), &cloudformation.UpdateStackInput{
			StackName: aws.String("hello-1"), TemplateBody: &changed, Tags: tags("app", "hello"),
		})
		return err
	}
	remove := func(c *cloudformation.Client) error {
		_, err := c.DeleteStack(context.Background(), &cloudformation.DeleteStackInput{StackName: aws.String("hello-1")})
		return err
	}
	for _, test := range []struct {
		name     string
		policies []string
		stack    []string // the tags of the stack hello-1, made by the administrator; nil: there is no stack
		call     func(c *cloudformation.Client) error
		denied   string // "" if it is allowed
	}{
		{"create", all, nil, create("hello-1", "app", "hello"), ""},
		{"create untagged", all, nil, create("hello-1"), "cloudformation:CreateStack on resource: " + arn + "hello-1/*"},
		{"create tagged otherwise", all, nil, create("hello-1", "app", "x"), "cloudformation:CreateStack"},
		{"create another name", all, nil, create("bye-1", "app", "hello"), "cloudformation:CreateStack on resource: " + arn + "bye-1/*"},
		{"create without TagResource", all[:1], nil, create("hello-1", "app", "hello"), "cloudformation:TagResource"},
		{"update", all, []string{"app", "hello"}, update, ""},
		{"update another's", all, []string{"app", "bye"}, update, "cloudformation:UpdateStack on resource: " + arn + "hello-1/"},
		{"update without TagResource", all[:3], []string{"app", "hello"}, update, "cloudformation:TagResource"},
		{"update that leaves out a tag", all, []string{"app", "hello", "other", "1"}, update, ""},
		{"update that leaves out another", all, []string{"app", "hello", "more", "1"}, update, "cloudformation:UntagResource"},
		{"delete", all, []string{"app", "hello"}, remove, ""},
		{"delete another's", all, []string{"app", "bye"}, remove, "cloudformation:DeleteStack on resource: " + arn + "hello-1/"},
		{"delete none", all, nil, remove, "cloudformation:DeleteStack on resource: " + arn + "hello-1/*"},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := fakeaws.New(fakeaws.Options{})
			if test.stack != nil {
				if err := create("hello-1", test.stack...)(cloudformation.NewFromConfig(a.Config())); err != nil {
					t.Fatal(err)
				}
				<-time.After(5 * time.Minute)
			}
			got := answer(test.call(cloudformation.NewFromConfig(as(t, a, policy(test.policies...)))))
			if want := refused(test.denied); !strings.HasPrefix(got, want) {
				t.Errorf("%s:\n got %s\nwant %s", test.name, got, want)
			}
		})
	}
}

func refused(denied string) string {
	if denied == "" {
		return "no error"
	}
	return "AccessDenied 403 " + user + denied
}

func TestRoleARN_is_passed(t *testing.T) {
	const role = "arn:aws:iam::123456789012:role/cfn"
	pass := func(service string) string {
		return fmt.Sprintf(`{"Effect": "Allow", "Action": "iam:PassRole", "Resource": %q,
			"Condition": {"StringEquals": {"iam:PassedToService": %q}}}`, role, service)
	}
	for _, test := range []struct {
		name       string
		statements []string
		denied     string
	}{
		{"not passed", nil, "iam:PassRole on resource: " + role},
		{"passed to another service", []string{pass("ecs-tasks.amazonaws.com")}, "iam:PassRole on resource: " + role},
		{"passed", []string{pass("cloudformation.amazonaws.com")}, ""},
		{"passed, but not here", []string{pass("cloudformation.amazonaws.com"),
			`{"Effect": "Deny", "Action": "cloudformation:*", "Resource": "*",
				"Condition": {"ArnEquals": {"cloudformation:RoleArn": "` + role + `"}}}`},
			"cloudformation:CreateStack on resource: arn:aws:cloudformation:eu-north-1:123456789012:stack/s/* with an explicit deny"},
	} {
		a := fakeaws.New(fakeaws.Options{})
		trust := strings.Replace(trustEveryone, `"AWS": "arn:aws:iam::123456789012:root"`, `"Service": "cloudformation.amazonaws.com"`, 1)
		if _, err := a.AddRole("cfn", trust, policy(allow("*", "*"))); err != nil {
			t.Fatal(err)
		}
		c := cloudformation.NewFromConfig(as(t, a, policy(append(slices.Clone(test.statements), allow("*", "cloudformation:*"))...)))
		_, err := c.CreateStack(t.Context(), &cloudformation.CreateStackInput{
			StackName: aws.String("s"), TemplateBody: aws.String(small), RoleARN: aws.String(role),
		})
		if got, want := answer(err), refused(test.denied); !strings.HasPrefix(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, want)
		}
	}
}

func TestECS_is_permitted_by_cluster(t *testing.T) {
	a := fakeaws.New(fakeaws.Options{})
	c := ecs.NewFromConfig(as(t, a, policy(`{"Effect": "Allow", "Action": "ecs:*", "Resource": "*",
		"Condition": {"ArnEquals": {"ecs:cluster": "arn:aws:ecs:eu-north-1:123456789012:cluster/mine"}}}`)))
	for cluster, want := range map[string]string{"mine": "ClusterNotFoundException", "theirs": "AccessDeniedException", "": "AccessDeniedException"} {
		in := &ecs.ListTasksInput{}
		if cluster != "" {
			in.Cluster = &cluster
		}
		_, err := c.ListTasks(t.Context(), in)
		if got := answer(err); !strings.HasPrefix(got, want) {
			t.Errorf("ListTasks in %q = %s, want %s", cluster, got, want)
		}
	}
}

func TestDenied_calls_have_no_effect(t *testing.T) {
	a := fakeaws.New(fakeaws.Options{})
	_, err := ecr.NewFromConfig(as(t, a, policy(allow("arn:aws:ecr:*:*:repository/mine", "ecr:*")))).
		CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("theirs")})
	if err == nil {
		t.Error("a denied call succeeded")
	}
	all, err := ecr.NewFromConfig(a.Config()).DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{})
	if err != nil || len(all.Repositories) > 0 {
		t.Errorf("after a denied CreateRepository there are %d repositories, %v", len(all.Repositories), err)
	}
}
