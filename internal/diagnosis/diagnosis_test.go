package diagnosis

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Cases are recognised by AWS's own words, which are from its documentation, from issues and from
// logs that people published.
func TestExplain_recognises_each_case(t *testing.T) {
	crash := func(c Crash) Facts {
		return Facts{Action: "create stack s", Service: Service{Name: "web", Crashes: 2, Last: c}}
	}
	sick := func(words string, log ...string) Facts {
		f := crash(Crash{Reason: "Task failed ELB health checks in (target-group arn:aws:x)", Container: "app", ExitCode: new(137), Log: log})
		f.Service.Unhealthy, f.Service.Port = words, 8080
		return f
	}
	resource := func(kind, reason string) Facts {
		return Facts{Action: "create stack s", Resource: Resource{LogicalID: "R", Type: kind, Reason: reason}}
	}
	unplaced := func(words string) Facts {
		return Facts{Action: "create stack s", Service: Service{Name: "web", Unplaced: words}}
	}
	for _, c := range []struct {
		want  string
		facts Facts
	}{
		{"image not found", crash(Crash{Reason: "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref r/x:1: not found"})},
		{"image not found", crash(Crash{Detail: "CannotPullContainerError: manifest unknown: Requested image not found", Reason: "Task failed to start"})},
		{"image for another platform", crash(Crash{Reason: "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor matching platform 'linux/amd64'"})},
		{"image for another platform", crash(Crash{Reason: "Essential container in task exited", ExitCode: new(1), Log: []string{"exec /bin/app: exec format error"}})},
		{"exited with an error", crash(Crash{Reason: "Essential container in task exited", ExitCode: new(1), Log: []string{"exec format error", "and more"}})},
		{"image not allowed", crash(Crash{Reason: "CannotPullContainerError: failed to resolve ref docker.io/x/y:1: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"})},
		{"image not allowed", crash(Crash{Reason: "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReaderSeeker: failed open: unexpected status code https://r/v2/x: 403 Forbidden"})},
		{"registry not reached", crash(Crash{Reason: "CannotPullContainerError: ref pull has been retried 5 time(s): failed to do request: Head \"https://r/v2/x\": dial tcp 3.3.3.3:443: i/o timeout"})},
		{"image not pulled", crash(Crash{Reason: "CannotPullContainerError: no space left on device"})},
		{"secret or log not reached", crash(Crash{Reason: "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: AccessDeniedException: User: x is not authorized"})},
		{"secret or log not reached", crash(Crash{Reason: "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: context deadline exceeded"})},
		{"role not assumable", crash(Crash{Reason: "ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided for this task."})},
		{"out of memory", crash(Crash{Reason: "Essential container in task exited", ExitCode: new(137), Detail: "OutOfMemoryError: Container killed due to memory usage"})},
		{"killed", crash(Crash{Reason: "Essential container in task exited", ExitCode: new(137)})},
		{"exited without an error", crash(Crash{Reason: "Essential container in task exited", ExitCode: new(0)})},
		{"exited with an error", crash(Crash{Reason: "Essential container in task exited", ExitCode: new(2)})},
		{"not started", crash(Crash{Detail: "CannotStartContainerError: Error response from daemon: failed to create shim task: exec: \"nope\": executable file not found in $PATH"})},
		{"path not found", sick("Health checks failed with these codes: [404]")},
		{"path needs a login", sick("Health checks failed with these codes: [401]")},
		{"answers with an error", sick("Health checks failed with these codes: [503]")},
		{"answers with another status", sick("Health checks failed with these codes: [418]")},
		{"wrong port", sick("Health checks failed", "> server listening at :3000")},
		{"wrong port", sick("Request timed out", "Listening on port 5000")},
		{"wrong port", sick("Health checks failed", "Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)")},
		{"slow start", sick("Health checks failed", "listening on 0.0.0.0:8080")},
		{"slow start", sick("Health checks failed", "12:30:45 started migration 3 of 40")},
		{"slow start", sick("Health checks failed")},
		{"hangs", sick("Request timed out", "listening on 0.0.0.0:8080")},
		{"unhealthy", crash(Crash{Reason: "Task failed container health checks", ExitCode: new(0)})},
		{"compute quota", unplaced("You've reached the limit on the number of vCPUs you can run concurrently")},
		{"no capacity", unplaced("Capacity is unavailable at this time. Please try again later or in a different availability zone.")},
		{"no instance", unplaced("No Container Instances were found in your cluster.")},
		{"not placed", unplaced("because of the weather")},
		{"integration refused", resource("AWS::ApiGatewayV2::Integration", "Resource handler returned message: \"For VpcLink VPC_LINK, integration uri should be a valid ELB listener ARN or a valid Cloud Map service ARN. (Service: ApiGatewayV2, Status Code: 400, Request ID: x)\" (RequestToken: x, HandlerErrorCode: InvalidRequest)")},
		{"VPC link asleep", Facts{API: API{Link: "INACTIVE", Listed: true, Tasks: 1}}},
		{"VPC link asleep", Facts{API: API{Link: "PENDING"}}},
		{"VPC link broken", Facts{API: API{Link: "FAILED"}}},
		{"no task registered", Facts{API: API{Link: "AVAILABLE", Listed: true}}},
		{"API finds no listener", Facts{API: API{Link: "AVAILABLE", Listed: true, Tasks: 1}, Service: Service{Port: 8080, Last: Crash{Log: []string{"listening on :3000"}}}}},
		{"given up by ECS", Facts{Service: Service{Name: "web", Failed: "ECS deployment circuit breaker: tasks failed to start."}}},
		{"canary that nobody continued", Facts{Service: Service{Name: "web", RolledBack: "Service deployment rolled back because: lifecycle hook ecs-pause-x timed out."}}},
		{"canary without its role", Facts{Service: Service{Name: "web", RolledBack: "unable to modify listener rule arn:x: not authorized"}}},
		{"canary rolled back", Facts{Service: Service{Name: "web", RolledBack: "it was stopped", Crashes: 2, Last: Crash{Reason: "Task failed ELB health checks"}}}},
		{"too many load balancers", resource("AWS::ElasticLoadBalancingV2::LoadBalancer", "The maximum number of load balancers has been reached")},
		{"quota", resource("AWS::EC2::VPC", "The maximum number of VPCs has been reached. (Service: AmazonEC2; Status Code: 400; Error Code: VpcLimitExceeded; Request ID: x; Proxy: null)")},
		{"priority taken", resource("AWS::ElasticLoadBalancingV2::ListenerRule", "Priority '26' is currently in use (Service: AmazonElasticLoadBalancingV2; Status Code: 400; Error Code: PriorityInUse; Request ID: x)")},
		{"priority taken", resource("AWS::ElasticLoadBalancingV2::ListenerRule", "Resource handler returned message: \"Resource of type 'AWS::ElasticLoadBalancingV2::ListenerRule' with identifier 'One or more priorities not found (Service: ElasticLoadBalancingV2, Status Code: 400, Request ID: x)' already exists.\" (RequestToken: x, HandlerErrorCode: AlreadyExists)")},
		{"too many target groups", resource("AWS::ElasticLoadBalancingV2::ListenerRule", "You have reached the maximum number of unique target groups that you can associate with a load balancer of type 'application': [100]")},
		{"too many target groups", resource("AWS::ElasticLoadBalancingV2::ListenerRule", "The maximum number of rules on load balancer 'arn:x' has been reached")},
		{"target group of another load balancer", resource("AWS::ElasticLoadBalancingV2::ListenerRule", "The following target groups cannot be associated with more than one load balancer: arn:x")},
		{"certificate not validated", resource("AWS::ElasticLoadBalancingV2::Listener", "The certificate 'arn:x' must have a fully-qualified domain name, a supported signature, and a supported key size.")},
		{"wrong host", Facts{Action: "wait for stack s", Rule: Rule{URLHost: "a.example.com", Hosts: []string{"b.example.com"}}}},
		{"access denied", resource("AWS::IAM::Role", "User: arn:aws:sts::1:x is not authorized to perform: iam:CreateRole on resource: r because no identity-based policy allows the iam:CreateRole action")},
		{"access denied", resource("AWS::S3::Bucket", taggingDenied)},
		{"access denied", resource("AWS::Events::Rule", "Resource handler returned message: \"Unauthorized tagging operation\" (RequestToken: x, HandlerErrorCode: UnauthorizedTaggingOperation)")},
		{"access denied", resource("AWS::ECR::Repository", "Resource handler returned message: \"Access denied for operation 'UntagResource'.\" (RequestToken: x, HandlerErrorCode: AccessDenied)")},
		{"access denied", resource("AWS::EC2::SecurityGroup", "API: ec2:deleteTags You are not authorized to perform this operation. Encoded authorization failure message: aBc-_123")},
		{"role not assumable", resource("AWS::ECS::Cluster", "Invalid request provided: CreateCluster Invalid Request: Unable to assume the service linked role. Please verify that the ECS service linked role exists.")},
		{"role not assumable", Facts{Reason: "Role arn:aws:iam::1:role/x is invalid or cannot be assumed"}},
		{"already exists", resource("AWS::Logs::LogGroup", "/x already exists in stack arn:aws:cloudformation:x")},
		{"already exists", resource("AWS::ECS::Service", "Resource handler returned message: \"Invalid request provided: CreateService error: Creation of service was not idempotent.\" (RequestToken: x, HandlerErrorCode: InvalidRequest)")},
		{"service still draining", resource("AWS::ECS::Service", "Resource handler returned message: \"Invalid request provided: CreateService error: Unable to Start a service that is still Draining.\" (RequestToken: x, HandlerErrorCode: InvalidRequest)")},
		{"invalid parameter", resource("AWS::ECS::Service", "Resource handler returned message: \"Invalid request provided: CreateService error: The target group does not have an associated load balancer.\" (RequestToken: x, HandlerErrorCode: InvalidRequest)")},
		{"invalid parameter", Facts{Reason: "Parameters: [VpcId] must have values"}},
		{"value not found", Facts{Reason: "Parameter validation failed: parameter value x for parameter name VpcId does not exist. Rollback requested by user."}},
		{"invalid parameter", Facts{Reason: "Parameter 'ContainerPort' must be a number not greater than 65535"}},
		{"invalid parameter", Facts{Reason: "Parameter ZoneA failed to satisfy constraint: the name of an availability zone, such as us-west-1a"}},
		{"invalid parameter", resource("AWS::ECS::Service", "Property validation failure: [The property {/DeploymentConfiguration/DeploymentCircuitBreaker/Rollback} is required]")},
		{"hook", resource("AWS::S3::Bucket", "The following hook(s) failed: [A::B::C]: no")},
		{"validation", Facts{Reason: "The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information."}},
		{"circuit breaker", resource("AWS::ECS::Service", "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.\" (RequestToken: x, HandlerErrorCode: GeneralServiceException)")},
		{"circuit breaker", resource("AWS::ECS::Service", "Resource handler returned message: \"Exceeded attempts to wait\" (RequestToken: x, HandlerErrorCode: NotStabilized)")},
		{"access denied", Facts{Reason: "AccessDenied. User doesn't have permission to call ssm:GetParameters"}},
		{"parameter store", Facts{Reason: "Unable to fetch parameters [/cdk-bootstrap/hnb659fds/version] from parameter store for this account."}},
		{"nested template", resource("AWS::CloudFormation::Stack", "TemplateURL must be a supported URL.")},
		{"nested template", resource("AWS::CloudFormation::Stack", "Domain name specified in b is not a valid S3 domain")},
		{"unreadable template", resource("AWS::CloudFormation::Stack", "S3 error: Access Denied\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html")},
		{"no export", Facts{Reason: "No export named n found. Rollback requested by user."}},
		{"bucket not empty", resource("AWS::S3::Bucket", "Resource handler returned message: \"The bucket you tried to delete is not empty (Service: S3, Status Code: 409, Request ID: x, Extended Request ID: y)\" (RequestToken: x, HandlerErrorCode: GeneralServiceException)")},
		{"other", resource("AWS::S3::Bucket", "it rains")},
		{"other", resource("AWS::S3::Bucket", "exceeded maximum number of attempts, 3, https response error StatusCode: 500")}, // the SDK's own words, not a quota
		{"quota", resource("AWS::EC2::EIP", "The maximum number of addresses has been reached.")},
		{"", Facts{Action: "create stack s"}},
		// If the run itself ends, AWS has refused nothing.
		{"", Facts{Action: "create stack s", Reason: "operation error CloudFormation: CreateStack, " +
			"exceeded maximum number of attempts, 3, request canceled, context canceled"}},
		{"", Facts{Action: "create stack s", Reason: "context deadline exceeded"}},
		{"", Facts{Action: "create stack s", Reason: "failed to get rate limit token, retry quota exceeded, 0 available, 5 requested"}},
		{"", Facts{Action: "create stack s", Reason: "LimitExceeded: too many requests: context canceled"}},
	} {
		got := Explain(c.facts)
		if found, _ := match(c.facts); found.name != c.want {
			t.Errorf("Explain(%+v) is the case %q, want %q", c.facts, found.name, c.want)
		}
		if strings.HasSuffix(got.Summary, ".") || strings.Contains(got.Summary, "AWS::") || got.Summary == "" && c.want != "other" && c.want != "" {
			t.Errorf("case %q: summary %q, want one sentence without AWS's names and full stop", c.want, got.Summary)
		}
		if c.want != "" && got.Hint == "" {
			t.Errorf("case %q has no hint", c.want)
		}
		if strings.Contains(got.Message, "RequestToken") || strings.Contains(got.Message, "Status Code") || strings.HasSuffix(got.Message, ".") {
			t.Errorf("case %q: message %q, want AWS's wrapping and full stop left out", c.want, got.Message)
		}
	}
}

