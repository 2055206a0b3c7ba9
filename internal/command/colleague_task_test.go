package command_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// One-off tasks are started without CloudFormation, by previews' jobs, too.
func TestColleague_cannot_reach_others_by_a_task(t *testing.T) {
	asColleague(t, func(t *testing.T, c *colleague) {
		base, err := c.BaseOutputs(t.Context())
		c.check(err)
		config, err := c.ConfigAs("hello-world", "preview")
		c.check(err)
		api, admin := ecs.NewFromConfig(config), ecs.NewFromConfig(c.AWS.Config())
		tags := func(environment string) []types.Tag {
			return []types.Tag{
				{Key: aws.String("pr-stack:service"), Value: aws.String("hello-world")},
				{Key: aws.String("pr-stack:environment"), Value: &environment},
			}
		}
		own := func(change func(*ecs.RunTaskInput)) *ecs.RunTaskInput {
			q := &ecs.RunTaskInput{
				Cluster: aws.String(base["ClusterName"]), TaskDefinition: aws.String(c.resource("hello-world-pr-7", "TaskDefinition")), Tags: tags("pr-7"),
				NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
					Subnets: []string{c.resource("hello-world-base", "PublicSubnetA")},
				}},
			}
			change(q)
			return q
		}
		production := c.resource("hello-world-production", "TaskDefinition")
		for what, change := range map[string]func(*ecs.RunTaskInput){
			"run production's code": func(q *ecs.RunTaskInput) { q.TaskDefinition = &production },
			"run code with production's role": func(q *ecs.RunTaskInput) {
				q.Overrides = &types.TaskOverride{TaskRoleArn: aws.String(base["PermanentTaskRoleArn"])}
			},
			"have ECS fetch what is production's": func(q *ecs.RunTaskInput) {
				q.Overrides = &types.TaskOverride{ExecutionRoleArn: aws.String(base["PermanentTaskExecutionRoleArn"])}
			},
			"run another service's code": func(q *ecs.RunTaskInput) {
				q.TaskDefinition = aws.String(c.resource("hello-world-pr-pr-7", "TaskDefinition"))
			},
			"run in another network": func(q *ecs.RunTaskInput) {
				q.NetworkConfiguration.AwsvpcConfiguration.Subnets = []string{"subnet-0fedcba9876543210"}
			},
			"run in another cluster":          func(q *ecs.RunTaskInput) { q.Cluster = aws.String(c.resource("hello-world-pr-base", "Cluster")) },
			"make a task look like another's": func(q *ecs.RunTaskInput) { q.Tags = tags("production") },
		} {
			_, err := api.RunTask(t.Context(), own(change))
			c.denied(what, err)
		}
		if _, err := api.RunTask(t.Context(), own(func(*ecs.RunTaskInput) {})); err != nil {
			t.Errorf("its own code: %v, want that it may run it", err)
		}
		for _, service := range []string{"hello-world-production", "hello-world-pr-pr-7"} {
			arn := c.resource(service, "EcsService")
			listed, err := admin.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: clusterOf(arn), ServiceName: serviceOf(arn)})
			c.check(err)
			_, err = api.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: clusterOf(arn), Task: &listed.TaskArns[0]})
			c.denied("stop a task of "+service, err)
		}
	})
}

// clusterOf and serviceOf return the names in a service's ARN.
func clusterOf(arn string) *string { return &strings.Split(arn, "/")[1] }
func serviceOf(arn string) *string { return &strings.Split(arn, "/")[2] }
