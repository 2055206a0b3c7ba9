package rollout

import (
	"bytes"
	"context"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// worker is a service that runs a task definition of its own stack, or the one that Other names.
const worker = `
Parameters:
  ImageUri: {Type: String}
  Other: {Type: String, Default: ""}
  Controller: {Type: String, Default: ECS}
Conditions:
  Own: !Equals [!Ref Other, ""]
Resources:
  Cluster: {Type: AWS::ECS::Cluster}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - {Name: worker, Image: !Ref ImageUri}
  Worker:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !If [Own, !Ref Task, !Ref Other]
      DeploymentController: {Type: !Ref Controller}
Outputs:
  Task: {Value: !Ref Task}
`

// account is an account, the clients that a rollout uses of it, and the log.
type account struct {
	*testing.T
	*fakeaws.AWS
	Clients
	log   *bytes.Buffer
	image string // one that is in the registry, by its digest
}

// inAccount runs a test in a bubble, in an account with an image.
func inAccount(t *testing.T, test func(a *account)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, log := fakeaws.New(fakeaws.Options{}), &bytes.Buffer{}
		config := server.Config()
		a := &account{T: t, AWS: server, log: log, Clients: Clients{
			CloudFormation: cloudformation.NewFromConfig(config), ECS: ecs.NewFromConfig(config), ELB: elbv2.NewFromConfig(config),
			Lambda: lambda.NewFromConfig(config), Logs: cloudwatchlogs.NewFromConfig(config), HTTP: server, Log: runner.New(log, nil), Times: &timeline.Recorder{},
		}}
		name := "app"
		if _, err := ecr.NewFromConfig(config).CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: &name}); err != nil {
			t.Fatal(err)
		}
		content, err := random.Image(16, 1)
		if err != nil {
			t.Fatal(err)
		}
		digest, err := server.PushImage(name, "1", content)
		if err != nil {
			t.Fatal(err)
		}
		a.image = server.RegistryHost() + "/app@" + digest
		test(a)
	})
}

// spec is a worker stack, with these parameters in addition to its image.
func (a *account) spec(name string, parameters map[string]string) Spec {
	all := map[string]string{"ImageUri": a.image}
	maps.Copy(all, parameters)
	return Spec{
		Name: name, Plan: Plan{Template: cfn.Template{Body: worker}, Parameters: all}, Tags: map[string]string{"commit": "1"},
		Allow: func(context.Context, cfn.Stack) error { return nil },
	}
}

func (a *account) apply(spec Spec) cfn.Stack {
	a.Helper()
	applied, err := a.Apply(a.Context(), spec)
	if err != nil {
		a.Errorf("Apply(%s) = %v", spec.Name, err)
	}
	return applied.Stack
}

// inAMinute does something in a minute and then closes done.
func inAMinute(do func()) (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		defer close(done)
		<-time.After(time.Minute)
		do()
	}()
	return done
}

// want is what has to be proved about a worker stack.
func (a *account) want(stack cfn.Stack) Want {
	return Want{
		Stack: stack, Image: a.image, Digest: digest(a.image), Timeout: 10 * time.Minute,
		Replaced: func(now cfn.Stack) bool { return now.Tags["commit"] != "1" },
	}
}
