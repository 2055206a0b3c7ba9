package scenario

import (
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

// resources are the scenarios of the stack.
var resources = []Scenario{
	{"load-balancer-limit", "the account's quota of load balancers is used up", nil,
		fails("LoadBalancer", "The maximum number of load balancers has been reached")},
	{"access-denied", "the role of the job lacks a permission", nil,
		fails("LoadBalancer", `Resource handler returned message: "User: arn:aws:sts::123456789012:assumed-role/github/run `+
			`is not authorized to perform: elasticloadbalancing:CreateLoadBalancer on resource: `+
			`arn:aws:elasticloadbalancing:eu-north-1:123456789012:loadbalancer/app/* because `+
			`no identity-based policy allows the elasticloadbalancing:CreateLoadBalancer action `+
			`(Service: ElasticLoadBalancingV2, Status Code: 403, Request ID: 1c7a2b6e-0000-4000-8000-000000000000) `+
			`(SDK Attempt Count: 1)" (RequestToken: 8d2f1a00-0000-4000-8000-000000000000, HandlerErrorCode: AccessDenied)`)},
	{"tagging-denied", "the role of the job may create a resource, but not tag it", nil,
		fails("TargetGroup", `Resource handler returned message: "Encountered a permissions error performing a tagging operation, `+
			`please add required tag permissions. See https://repost.aws/knowledge-center/cloudformation-tagging-permission-error `+
			`for how to resolve. Resource handler returned message: "User: arn:aws:sts::123456789012:assumed-role/github/run `+
			`is not authorized to perform: elasticloadbalancing:AddTags on resource: `+
			`arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/* because `+
			`no identity-based policy allows the elasticloadbalancing:AddTags action `+
			`(Service: ElasticLoadBalancingV2, Status Code: 403, Request ID: 1c7a2b6e-0000-4000-8000-000000000000)"" `+
			`(RequestToken: 8d2f1a00-0000-4000-8000-000000000000, HandlerErrorCode: UnauthorizedTaggingOperation)`)},
	{"already-exists", "a name of the template is taken", nil,
		fails("LogGroup", "/pr-stack/hello-world-pr-7 already exists in stack "+
			"arn:aws:cloudformation:eu-north-1:123456789012:stack/other/0")},
	{"invalid-property", "a property has a value that the service refuses", nil,
		fails("TargetGroup", `Resource handler returned message: "Invalid request provided: `+
			`Health check interval must be greater than the timeout." `+
			`(RequestToken: 8d2f1a00-0000-4000-8000-000000000000, HandlerErrorCode: InvalidRequest)`)},
	{"hook", "a hook of the account rejects a resource", nil, func(a *fakeaws.AWS, stackName string) {
		a.FailHook(stackName, "LoadBalancer", "Octo::Compliance::Hook", "load balancers must not be internet-facing")
	}},
	{"validation", "CloudFormation finds a fault before it begins", nil, func(a *fakeaws.AWS, stackName string) {
		a.FailValidation(stackName, "LogGroup", "ResourceExistenceCheck", "Resource of type 'AWS::Logs::LogGroup' "+
			"with identifier '/pr-stack/hello-world-pr-7' already exists.")
	}},
	{"role-arn", "CloudFormation cannot assume role-arn", nil,
		rejects("Role arn:aws:iam::123456789012:role/gone is invalid or cannot be assumed")},
	{"parameter", "a parameter has a value that the template does not allow", nil,
		rejects("Parameter 'ContainerPort' must be a number not greater than 65535")},
	{"dead-cluster", "the cluster has nothing to run on",
		unplaced("No Container Instances were found in your cluster."), nil},
}

func fails(logicalID, reason string) func(*fakeaws.AWS, string) {
	return func(a *fakeaws.AWS, stackName string) {
		a.FailResource(stackName, logicalID, fakeaws.Failure{Operation: "CREATE", Reason: reason, After: time.Second})
	}
}

func rejects(message string) func(*fakeaws.AWS, string) {
	return func(a *fakeaws.AWS, _ string) {
		a.Inject(fakeaws.Fault{Operation: "CreateStack", Code: "ValidationError", Message: message})
	}
}