func TestExplain_explicit_deny(t *testing.T) {
	const reason = "User: x is not authorized to perform: ec2:DeleteSecurityGroup on resource: r with an explicit deny in an identity-based policy"
	got := Explain(Facts{Action: "delete stack s", Resource: Resource{LogicalID: "R", Type: "AWS::EC2::SecurityGroup", Reason: reason}})
	if got.Summary != "AWS did not allow ec2:DeleteSecurityGroup" || strings.Contains(got.Hint, "grant") {
		t.Errorf("Explain(%q) = %q, %q, want the action, and no advice to grant it", reason, got.Summary, got.Hint)
	}
}

// taggingDenied is from cloudfront-authorization-at-edge#260.
const taggingDenied = `Resource handler returned message: "Encountered a permissions error performing a tagging operation, ` +
	`please add required tag permissions. See https://repost.aws/knowledge-center/cloudformation-tagging-permission-error ` +
	`for how to resolve. Resource handler returned message: "Access Denied (Service: S3, Status Code: 403, ` +
	`Request ID: 2FB9, Extended Request ID: djl=)"" (RequestToken: b459529b, HandlerErrorCode: UnauthorizedTaggingOperation)`

// Each service has its own words for a permission that is missing. The hint names what to grant.
func TestExplain_names_the_action_that_was_denied(t *testing.T) {
	for reason, test := range map[string]struct{ kind, summary, grant string }{
		"User: x is not authorized to perform: application-autoscaling:RegisterScalableTarget on resource: *": {
			"AWS::ApplicationAutoScaling::ScalableTarget", "AWS did not allow application-autoscaling:RegisterScalableTarget", "application-autoscaling:RegisterScalableTarget",
		},
		"API: ec2:deleteTags You are not authorized to perform this operation. Encoded authorization failure message: aBc-_1": {
			"AWS::EC2::SecurityGroup", "AWS did not allow ec2:DeleteTags", "ec2:DeleteTags",
		},
		"Access denied for operation 'UntagResource'.": {
			"AWS::ECR::Repository", "AWS did not allow ecr:UntagResource", "ecr:UntagResource",
		},
		"Access denied for operation 'RemoveTags'.": {
			"AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS did not allow elasticloadbalancing:RemoveTags", "elasticloadbalancing:RemoveTags",
		},
		"Access denied for operation 'Untag'.": {
			"Own::Type::X", "AWS did not allow a change of a resource's tags", "the actions that add and remove tags",
		},
		taggingDenied: {
			"AWS::S3::Bucket", "AWS did not allow a change of a resource's tags", "the actions of s3 that add and remove tags",
		},
		"You are not authorized to perform this operation.": {
			"AWS::EC2::VPC", "AWS denied permission", "the permission",
		},
	} {
		got := Explain(Facts{Action: "update stack s", Resource: Resource{LogicalID: "R", Type: test.kind, Reason: reason}})
		if got.Summary != test.summary || !strings.HasPrefix(got.Hint, "grant "+test.grant+" to the role of this job") {
			t.Errorf("Explain(%q) = %q, %q\nwant %q, and to grant %s", reason, got.Summary, got.Hint, test.summary, test.grant)
		}
		for _, noise := range []string{"Encoded", "Resource handler", "Status Code", "RequestToken"} {
			if strings.Contains(got.Message, noise) {
				t.Errorf("Explain(%q).Message = %q, want it without %q", reason, got.Message, noise)
			}
		}
	}
}

