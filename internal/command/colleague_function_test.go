package command_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
)

// A colleague's stack cannot get at a permanent environment that is a function.
func TestColleague_cannot_reach_productions_function(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{})
		e.Environ = []string{"INPUT_TEMPLATE=lambda"}
		e.GitHub.Open(7, oneCommit)
		e.run("opened", oneCommit, "INPUT_COMMAND=bootstrap").want(t, 0, "updated", "")
		production := e.run("opened", oneCommit, "INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT=production")
		production.want(t, 0, "created", "")
		e.run("opened", oneCommit).want(t, 0, "created", "")
		config, err := e.ConfigAs("hello-world", "preview")
		e.check(err)
		c := &colleague{env: e, stacks: cloudformation.NewFromConfig(config)}
		base, err := c.BaseOutputs(t.Context())
		c.check(err)
		image := base["RepositoryUri"] + ":x"
		if digest, err := c.PushImage(t.Context(), "x"); err == nil {
			image = base["RepositoryUri"] + "@" + digest
		}
		function := func(image, role, more string) string {
			return fmt.Sprintf("Type: AWS::Lambda::Function, Properties: {PackageType: Image, Code: {ImageUri: '%s'}, Role: '%s'%s}", image, role, more)
		}
		for what, test := range map[string]struct {
			resource string
			allowed  bool
		}{
			"run a function of its own":              {function(image, base["FunctionRoleArn"], ""), true},
			"run production's image":                 {function(production.Output("image"), base["FunctionRoleArn"], ""), false},
			"run code with production's role":        {function(image, base["PermanentFunctionRoleArn"], ""), false},
			"name its function like production's":    {function(image, base["FunctionRoleArn"], ", FunctionName: hello-world-production-2"), false},
			"name its function like another service": {function(image, base["FunctionRoleArn"], ", FunctionName: other"), false},
			"let everyone call production's function": {"Type: AWS::Lambda::Permission, Properties: {Action: 'lambda:InvokeFunction', Principal: '*', FunctionName: " +
				c.resource("hello-world-production", "Function") + "}", false},
		} {
			name := "hello-world-pr-9"
			created, err := c.stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{
				StackName: &name, TemplateBody: aws.String("Resources: {Mine: {" + test.resource + "}}"), Tags: previewTags(),
				OnFailure: types.OnFailureDelete,
			})
			c.check(err)
			status := c.settled(*created.StackId)
			if (status == types.StackStatusCreateComplete) != test.allowed {
				t.Errorf("%s: the stack is in %s; allowed: %v", what, status, test.allowed)
			}
			if reason := c.failure(t.Context(), *created.StackId); !test.allowed && !deniedByHandler.MatchString(reason) {
				t.Errorf("%s: the resource failed because %q, want that it is denied", what, reason)
			}
			c.remove(*created.StackId)
		}
	})
}

// A function's code has the credentials with which Lambda writes its log.
func TestColleague_cannot_write_into_productions_log(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{})
		e.run("opened", oneCommit, "INPUT_COMMAND=bootstrap", "INPUT_TEMPLATE=lambda").want(t, 0, "updated", "")
		base, err := e.BaseOutputs(t.Context())
		e.check(err)
		const group = "arn:aws:logs:eu-north-1:123456789012:log-group:/pr-stack/hello-world-x:log-stream:"
		of := func(name string) map[string]string {
			return map[string]string{"aws:ResourceTag/pr-stack:environment": name}
		}
		for _, test := range []struct {
			action, resource string
			tags             map[string]string
			want             bool
		}{
			{"logs:CreateLogStream", group + "2026/11/24/[$LATEST]1", of("production"), false},
			{"logs:CreateLogStream", group + "2026/11/24/[$LATEST]1", of("pr-7"), true},
			{"logs:PutLogEvents", group + "2026/11/24/[$LATEST]1", nil, true},
			{"logs:PutLogEvents", group + "2026/11/24/[3]1", nil, true},
			{"logs:PutLogEvents", group + "app/app/1", nil, false},
			{"logs:GetLogEvents", group + "2026/11/24/[$LATEST]1", nil, false},
		} {
			if got := e.AWS.Simulate(base["FunctionRoleArn"], test.action, test.resource, test.tags); got != test.want {
				t.Errorf("a preview's function may call %s on %s with tags %v: %t, want %t", test.action, test.resource, test.tags, got, test.want)
			}
		}
		if !e.AWS.Simulate(base["PermanentFunctionRoleArn"], "logs:CreateLogStream", group+"2026/11/24/[$LATEST]1", of("production")) {
			t.Error("production's function has no log")
		}
	})
}
