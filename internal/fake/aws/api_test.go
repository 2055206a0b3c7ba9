package aws_test

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

// withAPI is a site whose base stack has a VPC link and a namespace.
func withAPI(t *testing.T, test func(s *site)) {
	t.Helper()
	onSite(t, fakeaws.Options{Container: imageName}, func(s *site) {
		s.updateBase(map[string]string{"Service": "hello", "VpcLink": "true"})
		test(s)
	})
}

func (s *site) updateBase(values map[string]string) {
	s.Helper()
	_, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String("base"), TemplateBody: &template.Base, Parameters: parameters(values),
		Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	})
	if err != nil {
		s.Fatalf("UpdateStack(base) = %v", err)
	}
	<-time.After(5 * time.Minute)
	if got := s.stack("base").StackStatus; got != "UPDATE_COMPLETE" {
		s.Fatalf("the base stack is %s, want UPDATE_COMPLETE", got)
	}
	s.base = s.outputs("base")
}

// apiValues are the parameters of a service stack behind an HTTP API.
func (s *site) apiValues(image string) map[string]string {
	values := s.values(image)
	values["Ingress"] = "api"
	for _, name := range []string{"VpcLinkId", "VpcLinkSecurityGroupId", "NamespaceId"} {
		values[name] = s.base[name]
	}
	return values
}

func (s *site) createAPI(image string) {
	s.Helper()
	s.create("hello-pr-7", template.Fargate, s.apiValues(image))
	if got := s.wait(); got != "CREATE_COMPLETE" {
		s.Fatalf("status = %s, want CREATE_COMPLETE", got)
	}
}

// The answer is that of the container's image, or API Gateway's own.
func (s *site) wantAnswer(wantStatus int, wantBody string) {
	s.Helper()
	if status, body := s.get(); status != wantStatus || body != wantBody {
		s.Errorf("GET = %d %q, want %d %q", status, body, wantStatus, wantBody)
	}
}

const unavailable = `{"message":"Service Unavailable"}`

func TestAPI_serves_what_runs(t *testing.T) {
	withAPI(t, func(s *site) {
		one, two := s.image("one"), s.image("two")
		began := time.Now()
		s.createAPI(one)
		if took := time.Since(began); took > 2*time.Minute {
			s.Errorf("the stack took %s, want no load balancer's time", took)
		}
		if url := s.outputs("hello-pr-7")["Url"]; !strings.HasSuffix(url, ".execute-api.eu-north-1.amazonaws.com") || !strings.HasPrefix(url, "https://") {
			s.Errorf("the URL is %s", url)
		}
		s.wantAnswer(200, one)

		s.update(s.apiValues(two))
		if got := s.wait(); got != "UPDATE_COMPLETE" {
			s.Fatalf("status = %s, want UPDATE_COMPLETE", got)
		}
		s.wantAnswer(200, two)
	})
}

// After a deployment API Gateway asks tasks that are gone, for a while.
func TestAPI_asks_tasks_that_are_gone(t *testing.T) {
	withAPI(t, func(s *site) {
		one, two := s.image("one"), s.image("two")
		s.createAPI(one)
		s.update(s.apiValues(two))
		answers := map[string]int{}
		last := time.Now()
		for began := time.Now(); time.Since(began) < 3*time.Minute; <-time.After(time.Second) {
			status, body := s.get()
			if status == 503 && body != unavailable {
				s.Errorf("a 503 is %q, want %q", body, unavailable)
			}
			if answers[body]++; body != two {
				last = time.Now()
			}
		}
		if answers[one] == 0 || answers[unavailable] == 0 || answers[two] == 0 {
			s.Errorf("the answers were %v, want the old code's, 503s and the new code's", answers)
		}
		if ago := time.Since(last); ago < 20*time.Second {
			s.Errorf("the last of them was %s ago, want only the new code's in the end", ago)
		}
	})
}

