package permissions

import (
	"slices"
	"strings"

	"pr-stack/internal/environment"
)

// The ways of promotion that let a pull request's own environment serve production. Package release says
// what each means.
const (
	byListener = "listener"
	byRecord   = "record"
	byDigest   = "digest" // which lets production's own stack run the image
)

// production is what the roles may do about the environments of pull requests that become production, and
// about the requests that production gets. A base stack says by which way: by digest, production's stack gets
// the tested image, and its role needs nothing of previews but that image.
type production struct {
	way            string // the base stack's output PromoteBy; "" is digest
	own            scope  // of the permanent environment
	previews       scope  // of pull requests
	infrastructure string // ARN of the role with which ECS moves requests; "" if the base stack has none
}

// production returns those of the permanent environment of that name.
func (b Base) production(name string) (p production, err error) {
	p.way, p.infrastructure = b.Outputs["PromoteBy"], b.Outputs["PermanentInfrastructureRoleArn"]
	stacks := []string{environment.StackName(b.Service, name) + "*"} // and those nested in it
	if p.own, err = b.scope(stacks, name, "Permanent"); err == nil {
		p.previews, err = b.scope(environment.PullRequestStacks(b.Service), previews, "")
	}
	return p, err
}

// byListener and byRecord report what promotion moves. Without what it moves, there is nothing to allow.
func (p production) byListener() bool { return p.way == byListener && p.own.ingress.listener != "" }
func (p production) byRecord() bool   { return p.way == byRecord && p.own.ingress.zone != "" }

// promoting are the further statements of a role that promotes, rolls back, and says what production runs.
func (p production) promoting() []Statement {
	list := []Statement{
		p.ledger("GetParameter", "PutParameter", "DeleteParameter"),
		p.readReleases(),
		p.testedImages(),
		p.readMetrics(),
	}
	list = append(list, p.canaries()...)
	if !p.byListener() && !p.byRecord() {
		return list
	}
	list = append(list, p.previews.fence(), p.previews.scale())
	if p.byListener() {
		list = append(list, p.createRule(), p.tagRule())
	}
	return append(list, p.requests()...)
}

// ledger: the parameters in which package ledger keeps production's generations and the lock. The name has
// the service and the environment. Whoever writes it decides what rollback brings back, so the role of
// previews may not.
func (p production) ledger(operations ...string) Statement {
	return allow("Ledger", on("ssm", operations...), []string{p.parameters("*")}, nil)
}

func (p production) parameters(name string) string {
	return p.own.arn("ssm", "parameter"+environment.ParameterPath(p.own.service, p.own.environment)+"/"+name)
}

// readReleases: what a pull request's environment is made of, before its requests are moved, and the template
// with which a rollback brings production's stack back.
func (p production) readReleases() Statement {
	return allow("ReadReleases", on("cloudformation", "GetTemplate", "ListStackResources"),
		slices.Concat(p.own.each("cloudformation", "stack/", "/*"), p.previews.each("cloudformation", "stack/", "/*")), nil)
}

// testedImages: the image that was tested is copied to the repository of permanent environments.
func (p production) testedImages() Statement {
	return allow("TestedImages", on("ecr", "DescribeImages", "BatchGetImage", "GetDownloadUrlForLayer", "BatchCheckLayerAvailability"),
		[]string{p.own.arn("ecr", "repository/"+p.previews.repository)}, nil)
}

// readMetrics: metrics have no ARNs, and composite alarms are only found by a statement on any resource.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
func (p production) readMetrics() Statement {
	return allow("ReadMetrics", on("cloudwatch", "GetMetricData", "DescribeAlarms"), anything, nil)
}

// canaries: with strategy canary, ECS itself moves the requests, and waits for a run that continues or stops
// the deployment. The role that ECS assumes for that is for all load balancers of the account, so it is passed
// by the role of a permanent environment only.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
func (p production) canaries() []Statement {
	if p.infrastructure == "" {
		return nil
	}
	return []Statement{
		allow("Canaries", on("ecs", "ContinueServiceDeployment", "StopServiceDeployment"),
			p.own.generated("ecs", "service-deployment/"+p.own.cluster+"/"), nil),
		allow("PassInfrastructureRole", on("iam", "PassRole"), []string{p.infrastructure},
			Condition{"StringEquals": {"iam:PassedToService": {"ecs.amazonaws.com"}}}),
	}
}

// fence: a stack that serves production can neither be deleted nor updated, also by the roles of pull
// requests, which have neither action.
func (s scope) fence() Statement {
	return allow("Fence", on("cloudformation", "UpdateTerminationProtection", "SetStackPolicy"),
		s.each("cloudformation", "stack/", "/*"), s.tagged(resourceTag))
}

// scale: how many tasks run is changed without CloudFormation, which would otherwise touch what serves
// production. No other task definition can be given to the service by it than one of these stacks.
func (s scope) scale() Statement {
	condition := s.tagged(resourceTag)
	update := s.services().Condition
	condition["StringLikeIfExists"] = update["StringLikeIfExists"]
	condition["ForAllValues:StringLike"] = update["ForAllValues:StringLike"]
	return allow("Scale", on("ecs", "DescribeServices", "UpdateService"), s.generated("ecs", "service/"+s.cluster+"/"), condition)
}

// createRule and tagRule: the first promotion makes production's rule, by calls alone. An update of a stack
// could reset the weights of a rule that it declares.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html
func (p production) createRule() Statement {
	return allow("CreateProductionRule", on("elasticloadbalancing", "CreateRule"), []string{p.own.ingress.listener}, p.own.tagged(requestTag))
}

func (p production) tagRule() Statement {
	condition := p.own.tagged(requestTag)
	condition["StringEquals"]["elasticloadbalancing:CreateAction"] = []string{"CreateRule"}
	return allow("TagProductionRule", on("elasticloadbalancing", "AddTags"), []string{p.rules()}, condition)
}

// rules returns the pattern of the ARNs of the shared listener's rules.
func (p production) rules() string {
	return strings.Replace(p.own.ingress.listener, ":listener/", ":listener-rule/", 1) + "/*"
}

// requests: who gets production's requests. The rule is known by its tags, and the record by its name.
func (p production) requests() (list []Statement) {
	if p.byListener() {
		list = append(list, allow("ProductionRule", on("elasticloadbalancing", "ModifyRule", "DeleteRule"), []string{p.rules()}, p.own.tagged(resourceTag)))
	}
	if p.byRecord() {
		zone := "arn:" + p.own.partition + ":route53:::hostedzone/" + p.own.ingress.zone
		list = append(list,
			allow("ProductionRecord", on("route53", "ChangeResourceRecordSets"), []string{zone}, recordsOf(p.own.ingress.names)),
			p.readRecords())
	}
	return list
}

func (p production) readRecords() Statement {
	zone := "arn:" + p.own.partition + ":route53:::hostedzone/" + p.own.ingress.zone
	return allow("ReadRecords", on("route53", "ListResourceRecordSets"), []string{zone}, nil)
}
