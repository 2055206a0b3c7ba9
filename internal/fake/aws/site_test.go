package aws_test

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1/random"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

// site is an account with a base stack and, once it is created, a service stack, from the templates
// of this project.
type site struct {
	*testing.T
	*fakeaws.AWS
	cfn  *cloudformation.Client
	ecs  *ecs.Client
	elb  *elbv2.Client
	base map[string]string
}

func onSite(t *testing.T, options fakeaws.Options, test func(s *site)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		account := fakeaws.New(options)
		s := &site{T: t, AWS: account, cfn: cloudformation.NewFromConfig(account.Config()),
			ecs: ecs.NewFromConfig(account.Config()), elb: elbv2.NewFromConfig(account.Config())}
		s.create("base", template.Base, map[string]string{"Service": "hello"})
		<-time.After(5 * time.Minute)
		s.base = s.outputs("base")
		test(s)
	})
}

func parameters(values map[string]string) (list []types.Parameter) {
	for key, value := range values {
		list = append(list, types.Parameter{ParameterKey: &key, ParameterValue: &value})
	}
	return list
}

func (s *site) create(name, body string, values map[string]string) {
	s.Helper()
	_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{
		StackName: &name, TemplateBody: &body, Parameters: parameters(values), Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	})
	if err != nil {
		s.Fatalf("CreateStack(%s) = %v", name, err)
	}
}

func (s *site) stack(name string) types.Stack {
	s.Helper()
	answer, err := s.cfn.DescribeStacks(s.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		s.Fatalf("DescribeStacks(%s) = %v", name, err)
	}
	return answer.Stacks[0]
}

func (s *site) outputs(name string) map[string]string {
	s.Helper()
	outputs := map[string]string{}
	for _, o := range s.stack(name).Outputs {
		outputs[*o.OutputKey] = *o.OutputValue
	}
	return outputs
}

// image pushes an image and returns its reference by digest.
func (s *site) image(tag string) string {
	s.Helper()
	image, err := random.Image(32, 1)
	if err != nil {
		s.Fatal(err)
	}
	digest, err := s.PushImage(s.base["RepositoryName"], tag, image)
	if err != nil {
		s.Fatalf("PushImage(%s) = %v", tag, err)
	}
	return s.base["RepositoryUri"] + "@" + digest
}

func (s *site) values(image string) map[string]string {
	values := map[string]string{"ImageUri": image, "Service": "hello", "Environment": "pr-7"}
	for _, name := range []string{"VpcId", "PublicSubnetIds", "ClusterName", "TaskExecutionRoleArn", "TaskRoleArn"} {
		values[name] = s.base[name]
	}
	return values
}

func (s *site) update(values map[string]string) {
	s.Helper()
	_, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String("hello-pr-7"), TemplateBody: &template.Fargate, Parameters: parameters(values),
	})
	if err != nil {
		s.Fatalf("UpdateStack = %v", err)
	}
}

// wait lets time pass until no operation is in progress and returns the stack's status.
func (s *site) wait() types.StackStatus {
	s.Helper()
	for range 4 * 60 * 6 {
		if status := s.stack("hello-pr-7").StackStatus; !strings.HasSuffix(string(status), "_IN_PROGRESS") {
			return status
		}
		<-time.After(10 * time.Second)
	}
	s.Fatal("the stack never comes to rest")
	return ""
}

// get sends a request to the stack's URL.
func (s *site) get() (status int, body string) {
	s.Helper()
	return s.getPath("")
}

// getPath sends a request to a path below the stack's URL.
func (s *site) getPath(path string) (status int, body string) {
	s.Helper()
	response, err := (&http.Client{Transport: s.AWS}).Get(s.outputs("hello-pr-7")["Url"] + path)
	if err != nil {
		s.Fatalf("GET = %v", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// imageName makes each container answer with the name of its image.
func imageName(image string, _ map[string]string) fakeaws.Container {
	return fakeaws.Container{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, image) })}
}

// golden compares with a file. UPDATE_GOLDEN=1 rewrites the file.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}
