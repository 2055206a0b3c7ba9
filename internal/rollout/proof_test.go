package rollout

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/cfn"
	"pr-stack/internal/ecs"
	"pr-stack/internal/lambda"
)

// A green run says that something is proved only if it was seen.
func TestProof_says_what_was_seen_and_what_was_not(t *testing.T) {
	const image, url = "host/app@sha256:1", "http://lb"
	for name, test := range map[string]struct {
		proof     Proof
		held      string
		unchecked []string
	}{
		"a service behind a load balancer": {
			Proof{want: Want{Image: image, URL: url}, seen: Seen{Services: 1, TargetGroups: 1}, ownTaskDefinition: true},
			"The ECS service runs the image with this stack's task definition. The target group is healthy. The URL answers.",
			nil,
		},
		"two services, and a task definition from elsewhere": {
			Proof{want: Want{Image: image, URL: url}, seen: Seen{Services: 2, TargetGroups: 2}},
			"2 ECS services run the image. 2 target groups are healthy. The URL answers.",
			nil,
		},
		"a function": {
			Proof{want: Want{Image: image, Digest: "sha256:1", URL: url}, seen: Seen{Functions: []lambda.Running{{Resolved: image}}}},
			"The Lambda function runs the image. The URL answers.",
			nil,
		},
		"a function that runs something else, beside a service": {
			Proof{want: Want{Image: image, Digest: "sha256:1", URL: url}, seen: Seen{Services: 1, Functions: []lambda.Running{{}}}},
			"The ECS service runs the image. The Lambda function is active. The URL answers.",
			nil,
		},
		"a function that runs the image, beside a service that does not": {
			Proof{want: Want{Image: image, Digest: "sha256:1", URL: url}, seen: Seen{Services: 1, Functions: []lambda.Running{{Resolved: image}}}},
			"The ECS service runs: the deployment is complete. The Lambda function runs the image. The URL answers.",
			nil,
		},
		"a function that is called by an alias of an older version": {
			Proof{want: Want{Image: image, Digest: "sha256:1", URL: url}, seen: Seen{Functions: []lambda.Running{{Resolved: image}}, Aliases: []lambda.Running{{}}}},
			"The Lambda function is active. The URL answers.",
			nil,
		},
		"several functions": {
			Proof{want: Want{Image: image, Digest: "sha256:1", URL: url}, seen: Seen{Functions: []lambda.Running{{}, {Resolved: image}}}},
			"2 Lambda functions are active, and one of them runs the image. The URL answers.",
			nil,
		},
		"a function that may not be described": {
			Proof{want: Want{Image: image, URL: url}, seen: Seen{Unread: []string{"function F could not be described (no)"}}},
			"The URL answers.",
			[]string{"Which code runs was not checked: function F could not be described (no)."},
		},
		"no ECS": {
			Proof{want: Want{Image: image, URL: url}},
			"The URL answers.",
			[]string{"Which code runs was not checked: the stack has no ECS service."},
		},
		"a template that takes no image, and no URL": {
			Proof{seen: Seen{Services: 1}, ownTaskDefinition: true},
			"The ECS service runs this stack's task definition.",
			[]string{
				"Which image runs was not checked: the template declares no parameter ImageUri.",
				"No URL was asked: the stack has neither an output Url nor LoadBalancerDNSName.",
			},
		},
		"an HTTP API after a deployment": {
			Proof{want: Want{Image: image, URL: url, steady: 30 * time.Second}, seen: Seen{Services: 1}, ownTaskDefinition: true},
			"The ECS service runs the image with this stack's task definition. The URL answers, and for 30s it asked no task that is gone.",
			nil,
		},
		"an HTTP API that asks for a token": {
			Proof{want: Want{Image: image, URL: url, token: true}, seen: Seen{Services: 1}, ownTaskDefinition: true},
			"The ECS service runs the image with this stack's task definition. The URL answers 401 without a token.",
			[]string{"Whether the code answers at the URL was not checked: API Gateway asks for a token before it asks the code."},
		},
		"no ingress": {
			Proof{want: Want{Image: image, Stack: cfn.Stack{Parameters: map[string]string{"Ingress": "none"}}}, seen: Seen{Services: 1}, ownTaskDefinition: true},
			"The ECS service runs the image with this stack's task definition.",
			[]string{"No URL was asked: with ingress none there is none. That the tasks run is what ECS reports."},
		},
		"a service that CodeDeploy deploys to": {
			Proof{want: Want{Image: image, URL: url}, seen: Seen{Foreign: []string{"CODE_DEPLOY deploys to service Web"}}},
			"The URL answers.",
			[]string{"Which code runs, and whether its targets are healthy, was not checked: CODE_DEPLOY deploys to service Web."},
		},
		"such a service beside another": {
			Proof{want: Want{Image: image, URL: url}, seen: Seen{Services: 1, Foreign: []string{"EXTERNAL deploys to service Web"}}, ownTaskDefinition: true},
			"The ECS service runs this stack's task definition. The URL answers.",
			[]string{"Which code runs, and whether its targets are healthy, was not checked: EXTERNAL deploys to service Web."},
		},
		"a load balancer that answers certain addresses": {
			Proof{want: Want{Image: image, URL: url, Access: Access{Limited: true, SignIn: true}}, seen: Seen{Services: 1, TargetGroups: 1}},
			"The ECS service runs the image. The target group is healthy.",
			[]string{"The URL was not asked: allow-cidrs limits who may reach it, and this job may not be among them."},
		},
		"a load balancer that asks for a sign-in": {
			Proof{want: Want{Image: image, URL: url, Access: Access{SignIn: true}}, seen: Seen{Services: 1, TargetGroups: 1}},
			"The ECS service runs the image. The target group is healthy. The load balancer answers at the URL.",
			[]string{"What the URL answers after the sign-in was not checked: without one, only the load balancer answers."},
		},
		"a worker that is scaled to 0, beside a website": {
			Proof{want: Want{Image: image, URL: url}, seen: Seen{Services: 1, TargetGroups: 1, Idle: []string{"Worker"}, Running: ecs.Running{Containers: []ecs.Container{{Image: image}}}}},
			"The ECS service runs the image. The target group is healthy. The URL answers.",
			[]string{"Service Worker runs no task: its desired count is 0."},
		},
		"a service that is scaled to 0, beside a function": {
			Proof{want: Want{Image: image, Digest: "sha256:1", URL: url}, seen: Seen{Idle: []string{"Web"}, Functions: []lambda.Running{{Resolved: image}}}},
			"The Lambda function runs the image. The URL answers.",
			[]string{"Service Web runs no task: its desired count is 0."},
		},
		"everything scaled to 0": {
			Proof{want: Want{Image: image}, seen: Seen{Idle: []string{"Web"}}, ownTaskDefinition: true, unasked: true},
			"CloudFormation reports the stack complete.",
			[]string{"Service Web runs no task: its desired count is 0.", "The URL was not asked: no task runs behind it."},
		},
		"nothing at all": {
			Proof{},
			"CloudFormation reports the stack complete.",
			[]string{
				"Which code runs was not checked: the stack has no ECS service.",
				"No URL was asked: the stack has neither an output Url nor LoadBalancerDNSName.",
			},
		},
	} {
		if got := test.proof.String(); got != test.held {
			t.Errorf("%s: String() = %q, want %q", name, got, test.held)
		}
		if diff := cmp.Diff(test.unchecked, test.proof.Unchecked()); diff != "" {
			t.Errorf("%s: Unchecked (-want +got):\n%s", name, diff)
		}
	}
}

