// Package permissions is what pr-stack's three roles may do: the IAM policies of the roles that bootstrap
// makes, whose statements README.md explains. It is pure. The tests, the demo and the histories run under
// these very policies, and a test takes away each action in turn.
//
//   - The preview role is for pull requests' jobs. Whoever may push a branch holds it, so it writes
//     the stacks, images and logs of pull requests of this service only.
//   - The sweep role deletes previews and creates nothing.
//   - The production role is for one permanent environment, which has a repository and roles of its own,
//     and for what of a pull request's environment becomes production.
//
// A role acts in two ways. It calls services itself: to read, to push images, and to ask CloudFormation
// for a change. And CloudFormation calls services on its behalf, with its rights, for each resource of
// the stack. The actions of the second kind are those that AWS's own resource schemas list for the
// handlers of the resource types in the templates fargate and lambda (Resource types' "handlers", in
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-schemas.html). A policy
// allows those that change something only through CloudFormation, by the condition key aws:CalledVia.
//
// Which resources and condition keys an action supports is from the Service Authorization Reference,
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
package permissions

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pr-stack/internal/environment"
)

// Base is the base stack of a service.
type Base struct {
	Service string
	StackID string            // the base stack's ARN
	Outputs map[string]string // of the base stack
}

// Role is what one kind of job may do.
type Role struct {
	Name   string // preview, sweep or production
	For    string // whose jobs assume it, in words
	Policy Policy
}

// previews is the pattern of the names of pull requests' environments.
const previews = "pr-*"

// Production is the name of the permanent environment that the role production is for.
const Production = "production"

// Names returns the names of the roles, in the order of Roles.
func Names() []string { return []string{"preview", "sweep", Production} }

// Roles returns the roles of a service, in the order in which they are needed. It returns an error if
// the base stack lacks an output that a policy has to name.
func Roles(b Base) ([]Role, error) {
	preview, err := b.scope(environment.PullRequestStacks(b.Service), previews, "")
	if err != nil {
		return nil, err
	}
	production, err := b.production(Production)
	if err != nil {
		return nil, err
	}
	return []Role{
		{Name: "preview", For: "pull requests' jobs", Policy: policy(append(preview.deploying(), production.looking()...))},
		{Name: "sweep", For: "the job that sweeps", Policy: policy(slices.Concat(preview.sweeping(), production.restoring(), production.retiring()))},
		{Name: "production", For: "the job that deploys environment " + Production, Policy: production.policy()},
	}, nil
}

// Permanent returns the policy of the job that deploys, or promotes to, the permanent environment of that
// name.
func Permanent(b Base, name string) (Policy, error) {
	p, err := b.production(name)
	if err != nil {
		return Policy{}, err
	}
	return p.policy(), nil
}

func (p production) policy() Policy {
	return policy(slices.Concat(p.own.deploying(), p.own.permanent(), p.promoting()))
}

func policy(statements []Statement) Policy {
	return Policy{Version: "2012-10-17", Statement: statements}
}

// scope is what one role may touch.
type scope struct {
	partition, region, account string

	base        string   // the base stack's name
	stacks      []string // patterns of the stacks' names
	service     string   // the value of the tag pr-stack:service on them
	environment string   // pattern of the value of the tag pr-stack:environment

	repository string // name
	bucket     string // name of the one for templates; "" if the base stack has none
	cluster    string // name
	vpc        string
	vpcLink    string // ID; "" unless the base stack has one
	namespace  string // ID, of Cloud Map; likewise
	subnets    []string
	roles      []string // ARNs of the roles of tasks
	ingress    ingress

	functionRole string // ARN of the role of functions; "" if the base stack offers none
}

// scope reads the base stack's outputs; the kind is the prefix of those for permanent environments.
func (b Base) scope(stacks []string, name, kind string) (scope, error) {
	arn := strings.Split(b.StackID, ":")
	if len(arn) != 6 {
		return scope{}, fmt.Errorf("the base stack's ID %q is not an ARN", b.StackID)
	}
	s := scope{
		partition: arn[1], region: arn[3], account: arn[4],
		base: strings.Split(arn[5], "/")[1], stacks: stacks, service: b.Service, environment: name,
		repository: b.Outputs[kind+"RepositoryName"], cluster: b.Outputs["ClusterName"], vpc: b.Outputs["VpcId"],
		vpcLink: b.Outputs["VpcLinkId"], namespace: b.Outputs["NamespaceId"],
		subnets: strings.Split(b.Outputs["PublicSubnetIds"], ","),
		bucket:  b.Outputs["TemplateBucketName"],
		roles:   []string{b.Outputs[kind+"TaskExecutionRoleArn"], b.Outputs[kind+"TaskRoleArn"]},
		ingress: b.ingress(name),

		functionRole: b.Outputs[kind+"FunctionRoleArn"],
	}
	if slices.Contains(slices.Concat([]string{s.repository, s.cluster, s.vpc}, s.subnets, s.roles), "") {
		return scope{}, fmt.Errorf("base stack %s lacks an output that its policies name", s.base)
	}
	return s, nil
}

// arn returns the ARN of a resource in the base stack's account and region.
func (s scope) arn(service, resource string) string {
	return strings.Join([]string{"arn", s.partition, service, s.region, s.account, resource}, ":")
}

// each returns an ARN for each pattern of the stacks' names. All patterns end in *.
func (s scope) each(service, before, after string) (list []string) {
	for _, name := range s.stacks {
		list = append(list, s.arn(service, before+name+after))
	}
	return list
}

// generated returns the patterns of names that CloudFormation generates for the stacks' resources:
// STACK-LOGICALID-RANDOM, in which it writes several hyphens in a row as one.
// https://github.com/aws-cloudformation/cloudformation-cli-java-plugin, IdentifierUtils
func (s scope) generated(service, before string) (list []string) {
	for _, name := range s.stacks {
		list = append(list, s.arn(service, before+singleHyphens(name)))
	}
	return list
}

// singleHyphens returns a name with several hyphens in a row as one.
func singleHyphens(name string) string {
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	return name
}

// logGroups returns the ARNs of the stacks' log groups: those of the template fargate, and those whose
// names CloudFormation generates.
func (s scope) logGroups() []string {
	return append(s.each("logs", "log-group:/pr-stack/", ""), s.generated("logs", "log-group:")...)
}

// tagged requires that the tags of the stack and of what is in it, or the tags of the request, are
// those of this role's environments.
func (s scope) tagged(sources ...string) Condition {
	c := Condition{"StringEquals": {}, "StringLike": {}}
	for _, source := range sources {
		c["StringEquals"][source+"/"+environment.TagService] = []string{s.service}
		c["StringLike"][source+"/"+environment.TagEnvironment] = []string{s.environment}
	}
	return c
}

// throughCloudFormation requires that CloudFormation makes the call on the role's behalf. Other
// conditions may be added.
func throughCloudFormation(others Condition) Condition {
	c := Condition{"ForAnyValue:StringEquals": {"aws:CalledVia": {"cloudformation.amazonaws.com"}}}
	maps.Copy(c, others)
	return c
}
