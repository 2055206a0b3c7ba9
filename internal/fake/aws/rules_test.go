package aws_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	fakeaws "pr-stack/internal/fake/aws"
)

// gate is an account with a load balancer that has a certificate for *.preview.example.com, and rules
// of one's own.
type gate struct {
	*testing.T
	*fakeaws.AWS
	cfn *cloudformation.Client
}

const gateTemplate = `
Parameters: {Zone: {Type: String, Default: Z1}, Certificate: {Type: String, Default: ""}}
Conditions: {HasCertificate: !Not [!Equals [!Ref Certificate, ""]]}
Resources:
  Certificate0:
    Type: AWS::CertificateManager::Certificate
    Properties:
      DomainName: "*.preview.example.com"
      ValidationMethod: DNS
      DomainValidationOptions: [{DomainName: "*.preview.example.com", HostedZoneId: !Ref Zone}]
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Names:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneId: !Ref Zone
      Name: "*.preview.example.com."
      Type: A
      AliasTarget: {DNSName: !GetAtt Balancer.DNSName, HostedZoneId: !GetAtt Balancer.CanonicalHostedZoneID}
  Https:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 443
      Protocol: HTTPS
      Certificates: [{CertificateArn: !If [HasCertificate, !Ref Certificate, !Ref Certificate0]}]
      DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "404", MessageBody: nothing here}}]
  Http:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      DefaultActions: [{Type: redirect, RedirectConfig: {Protocol: HTTPS, Port: "443", StatusCode: HTTP_301}}]
Outputs: {Https: {Value: !Ref Https}, Http: {Value: !Ref Http}}
`

func atGate(t *testing.T, test func(g *gate)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		account := fakeaws.New(fakeaws.Options{})
		account.AddHostedZone(fakeaws.HostedZone{ID: "Z1", Name: "example.com"})
		account.AddHostedZone(fakeaws.HostedZone{ID: "Z2", Name: "example.com", Undelegated: true})
		test(&gate{t, account, cloudformation.NewFromConfig(account.Config())})
	})
}

// deploy creates a stack and returns its status after an hour, and its first failure.
func (g *gate) deploy(name, body string, values map[string]string) (status, failure string) {
	g.Helper()
	if _, err := g.cfn.CreateStack(g.Context(), &cloudformation.CreateStackInput{
		StackName: &name, TemplateBody: &body, Parameters: parameters(values),
	}); err != nil {
		g.Fatal(err)
	}
	<-time.After(time.Hour)
	answer, err := g.cfn.DescribeStackEvents(g.Context(), &cloudformation.DescribeStackEventsInput{StackName: &name})
	if err != nil {
		g.Fatal(err)
	}
	for _, e := range answer.StackEvents {
		if e.ResourceStatus == "CREATE_FAILED" {
			failure = *e.LogicalResourceId + ": " + aws.ToString(e.ResourceStatusReason)
		}
	}
	return string(answer.StackEvents[0].ResourceStatus), failure
}

// outputs returns the outputs of the stack with the listeners.
func (g *gate) outputs() map[string]string {
	g.Helper()
	return (&site{T: g.T, AWS: g.AWS, cfn: g.cfn}).outputs("gate")
}

// rule returns a template with a target group and a rule for it, with these further properties.
func rule(properties string) string {
	return `
Parameters: {Listener: {Type: String}}
Resources:
  Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, TargetType: ip, Protocol: HTTP, Port: 80}}
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties: {ListenerArn: !Ref Listener, ` + properties + `}`
}

const fixed = `Actions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "200", MessageBody: %s}}]`