// A URL is not asked if nothing can be behind it. A function, or a service of which nothing is known, can.
func TestSeen_is_all_idle_if_nothing_else_may_run(t *testing.T) {
	for name, test := range map[string]struct {
		seen Seen
		want bool
	}{
		"nothing":              {Seen{}, false},
		"an idle service":      {Seen{Idle: []string{"Web"}}, true},
		"beside one that runs": {Seen{Idle: []string{"Web"}, Services: 1}, false},
		"beside a foreign one": {Seen{Idle: []string{"Web"}, Foreign: []string{"EXTERNAL"}}, false},
		"beside a function":    {Seen{Idle: []string{"Web"}, Functions: make([]lambda.Running, 1)}, false},
		"beside an unread one": {Seen{Idle: []string{"Web"}, Unread: []string{"Fn"}}, false},
	} {
		if got := test.seen.allIdle(); got != test.want {
			t.Errorf("%s: allIdle() = %t, want %t", name, got, test.want)
		}
	}
}

// If only parameters change, the image stays the same, so the image proves nothing.
func TestLacking_a_service_must_run_the_stacks_own_task_definition(t *testing.T) {
	const arn = "arn:aws:ecs:eu-north-1:123456789012:task-definition/app:"
	found := workloads{services: make([]Workload, 1), taskDefinitions: []string{arn + "2"}}
	want := Want{Image: "app@sha256:1", Digest: "sha256:1"}
	running := ecs.Running{Containers: []ecs.Container{{Image: "app@sha256:1"}}}
	for revision, lacks := range map[string]string{
		"2": "",
		"1": "a service runs task definition app:1, which is not the stack's",
	} {
		running.TaskDefinitions = []string{arn + revision}
		if got := lacking(Seen{Running: running}, found, want); got != lacks {
			t.Errorf("lacking(revision %s) = %q, want %q", revision, got, lacks)
		}
	}
	running.Containers[0].Image = "app@sha256:0"
	if got, lacks := lacking(Seen{Running: running}, found, want), "no running task is of image app@sha256:1"; got != lacks {
		t.Errorf("lacking(old image) = %q, want %q", got, lacks)
	}
}
