package aws_test

import (
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

// constant is the service stack's template without a nonce.
var constant = regexp.MustCompile(`(?m)^ *ForceNewDeployment:\n( +EnableForceNewDeployment: .*\n| +ForceNewDeploymentNonce: .*\n)*`).
	ReplaceAllString(template.Fargate, "")

var nonce = strings.Replace(constant, "      Cluster: !Ref ClusterName\n",
	"      Cluster: !Ref ClusterName\n      ForceNewDeployment: {EnableForceNewDeployment: true, ForceNewDeploymentNonce: x}\n", 1)

// "This parameter doesn't trigger a new service deployment" stands beside most of UpdateService's
// parameters.
func TestService_update_without_a_deployment(t *testing.T) {
	for name, test := range map[string]struct {
		change map[string]string
		body   string
		tags   []types.Tag
		deploy bool
	}{
		"another capacity provider": {change: map[string]string{"CapacityProvider": "FARGATE_SPOT"}},
		"more tasks":                {change: map[string]string{"DesiredCount": "2"}},
		"a tag":                     {tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("a")}}},
		"another nonce":             {deploy: true, body: nonce},
		"another target group":      {deploy: true, body: strings.Replace(constant, "      Port: 80\n      HealthCheckPath:", "      Port: 81\n      HealthCheckPath:", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			onSite(t, fakeaws.Options{}, func(s *site) {
				body := constant
				values := s.values(s.image("x"))
				s.create("hello-pr-7", body, values)
				if got := s.wait(); got != "CREATE_COMPLETE" {
					s.Fatalf("status = %s, want CREATE_COMPLETE", got)
				}
				before, arn := *s.service().Deployments[0].Id, *s.service().ServiceArn
				maps.Copy(values, test.change)
				if test.body != "" {
					body = test.body
				}
				_, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{
					StackName: aws.String("hello-pr-7"), TemplateBody: &body, Parameters: parameters(values), Tags: test.tags,
				})
				if err != nil {
					s.Fatal(err)
				}
				if got := s.wait(); got != "UPDATE_COMPLETE" {
					s.Fatalf("status = %s, want UPDATE_COMPLETE", got)
				}
				service := s.service()
				if deployed := *service.Deployments[0].Id != before; deployed != test.deploy {
					s.Errorf("a new deployment: %v, want %v", deployed, test.deploy)
				}
				if *service.ServiceArn != arn {
					s.Error("the service was replaced, want an update in place")
				}
				if status, _ := s.get(); status != http.StatusOK {
					s.Errorf("the URL answers %d, want 200", status)
				}
				if service.RunningCount != service.DesiredCount {
					s.Errorf("%d tasks run, want %d", service.RunningCount, service.DesiredCount)
				}
			})
		})
	}
}

// The nonce of the service stack's template changes with the capacity provider, and with nothing else.
func TestService_moves_to_another_capacity_provider(t *testing.T) {
	for parameter, deploy := range map[string]bool{"CapacityProvider=FARGATE_SPOT": true, "DesiredCount=2": false} {
		onSite(t, fakeaws.Options{}, func(s *site) {
			values := s.values(s.image("x"))
			s.create("hello-pr-7", template.Fargate, values)
			s.wait()
			before := *s.service().Deployments[0].Id
			key, value, _ := strings.Cut(parameter, "=")
			values[key] = value
			s.update(values)
			if got := s.wait(); got != "UPDATE_COMPLETE" {
				s.Fatalf("%s: status = %s, want UPDATE_COMPLETE", parameter, got)
			}
			if deployed := *s.service().Deployments[0].Id != before; deployed != deploy {
				s.Errorf("%s: a new deployment: %v, want %v", parameter, deployed, deploy)
			}
		})
	}
}

// "The rolloutState of a service is only returned for services that use a rolling update (ECS)
// deployment type." The others have no deployments at all.
func TestService_of_another_controller_has_no_rollout_state(t *testing.T) {
	for _, controller := range []string{"CODE_DEPLOY", "EXTERNAL"} {
		body := strings.Replace(template.Fargate, "      Cluster: !Ref ClusterName\n",
			"      Cluster: !Ref ClusterName\n      DeploymentController: {Type: "+controller+"}\n", 1)
		onSite(t, fakeaws.Options{}, func(s *site) {
			s.create("hello-pr-7", body, s.values(s.image("x")))
			<-time.After(4 * time.Minute)
			service := s.service()
			if len(service.Deployments) > 0 || service.DeploymentController == nil || string(service.DeploymentController.Type) != controller {
				s.Errorf("%s: the service has the controller %v and the deployments %v, want none", controller, service.DeploymentController, service.Deployments)
			}
		})
	}
}