// get returns the status and the body, or where it leads to; or the error.
func (g *gate) get(url, from string, header http.Header) string {
	g.Helper()
	request, err := http.NewRequestWithContext(g.Context(), http.MethodGet, url, nil)
	if err != nil {
		g.Fatal(err)
	}
	request.Header, request.RemoteAddr = header, from+":1234"
	response, err := g.RoundTrip(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body := make([]byte, 100)
	n, _ := response.Body.Read(body)
	return strings.TrimSpace(fmt.Sprintf("%d %s%s", response.StatusCode, response.Header.Get("Location"), body[:n]))
}

func TestListenerRules_send_requests_by_host_path_and_address(t *testing.T) {
	atGate(t, func(g *gate) {
		if status, failure := g.deploy("gate", gateTemplate, nil); status != "CREATE_COMPLETE" {
			g.Fatal(status, failure)
		}
		listener := g.outputs()
		for name, properties := range map[string]string{
			"pr-7":    `Priority: 107, Conditions: [{Field: host-header, Values: [pr-7.preview.example.com]}], ` + fmt.Sprintf(fixed, "seven"),
			"api":     `Priority: 8, Conditions: [{Field: path-pattern, PathPatternConfig: {Values: ["/api/*"]}}], ` + fmt.Sprintf(fixed, "api"),
			"limited": `Priority: 9, Conditions: [{Field: host-header, HostHeaderConfig: {Values: ["l.*"]}}, {Field: source-ip, SourceIpConfig: {Values: [192.0.2.0/24, "2001:db8::/32"]}}], ` + fmt.Sprintf(fixed, "inside"),
			"people": `Priority: 10, Conditions: [{Field: host-header, Values: [people.preview.example.com]}], Actions: [` +
				`{Type: forward, Order: 2, TargetGroupArn: !Ref Group}, {Type: authenticate-oidc, Order: 1, AuthenticateOidcConfig: ` +
				`{AuthorizationEndpoint: "https://id.example.org/authorize", ClientId: me}}]`,
		} {
			if status, failure := g.deploy(name, rule(properties), map[string]string{"Listener": listener["Https"]}); status != "CREATE_COMPLETE" {
				g.Error(name, status, failure)
			}
		}
		session := http.Header{"Cookie": {"AWSELBAuthSessionCookie-0=x"}}
		for _, test := range []struct {
			url, from string
			header    http.Header
			want      string
		}{
			{"https://pr-7.preview.example.com/", "198.51.100.1", nil, "200 seven"},
			{"https://pr-7.preview.example.com/api/x", "198.51.100.1", nil, "200 api"},
			{"https://pr-8.preview.example.com/", "198.51.100.1", nil, "404 nothing here"},
			{"http://pr-7.preview.example.com/a?b=c", "198.51.100.1", nil, "301 https://pr-7.preview.example.com:443/a?b=c"},
			{"https://l.preview.example.com/", "192.0.2.9", nil, "200 inside"},
			{"https://l.preview.example.com/", "198.51.100.1", nil, "404 nothing here"},
			{"https://people.preview.example.com/", "198.51.100.1", nil, "302 https://id.example.org/authorize?client_id=me&redirect_uri=" +
				"https%3A%2F%2Fpeople.preview.example.com%2Foauth2%2Fidpresponse&response_type=code&scope=openid&state=0123456789"},
			{"https://people.preview.example.com/", "198.51.100.1", session, "503 Service Unavailable"}, // it has no task
			{"https://a.b.preview.example.com/", "198.51.100.1", nil, "tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match a.b.preview.example.com"},
			{"https://www.example.com/", "198.51.100.1", nil, "lookup www.example.com: no such host"},
		} {
			if got := g.get(test.url, test.from, test.header); got != test.want {
				g.Errorf("%s from %s = %s, want %s", test.url, test.from, got, test.want)
			}
		}
		rules, err := elbv2.NewFromConfig(g.Config()).DescribeRules(g.Context(), &elbv2.DescribeRulesInput{ListenerArn: aws.String(listener["Https"])})
		if err != nil {
			g.Fatal(err)
		}
		var listed []string
		for _, r := range rules.Rules {
			listed = append(listed, fmt.Sprintf("%s %d %t", *r.Priority, len(r.Conditions), *r.IsDefault))
			if !strings.HasPrefix(*r.RuleArn, strings.Replace(listener["Https"], ":listener/", ":listener-rule/", 1)+"/") {
				g.Errorf("a rule's ARN is %s, that of its listener %s", *r.RuleArn, listener["Https"])
			}
		}
		if want := []string{"8 1 false", "9 2 false", "10 1 false", "107 1 false", "default 0 true"}; !slices.Equal(listed, want) {
			g.Errorf("DescribeRules = %q, want %q", listed, want)
		}
	})
}

func TestListenerRules_are_refused(t *testing.T) {
	const conditions = `Conditions: [{Field: host-header, Values: [a]}], `
	forward := `Actions: [{Type: forward, TargetGroupArn: !Ref Group}]`
	atGate(t, func(g *gate) {
		if status, failure := g.deploy("gate", gateTemplate, nil); status != "CREATE_COMPLETE" {
			g.Fatal(status, failure)
		}
		listener := g.outputs()
		if status, failure := g.deploy("first", rule(`Priority: 7, `+conditions+forward), map[string]string{"Listener": listener["Https"]}); status != "CREATE_COMPLETE" {
			g.Fatal(status, failure)
		}
		for properties, want := range map[string]string{
			`Priority: 7, ` + conditions + forward:                                                    "Priority '7' is currently in use (Service: ElasticLoadBalancingV2, Status Code: 400, ",
			`Priority: 8, Conditions: [{Field: host-header, Values: [a, b, c, d, e, f]}], ` + forward: "Rules can have at most 5 condition values",
			`Priority: 8, Actions: []`:                                                                "Property validation failure: [The property {/Conditions} is required]",
			`Priority: 8, ` + conditions + `Actions: [{Type: authenticate-oidc}, {Type: forward, TargetGroupArn: !Ref Group}]`: "only supported on HTTPS listeners",
		} {
			at := listener["Https"]
			if strings.Contains(properties, "authenticate-oidc") {
				at = listener["Http"]
			}
			if status, failure := g.deploy("s"+fmt.Sprint(len(properties)), rule(properties), map[string]string{"Listener": at}); status != "ROLLBACK_COMPLETE" || !strings.Contains(failure, want) {
				g.Errorf("%s: %s, %s, want %s", properties, status, failure, want)
			}
		}
		for i := range 100 {
			rule := rule(fmt.Sprintf(`Priority: %d, `, 1000+i) + conditions + forward)
			status, failure := g.deploy(fmt.Sprint("s-", i), rule, map[string]string{"Listener": listener["Https"]})
			if i < 99 && status != "CREATE_COMPLETE" || i == 99 && !strings.Contains(failure, "The maximum number of rules on load balancer") {
				g.Errorf("rule %d: %s, %s", i, status, failure)
			}
		}
	})
}

func TestTargetGroups_are_limited(t *testing.T) {
	atGate(t, func(g *gate) {
		if status, failure := g.deploy("gate", gateTemplate, nil); status != "CREATE_COMPLETE" {
			g.Fatal(status, failure)
		}
		var body strings.Builder
		body.WriteString("Parameters: {Listener: {Type: String}}\nResources:\n")
		for i := range 101 {
			fmt.Fprintf(&body, "  Group%d: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, TargetType: ip, Protocol: HTTP, Port: 80}}\n", i)
		}
		for i := range 99 {
			fmt.Fprintf(&body, "  Rule%d: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: %d, "+
				"Conditions: [{Field: host-header, Values: [a]}], Actions: [{Type: forward, TargetGroupArn: !Ref Group%d}]}}\n", i, i+1, i)
		}
		if status, failure := g.deploy("many", body.String(), map[string]string{"Listener": g.outputs()["Https"]}); status != "CREATE_COMPLETE" {
			g.Fatal(status, failure)
		}
		second := strings.Replace(rule(`Priority: 500, Conditions: [{Field: host-header, Values: [a]}], Actions: [{Type: forward, TargetGroupArn: !Ref Group}]`),
			"Resources:", "Resources:\n  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}\n  Own:\n    Type: AWS::ElasticLoadBalancingV2::Listener\n"+
				"    Properties: {LoadBalancerArn: !Ref Balancer, Port: 80, DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]}", 1)
		second += "\n    DependsOn: Own"
		if status, failure := g.deploy("two", second, map[string]string{"Listener": g.outputs()["Https"]}); status != "ROLLBACK_COMPLETE" ||
			!strings.Contains(failure, "cannot be associated with more than one load balancer") {
			g.Error(status, failure)
		}
	})
}

func TestCertificates(t *testing.T) {
	for name, test := range map[string]struct {
		pending         bool
		zone            string
		status, failure string
	}{
		"a zone that the account lacks":  {zone: "Z9", status: "ROLLBACK_COMPLETE", failure: "Could not find hosted zone Z9"},
		"a zone that is not delegated":   {zone: "Z2", status: "CREATE_IN_PROGRESS"},
		"a certificate that is not done": {zone: "Z1", pending: true, status: "ROLLBACK_COMPLETE", failure: "must have a fully-qualified domain name"},
	} {
		t.Run(name, func(t *testing.T) {
			atGate(t, func(g *gate) {
				parameters := map[string]string{"Zone": test.zone}
				if test.pending {
					parameters["Certificate"] = g.AddCertificate(fakeaws.Certificate{Names: []string{"*.preview.example.com"}})
				}
				status, failure := g.deploy("gate", gateTemplate, parameters)
				if test.status == "CREATE_IN_PROGRESS" {
					answer, err := g.cfn.DescribeStacks(g.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("gate")})
					if err != nil {
						g.Fatal(err)
					}
					status = string(answer.Stacks[0].StackStatus)
				}
				if status != test.status || !strings.Contains(failure, test.failure) {
					t.Errorf("%s, %q, want %s, %q", status, failure, test.status, test.failure)
				}
			})
		})
	}
}