func TestAPI_has_nobody_to_ask(t *testing.T) {
	withAPI(t, func(s *site) {
		values := s.apiValues(s.image("one"))
		values["DesiredCount"] = "0"
		s.create("hello-pr-7", template.Fargate, values)
		s.wait()
		s.wantAnswer(503, unavailable)
		m := servicediscovery.NewFromConfig(s.Config())
		id := s.physicalID("DiscoveryService")
		if list, err := m.ListInstances(s.Context(), &servicediscovery.ListInstancesInput{ServiceId: &id}); err != nil || len(list.Instances) != 0 {
			s.Errorf("ListInstances = %v, %v, want none", list, err)
		}
		values["DesiredCount"] = "2"
		s.update(values)
		s.wait()
		list, err := m.ListInstances(s.Context(), &servicediscovery.ListInstancesInput{ServiceId: &id})
		if err != nil || len(list.Instances) != 2 || list.Instances[0].Attributes["AWS_INSTANCE_PORT"] != "8080" {
			s.Errorf("ListInstances = %v, %v, want two with their ports", list, err)
		}
	})
}

func (s *site) physicalID(logicalID string) string {
	s.Helper()
	answer, err := s.cfn.ListStackResources(s.Context(), &cloudformation.ListStackResourcesInput{StackName: aws.String("hello-pr-7")})
	if err != nil {
		s.Fatal(err)
	}
	for _, r := range answer.StackResourceSummaries {
		if *r.LogicalResourceId == logicalID {
			return *r.PhysicalResourceId
		}
	}
	s.Fatalf("the stack has no %s", logicalID)
	return ""
}

// A link that was not used for 60 days fails the first request and comes back.
func TestAPI_brings_an_inactive_VPC_link_back(t *testing.T) {
	withAPI(t, func(s *site) {
		one := s.image("one")
		s.createAPI(one)
		api := apigatewayv2.NewFromConfig(s.Config())
		status := func() string {
			link, err := api.GetVpcLink(s.Context(), &apigatewayv2.GetVpcLinkInput{VpcLinkId: aws.String(s.base["VpcLinkId"])})
			if err != nil {
				s.Fatal(err)
			}
			return string(link.VpcLinkStatus)
		}
		s.DeactivateVPCLinks()
		if got := status(); got != "INACTIVE" {
			s.Errorf("the link is %s, want INACTIVE", got)
		}
		s.wantAnswer(503, unavailable)
		if got := status(); got != "PENDING" {
			s.Errorf("after a request the link is %s, want PENDING", got)
		}
		<-time.After(5 * time.Minute)
		s.wantAnswer(200, one)
		if _, err := api.GetVpcLink(s.Context(), &apigatewayv2.GetVpcLinkInput{VpcLinkId: aws.String("none")}); !strings.Contains(answer(err), "NotFoundException 404") {
			s.Errorf("GetVpcLink(none) = %v", err)
		}
	})
}

func TestAPI_checks_tokens(t *testing.T) {
	withAPI(t, func(s *site) {
		values := s.apiValues(s.image("one"))
		values["OidcIssuer"], values["OidcAudience"] = "https://id.example.com", "previews"
		s.create("hello-pr-7", template.Fargate, values)
		s.wait()
		token := func(claims string) string {
			return "Bearer e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
		}
		for header, want := range map[string]int{
			"":       401,
			"Bearer": 401,
			token(`{"iss": "https://id.example.com", "aud": "previews"}`):   200,
			token(`{"iss": "https://id.example.com", "aud": "others"}`):     401,
			token(`{"iss": "https://evil.example.com", "aud": "previews"}`): 401,
		} {
			request, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.outputs("hello-pr-7")["Url"]+"/a", nil)
			if err != nil {
				s.Fatal(err)
			}
			request.Header.Set("Authorization", header)
			response, err := s.RoundTrip(request)
			if err != nil {
				s.Fatal(err)
			}
			if _ = response.Body.Close(); response.StatusCode != want {
				s.Errorf("with %q: %v, want %d", header, response, want)
			}
		}
	})
}

