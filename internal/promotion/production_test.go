package promotion_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-containerregistry/pkg/v1/random"

	edge "pr-stack/internal/ecs"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/promotion"
	"pr-stack/internal/runner"
	"pr-stack/internal/template"
	"pr-stack/internal/timeline"
)

// production is an account with a permanent stack that deploys by canaries.
type production struct {
	*testing.T
	*fakeaws.AWS
	promotion.Clients
	cfn           *cloudformation.Client
	base          map[string]string
	first, second string // images
	progress      []string
}

// withoutStack runs a test in a bubble, before production's stack exists.
func withoutStack(t *testing.T, test func(p *production)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		answers := func(image string, _ map[string]string) fakeaws.Container {
			return fakeaws.Container{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, image) })}
		}
		account := fakeaws.New(fakeaws.Options{Container: answers})
		p := &production{T: t, AWS: account, cfn: cloudformation.NewFromConfig(account.Config()), Clients: promotion.Clients{
			ECS: ecs.NewFromConfig(account.Config()), HTTP: account, Log: runner.New(io.Discard, nil), Times: &timeline.Recorder{},
		}}
		_, err := p.cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{
			StackName: aws.String("base"), TemplateBody: &template.Base, Capabilities: []types.Capability{types.CapabilityCapabilityIam},
			Parameters: []types.Parameter{{ParameterKey: aws.String("Service"), ParameterValue: aws.String("hello")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(5 * time.Minute)
		p.base, _ = template.BaseValues(p.outputs("base"), true)
		p.first, p.second = p.image("first"), p.image("second")
		test(p)
	})
}

// inProduction runs a test with a stack that runs the first image.
func inProduction(t *testing.T, test func(p *production)) {
	t.Helper()
	withoutStack(t, func(p *production) {
		judged := 0
		gate := func(context.Context, int) error { judged++; return nil }
		if err := p.Canary(p.Context(), p.canary(gate), p.deploy(p.first)); err != nil || judged > 0 {
			p.Fatalf("Canary of the first version = %v, and the gate was asked %d times", err, judged)
		}
		p.progress = nil
		test(p)
	})
}

func (p *production) image(tag string) string {
	p.Helper()
	image, err := random.Image(32, 1)
	if err != nil {
		p.Fatal(err)
	}
	digest, err := p.PushImage(p.base["RepositoryName"], tag, image)
	if err != nil {
		p.Fatal(err)
	}
	return p.base["RepositoryUri"] + "@" + digest
}

func (p *production) outputs(stack string) map[string]string {
	answer, err := p.cfn.DescribeStacks(context.WithoutCancel(p.Context()), &cloudformation.DescribeStacksInput{StackName: &stack})
	if err != nil {
		p.Fatal(err)
	}
	values := map[string]string{"": string(answer.Stacks[0].StackStatus)}
	for _, o := range answer.Stacks[0].Outputs {
		values[*o.OutputKey] = *o.OutputValue
	}
	return values
}

// status returns the status of production's stack.
func (p *production) status() string { return p.outputs("hello-production")[""] }

// deploy returns an update of the stack to an image, which ends when CloudFormation does.
func (p *production) deploy(image string) func(context.Context) error {
	return func(ctx context.Context) error {
		values := map[string]string{"ImageUri": image, "Service": "hello", "Environment": "production", "Strategy": "canary", "DesiredCount": "2"}
		maps.Copy(values, p.base)
		var list []types.Parameter
		for name, value := range values {
			if strings.Contains(template.Fargate, "\n  "+name+":\n    Type: ") {
				list = append(list, types.Parameter{ParameterKey: &name, ParameterValue: &value})
			}
		}
		name := aws.String("hello-production")
		_, err := p.cfn.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: name, TemplateBody: &template.Fargate, Parameters: list})
		if err != nil {
			_, err = p.cfn.UpdateStack(ctx, &cloudformation.UpdateStackInput{StackName: name, TemplateBody: &template.Fargate, Parameters: list})
		}
		for err == nil {
			switch status := p.status(); {
			case strings.Contains(status, "ROLLBACK") && !strings.HasSuffix(status, "_IN_PROGRESS"):
				err = errors.New(status)
			case !strings.HasSuffix(status, "_IN_PROGRESS"):
				return nil
			case ctx.Err() != nil:
				return context.Cause(ctx)
			}
			<-time.After(5 * time.Second)
		}
		return err
	}
}

// canary is what follows production's service, with a gate.
func (p *production) canary(gate func(context.Context, int) error) promotion.Canary {
	return promotion.Canary{
		Gate:    gate,
		Service: func(ctx context.Context) (string, error) { return p.service(ctx), nil },
		OnProgress: func(now promotion.CanaryProgress) {
			if now.Paused {
				p.progress = append(p.progress, fmt.Sprintf("%s %d", now.Stage, now.Percent))
			}
		},
	}
}

func (p *production) service(ctx context.Context) string {
	list, err := p.ECS.ListServices(ctx, &ecs.ListServicesInput{Cluster: aws.String(p.base["ClusterName"])})
	if err != nil || len(list.ServiceArns) == 0 {
		return ""
	}
	return list.ServiceArns[0]
}

func (p *production) edge() edge.Service {
	return edge.Service{API: p.ECS, ARN: p.service(context.WithoutCancel(p.Context()))}
}

// checkShare checks how many of 100 requests an image answers, and that all are answered.
func (p *production) checkShare(image string, want int) {
	p.Helper()
	got := 0
	for range 100 {
		response, err := (&http.Client{Transport: p.AWS}).Get(p.outputs("hello-production")["Url"])
		if err != nil {
			p.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			p.Errorf("GET = %d, want 200 throughout", response.StatusCode)
		}
		if string(body) == image {
			got++
		}
	}
	if got != want {
		p.Errorf("%d of 100 requests reach the image, want %d", got, want)
	}
}

// checkReturned checks that all requests went back to the first image. It returns how long that took.
func (p *production) checkReturned(err error, why string) time.Duration {
	p.Helper()
	returned, ok := errors.AsType[*promotion.ReturnedError](err)
	if !ok || !strings.Contains(returned.Why, why) || returned.Cause != nil {
		p.Fatalf("Canary = %v (%+v), want a return because %s", err, returned, why)
	}
	for strings.HasSuffix(p.status(), "_IN_PROGRESS") {
		<-time.After(5 * time.Second)
	}
	if got := p.status(); got != "UPDATE_ROLLBACK_COMPLETE" {
		p.Errorf("status = %s, want UPDATE_ROLLBACK_COMPLETE", got)
	}
	p.checkShare(p.first, 100)
	return returned.Took
}
