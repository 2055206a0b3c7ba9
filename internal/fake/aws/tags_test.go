package aws

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	sdktypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"pr-stack/internal/fake/aws/internal/wire"
)

const allTagged = "Balancer Cluster Definition Group Listener Logs Repository Service Targets"

func TestTags_of_a_stack_reach_every_resource_that_takes_tags(t *testing.T) {
	withRights(t, func(r *rights) {
		r.create(tags("commit", "1", "team", "stack")...)
		r.wantEnd("CREATE_COMPLETE")
		for arn, want := range map[string]string{
			"arn:aws:logs:eu-north-1:123456789012:log-group:/x/logs":                      "1 stack",
			"arn:aws:logs:eu-north-1:123456789012:log-group:/x/logs:*":                    "1 stack",
			"arn:aws:logs:eu-north-1:123456789012:log-group:/x/logs:log-stream:app/app/1": "1 stack",
			"arn:aws:ecs:eu-north-1:123456789012:cluster/c":                               "1 stack",
			"arn:aws:ecs:eu-north-1:123456789012:task-definition/f:1":                     "1 stack",
			"arn:aws:ec2:eu-north-1:123456789012:security-group/" + r.physicalID("Group"): "1 own",
			r.physicalID("Balancer"):                        "1 stack",
			r.physicalID(""):                                "1 stack",
			"arn:aws:ec2:eu-north-1:123456789012:vpc/vpc-1": " ",
		} {
			if got := r.account.Tags(arn); got["commit"]+" "+got["team"] != want {
				r.Errorf("tags of %s = %v, want %q", arn, got, want)
			}
		}
	})
}

// A task has its service's tags if they are passed on.
func TestTags_of_a_task(t *testing.T) {
	for propagate, want := range map[string]string{"PropagateTags: SERVICE, ": "1", "": ""} {
		withRights(t, func(r *rights) {
			r.must("CreateStack", append(tags("commit", "1"), "TemplateBody",
				strings.Replace(everything, "DesiredCount: 0", propagate+"DesiredCount: 1", 1))...)
			list, err := ecs.NewFromConfig(r.Config()).ListTasks(r.Context(), &ecs.ListTasksInput{
				Cluster: aws.String("c"), DesiredStatus: types.DesiredStatusStopped, // its image does not exist
			})
			if err != nil || len(list.TaskArns) == 0 {
				r.Fatalf("ListTasks = %v, %v", list, err)
			}
			if got := r.account.Tags(list.TaskArns[0])["commit"]; got != want {
				r.Errorf("with %q the task's tag is %q, want %q", propagate, got, want)
			}
		})
	}
}

// A new value of one tag updates all that take tags, each after those that it needs, and takes time.
func TestTags_changed_update_every_resource_that_takes_tags(t *testing.T) {
	withRights(t, func(r *rights) {
		r.create(tags("commit", "1")...)
		began := time.Now()
		events := r.update(tags("commit", "2")...)
		r.wantEnd("UPDATE_COMPLETE")
		for id := range strings.FieldsSeq(allTagged) {
			before, after := "UPDATE_IN_PROGRESS "+id+"\n", "UPDATE_COMPLETE "+id+"\n"
			if !strings.Contains(events, before) || strings.Index(events, after) < strings.Index(events, before) {
				r.Errorf("%s has no update:\n%s", id, events)
			}
		}
		if strings.Contains(events, "Attachment") {
			r.Errorf("Attachment takes no tags and is updated:\n%s", events)
		}
		for _, order := range [][2]string{{"Group", "Balancer"}, {"Balancer", "Listener"}, {"Listener", "Service"}, {"Cluster", "Service"}} {
			if strings.Index(events, "UPDATE_COMPLETE "+order[0]+"\n") > strings.Index(events, "UPDATE_IN_PROGRESS "+order[1]+"\n") {
				r.Errorf("%s begins before %s is complete:\n%s", order[1], order[0], events)
			}
		}
		if got := r.account.Tags("arn:aws:ecs:eu-north-1:123456789012:cluster/c")["commit"]; got != "2" {
			r.Errorf("the tag's value is %q, want 2", got)
		}
		if took := r.ended().Sub(began); took < 15*time.Second || took > 40*time.Second {
			r.Errorf("the update took %v, want the group, the load balancer, the listener and the service in a row", took)
		}
	})
}

func TestTags_come_back_in_a_rollback(t *testing.T) {
	withRights(t, func(r *rights) {
		r.create(tags("commit", "1")...)
		r.FailResource("s", "Service", Failure{Operation: "UPDATE", Reason: "No.", After: time.Second, Times: 1})
		events := r.update(tags("commit", "2")...)
		r.wantEnd("UPDATE_ROLLBACK_COMPLETE")
		if n := strings.Count(events, "UPDATE_IN_PROGRESS Cluster\n"); n != 2 {
			r.Errorf("%d updates of the cluster, want one to and one from\n%s", n, events)
		}
		if got := r.account.Tags("arn:aws:ecs:eu-north-1:123456789012:cluster/c")["commit"]; got != "1" {
			r.Errorf("after the rollback the tag's value is %q, want 1", got)
		}
	})
}

func TestTags_that_an_update_does_not_name_stay(t *testing.T) {
	withRights(t, func(r *rights) {
		r.create(tags("commit", "1")...)
		events := r.update("Parameters.member.1.ParameterKey", "Retention", "Parameters.member.1.ParameterValue", "3")
		if strings.Contains(events, "Cluster") || !strings.Contains(events, "UPDATE_COMPLETE Logs\n") {
			r.Errorf("an update of the log group alone:\n%s", events)
		}
		if got := r.account.Tags("arn:aws:ecs:eu-north-1:123456789012:cluster/c")["commit"]; got != "1" {
			r.Errorf("the tag's value is %q, want 1", got)
		}
	})
}

// An empty list of tags removes them all, from the resources, too. The SDK sends it as "Tags=".
func TestTags_are_removed_by_an_empty_list(t *testing.T) {
	withRights(t, func(r *rights) {
		const cluster = "arn:aws:ecs:eu-north-1:123456789012:cluster/c"
		r.create(tags("commit", "1")...)
		if needs := r.needs("UpdateStack", "Tags", ""); !slices.Contains(needs, "cloudformation:UntagResource") {
			r.Errorf("UpdateStack without tags needs %v, want cloudformation:UntagResource", needs)
		}
		if needs := r.needs("UpdateStack"); slices.Contains(needs, "cloudformation:UntagResource") {
			r.Errorf("UpdateStack that names no tags needs %v, want no cloudformation:UntagResource", needs)
		}
		_, err := sdk.NewFromConfig(r.Config()).UpdateStack(r.Context(), &sdk.UpdateStackInput{
			StackName: aws.String("s"), TemplateBody: aws.String(everything), Tags: []sdktypes.Tag{},
		})
		if err != nil {
			r.Fatal(err)
		}
		<-time.After(10 * time.Minute)
		r.wantEnd("UPDATE_COMPLETE")
		if got := r.account.Tags(cluster); len(got) > 0 {
			r.Errorf("the cluster still has the tags %v", got)
		}
		if got := r.account.Tags(r.physicalID("")); len(got) > 0 {
			r.Errorf("the stack still has the tags %v", got)
		}
	})
}

// needs returns the actions that a call needs of its caller.
func (r *rights) needs(operation string, pairs ...string) (actions []string) {
	form := url.Values{"Action": {operation}, "StackName": {"s"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	for _, a := range r.stacks.CallPermissions()[operation](wire.Request{Form: form}) {
		actions = append(actions, a.Action)
	}
	return actions
}