const apiParts = `
Parameters: {Link: {Type: String}, Uri: {Type: String}, Name: {Type: String, Default: $default}, Type: {Type: String, Default: HTTP_PROXY}}
Conditions: {Private: !Equals [!Ref Type, HTTP_PROXY]}
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP}}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: !Ref Type
      ConnectionType: !If [Private, VPC_LINK, INTERNET]
      ConnectionId: !If [Private, !Ref Link, !Ref AWS::NoValue]
      IntegrationUri: !Ref Uri
  Route: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: "GET /{proxy+}", Target: !Sub "integrations/${Integration}"}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: !Ref Name}}
Outputs: {Url: {Value: !GetAtt Api.ApiEndpoint}}
`

// AWS refuses the URL that some of its guides show (openab#1275).
func TestAPI_refuses_a_URL_behind_a_VPC_link(t *testing.T) {
	withAPI(t, func(s *site) {
		s.create("hello-pr-7", apiParts, map[string]string{"Link": s.base["VpcLinkId"], "Uri": "http://app.internal:8080"})
		if got := s.wait(); got != "ROLLBACK_COMPLETE" {
			s.Errorf("status = %s, want ROLLBACK_COMPLETE", got)
		}
		var timeline strings.Builder
		s.Timeline(&timeline, "hello-pr-7")
		const want = "For VpcLink VPC_LINK, integration uri should be a valid ELB listener ARN or a valid Cloud Map service ARN."
		if !strings.Contains(timeline.String(), want) {
			s.Errorf("the events lack %q:\n%s", want, timeline.String())
		}
	})
}

// A function that does not exist, or that the API may not invoke, is an internal error. A stage other than
// $default is in the path.
func TestAPI_of_a_function(t *testing.T) {
	withAPI(t, func(s *site) {
		const arn = "arn:aws:lambda:eu-north-1:123456789012:function:f"
		s.create("hello-pr-7", apiParts, map[string]string{"Link": "", "Uri": arn, "Type": "AWS_PROXY", "Name": "prod"})
		if got := s.wait(); got != "CREATE_COMPLETE" {
			s.Fatalf("status = %s, want CREATE_COMPLETE", got)
		}
		for path, want := range map[string]string{"/prod/a": "500 Internal Server Error\n", "/a": `404 {"message":"Not Found"}`} {
			status, body := s.getPath(path)
			if got := strconv.Itoa(status) + " " + body; got != want {
				s.Errorf("GET %s = %s, want %s", path, got, want)
			}
		}
	})
}

func TestNamespace_with_services_is_not_deleted(t *testing.T) {
	withAPI(t, func(s *site) {
		s.createAPI(s.image("one"))
		if _, err := s.cfn.DeleteStack(s.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("base")}); err != nil {
			s.Fatal(err)
		}
		<-time.After(time.Hour)
		var timeline strings.Builder
		s.Timeline(&timeline, "base")
		if want := "Namespace has associated services; delete the services before deleting the namespace"; !strings.Contains(timeline.String(), want) {
			s.Errorf("the events lack %q:\n%s", want, timeline.String())
		}
	})
}

// Cloud Map refuses to delete a service with tasks in it. An environment's stack deletes the ECS service
// first.
func TestAPI_is_deleted_as_a_whole(t *testing.T) {
	withAPI(t, func(s *site) {
		s.createAPI(s.image("one"))
		url, id := s.outputs("hello-pr-7")["Url"], *s.stack("hello-pr-7").StackId
		if _, err := s.cfn.DeleteStack(s.Context(), &cloudformation.DeleteStackInput{StackName: &id}); err != nil {
			s.Fatal(err)
		}
		<-time.After(5 * time.Minute)
		if got := s.stack(id).StackStatus; got != "DELETE_COMPLETE" {
			s.Errorf("status = %s, want DELETE_COMPLETE", got)
		}
		response, err := (&http.Client{Transport: s.AWS}).Get(url)
		if err == nil {
			_ = response.Body.Close()
			s.Fatalf("GET = %v, want no such host", response)
		}
		if !strings.Contains(err.Error(), "no such host") {
			s.Errorf("GET = %v, want no such host", err)
		}
	})
}