func TestExplain_names_parameters_only_where_they_exist(t *testing.T) {
	for _, detail := range []string{"OutOfMemoryError: x", ""} {
		f := Facts{Service: Service{Crashes: 2, Last: Crash{Reason: "Essential container in task exited", ExitCode: new(137), Detail: detail}}}
		if hint := Explain(f).Hint; !strings.Contains(hint, "the parameter Memory") {
			t.Errorf("detail %q: hint = %q", detail, hint)
		}
		f.Inputs.Own = true
		if hint := Explain(f).Hint; strings.Contains(hint, "parameter") {
			t.Errorf("detail %q: hint = %q, and the user's own template has no such parameter", detail, hint)
		}
	}
}

// A task that fails its container's health check did start.
func TestExplain_says_that_an_unhealthy_task_was_stopped(t *testing.T) {
	f := Facts{Service: Service{Crashes: 2, Last: Crash{Reason: "Task failed container health checks", ExitCode: new(0)}}}
	if got := Explain(f).Message; !strings.Contains(got, "its task was stopped") {
		t.Errorf("message = %q", got)
	}
}

func TestLines_are_the_last_and_not_too_long(t *testing.T) {
	var log []string
	for range 50 {
		log = append(log, "", strings.Repeat("ä", 400))
	}
	lines := Lines(append(log, "the end\r\n"))
	if len(lines) != maxLines || lines[maxLines-1] != "the end" || utf8.RuneCountInString(lines[0]) > maxColumn+2 {
		t.Errorf("Lines = %d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}

func FuzzLines(f *testing.F) {
	for _, seed := range []string{"", "plain", "::error::x", "##[group]x", "\x1b]0;title\x07x", "\x1b[31mred\x1b[0m", "a\u202eb", "\xff\xfe", "x\ny\r\nz", "# ##[[x", "\x1b##[x", "#\u200b#[x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, line := range Lines([]string{text, text}) {
			if !utf8.ValidString(line) || strings.Contains(line, "##[") || strings.ContainsFunc(line, unicode.IsControl) || line == "" {
				t.Errorf("Lines(%q) has %q", text, line)
			}
			if utf8.RuneCountInString(line) > maxColumn+2 {
				t.Errorf("Lines(%q) has a line of %d characters", text, utf8.RuneCountInString(line))
			}
		}
	})
}

// AWS passes on text that others wrote. A message must be one line that can be shown, whatever it is.
func FuzzExplain(f *testing.F) {
	f.Add("Essential container in task exited", "listening on :3000", "Health checks failed", 1)
	f.Add("::error::x", "##[x", "\x1b[0m", 0)
	f.Add(`Resource handler returned message: "a" (RequestToken: b)`, "((((", "(Service: ", 137)
	f.Fuzz(func(t *testing.T, reason, log, unhealthy string, exit int) {
		for _, facts := range []Facts{
			{Action: "create stack s", Resource: Resource{LogicalID: "R", Type: "T", Reason: reason}},
			{Action: "create stack s", Service: Service{Crashes: 2, Unhealthy: unhealthy, Port: 80, Last: Crash{Reason: reason, Detail: log, ExitCode: &exit, Log: []string{log}}}},
			{Action: "create stack s", Service: Service{Unplaced: reason, Failed: log}},
		} {
			found := Explain(facts)
			if !utf8.ValidString(found.Message) || strings.ContainsFunc(found.Message, unicode.IsControl) || strings.Contains(found.Message, "##[") {
				t.Errorf("Explain(%+v) = %q", facts, found.Message)
			}
			if !slices.Equal(found.Log, Lines(facts.Service.Last.Log)) {
				t.Errorf("Explain(%+v) shows the log %q", facts, found.Log)
			}
		}
	})
}

// A service that is given up early has no reason of its own. ECS's documented reasons are more than the
// cases know.
func TestExplain_keeps_a_reason_that_no_case_knows(t *testing.T) {
	const words = "Timeout waiting for network interface provisioning to complete"
	got := Explain(Facts{
		Action:   "create stack s",
		Resource: Resource{LogicalID: "EcsService", Type: "AWS::ECS::Service"},
		Service:  Service{Name: "web", Crashes: 2, Last: Crash{Reason: words + "."}},
	})
	if want := "create stack s: EcsService (AWS::ECS::Service): " + words; got.Message != want {
		t.Errorf("Message = %q\nwant %q", got.Message, want)
	}
}
