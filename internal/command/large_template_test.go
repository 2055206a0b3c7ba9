package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

// large returns the template fargate with a comment that makes it too large for a call.
func large() string { return template.Fargate + "#" + strings.Repeat("x", template.MaxSize) }

func (e *env) writeLarge(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(e.Workspace, "large.yaml"), []byte(large()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Whoever may only deploy previews cannot replace a template of production, nor read it.
func TestLarge_templates_are_kept_apart(t *testing.T) {
	inEnv(t, func(t *testing.T, e *env) {
		base, err := e.BaseOutputs(t.Context())
		e.check(err)
		for role, mine := range map[string]string{"preview": "hello-world-pr-8", "production": "hello-world-production", "sweep": ""} {
			config, err := e.ConfigAs("hello-world", role)
			e.check(err)
			client := s3.NewFromConfig(config)
			for _, stack := range []string{"hello-world-pr-8", "hello-world-production", "hello-world-base", "other-pr-8"} {
				bucket, key := aws.String(base["TemplateBucketName"]), aws.String(stack+"/x.template")
				_, put := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("x")})
				_, get := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key})
				if allowed := stack == mine; (put == nil) != allowed || (get == nil) != allowed {
					t.Errorf("%s puts and gets templates of %s: %v, %v", role, stack, put, get)
				}
			}
		}
	})
}

// Once somebody has deleted the bucket, another account may have one of that name.
func TestLarge_templates_are_not_put_into_or_read_from_a_strangers_bucket(t *testing.T) {
	inEnv(t, func(t *testing.T, e *env) {
		base, err := e.BaseOutputs(t.Context())
		e.check(err)
		for role, stack := range map[string]string{"preview": "hello-world-pr-8", "production": "hello-world-production"} {
			arn, err := e.RoleARN("hello-world", role)
			e.check(err)
			for _, action := range []string{"s3:PutObject", "s3:GetObject"} {
				for owner, want := range map[string]bool{"123456789012": true, "999999999999": false} {
					object := "arn:aws:s3:::" + base["TemplateBucketName"] + "/" + stack + "/x.template"
					if got := e.AWS.Simulate(arn, action, object, map[string]string{"aws:ResourceAccount": owner}); got != want {
						t.Errorf("%s may call %s on a bucket of account %s: %t, want %t", role, action, owner, got, want)
					}
				}
			}
		}
	})
}

// A base stack that an older pr-stack made has no bucket, until bootstrap adds it.
func TestLarge_template_needs_a_base_stack_with_a_bucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{})
		e.writeLarge(t)
		older := template.Base
		for _, part := range []string{"  TemplateBucket:\n", "  TemplateBucketName:\n"} {
			older = withoutEntry(t, older, part)
		}
		_, err := e.CloudFormation().UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
			StackName: aws.String(actiontest.BaseStack), TemplateBody: &older, Capabilities: []types.Capability{types.CapabilityCapabilityIam},
			Parameters: []types.Parameter{{ParameterKey: aws.String("Service"), ParameterValue: aws.String("hello-world")}},
		})
		e.check(err)
		<-time.After(5 * time.Minute)
		e.GitHub.Open(7, oneCommit)
		run := e.run("opened", oneCommit, "INPUT_TEMPLATE=large.yaml")
		run.want(t, 1, "", "base stack hello-world-base has no bucket for larger ones%0Ahint: run command: bootstrap again, which adds a bucket")
		if strings.Contains(run.Log(), "Build and push") {
			t.Error("the image was built first")
		}
		e.run("opened", oneCommit, "INPUT_COMMAND=bootstrap").want(t, 0, "updated", "")
		e.run("opened", oneCommit, "INPUT_TEMPLATE=large.yaml").want(t, 0, "created", "")
	})
}

// withoutEntry returns a template without one entry of a section, which begins with its name.
func withoutEntry(t *testing.T, body, name string) string {
	t.Helper()
	before, rest, found := strings.Cut(body, "\n"+name)
	if !found {
		t.Fatalf("the template has no %s", name)
	}
	for {
		line, after, more := strings.Cut(rest, "\n")
		if line != "" && !strings.HasPrefix(line, "    ") || !more {
			return before + "\n" + rest
		}
		rest = after
	}
}
