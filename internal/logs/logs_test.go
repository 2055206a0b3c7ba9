package logs_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/go-containerregistry/pkg/v1/random"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/logs"
)

const app = `
Resources:
  Repository: {Type: AWS::ECR::Repository, Properties: {RepositoryName: hello}}
  Log: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /hello}}
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: c}}
  Task:
    Type: AWS::ECS::TaskDefinition
    DependsOn: [Log, Repository]
    Properties:
      ContainerDefinitions:
        - Name: app
          Image: 123456789012.dkr.ecr.eu-north-1.amazonaws.com/hello:x
          LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: /hello, awslogs-stream-prefix: p}}
  Service: {Type: AWS::ECS::Service, Properties: {Cluster: !Ref Cluster, TaskDefinition: !Ref Task}}
`

func TestTail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := fakeaws.New(fakeaws.Options{Container: func(string, map[string]string) fakeaws.Container {
			return fakeaws.Container{Log: []string{"one", "two\r\n", "three"}}
		}})
		name, body := "s", app
		stacks := cloudformation.NewFromConfig(account.Config())
		input := &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &body}
		if _, err := stacks.CreateStack(t.Context(), input); err != nil {
			t.Fatal(err)
		}
		<-time.After(5 * time.Second)
		image, err := random.Image(16, 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := account.PushImage("hello", "x", image); err != nil {
			t.Fatal(err)
		}
		<-time.After(5 * time.Minute)

		api := cloudwatchlogs.NewFromConfig(account.Config())
		group := "/hello"
		streams, err := api.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: &group})
		if err != nil || len(streams.LogStreams) == 0 {
			t.Fatalf("DescribeLogStreams = %+v, %v", streams, err)
		}
		stream := logs.Stream{API: api, Group: group, Name: *streams.LogStreams[0].LogStreamName}
		if lines, err := stream.Tail(t.Context(), 2); err != nil || !slices.Equal(lines, []string{"two", "three"}) {
			t.Errorf("Tail = %q, %v, want the last two lines", lines, err)
		}

		// A container that wrote nothing has no stream, and a group may already be deleted.
		for _, missing := range []logs.Stream{{API: api, Group: group, Name: "p/app/none"}, {API: api, Group: "/deleted", Name: "x"}} {
			if lines, err := missing.Tail(t.Context(), 2); err != nil || lines != nil {
				t.Errorf("Tail of %s in %s = %q, %v, want no lines", missing.Name, missing.Group, lines, err)
			}
		}
		account.Inject(fakeaws.Fault{Operation: "GetLogEvents", Code: "AccessDeniedException", Message: "no"})
		if _, err := stream.Tail(t.Context(), 2); err == nil {
			t.Error("Tail without permission to read = no error, want one")
		}
	})
}
