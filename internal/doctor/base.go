package doctor

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"pr-stack/internal/report"
)

// Base is the service's base stack, and what it names.
type Base struct {
	Name       string
	Stack      *Stack   // nil if there is none, or if it could not be asked for
	Problem    *Problem // why it could not be asked for
	Bootstrap  string   // the command that creates or upgrades it
	Templates  Templates
	Ingress    string // the input; "": the base stack's
	Own        bool   // a deployment has these credentials too, so it may not read what they may not read
	Repository Resource
	Cluster    Resource
	VPCLink    Resource // Detail is its status
}

// Stack is the base stack as it is.
type Stack struct {
	Status     string
	NotOurs    string // why it is not this service's; "" if it is
	Outputs    map[string]string
	InProgress bool // an operation on it has not ended
	Usable     bool // its resources are those of its template
}

// Templates is what the templates of this pr-stack say about the base stack's outputs.
type Templates struct {
	Outputs  []string // that every base stack has
	Required []string // without which no environment can be created
}

// Resource is one that the base stack names.
type Resource struct {
	Name    string // "" if it was not asked for
	Detail  string
	Absent  bool
	Problem *Problem
}

// ReadTemplates reads the template of the base stack and that of a service stack.
func ReadTemplates(base, service string) (t Templates) {
	var b struct {
		Outputs map[string]struct {
			Condition string `yaml:"Condition"`
		} `yaml:"Outputs"`
	}
	var s struct {
		Parameters map[string]struct {
			Default *string `yaml:"Default"`
		} `yaml:"Parameters"`
	}
	if yaml.Unmarshal([]byte(base), &b) != nil || yaml.Unmarshal([]byte(service), &s) != nil {
		return t // these are our own templates
	}
	for name, output := range b.Outputs {
		if output.Condition == "" {
			t.Outputs = append(t.Outputs, name)
		}
		if p, ok := s.Parameters[name]; ok && p.Default == nil && output.Condition == "" {
			t.Required = append(t.Required, name)
		}
	}
	t.Required = append(t.Required, "RepositoryName")
	slices.Sort(t.Outputs)
	slices.Sort(t.Required)
	return t
}

func (b Base) checks() []report.Check {
	switch {
	case b.Problem != nil:
		return []report.Check{b.unread("stack "+b.Name, *b.Problem)}
	case b.Stack == nil:
		return []report.Check{missing(groupBase, "stack "+b.Name, "it does not exist in this account and region", "run "+b.Bootstrap)}
	case b.Stack.NotOurs != "":
		return []report.Check{missing(groupBase, "stack "+b.Name, b.Stack.NotOurs, "set base-stack to this service's, or run bootstrap with a name that is not in use")}
	}
	checks := []report.Check{b.status()}
	checks = append(checks, b.version()...)
	checks = append(checks, b.ingress()...)
	if b.Repository.Name != "" {
		checks = append(checks, b.check("repository", b.Repository, "set ecr-repository to one that exists, or run "+b.Bootstrap))
	}
	if b.Cluster.Name != "" {
		checks = append(checks, b.check("cluster", b.Cluster, "run "+b.Bootstrap+"; if somebody deleted the cluster, delete and create the base stack"))
	}
	if b.VPCLink.Name != "" {
		checks = append(checks, b.link())
	}
	return checks
}

// link judges the VPC link of HTTP APIs. One that was not used for 60 days is inactive. The next request
// makes API Gateway create its network interfaces again; until then requests fail.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vpc-links.html
func (b Base) link() report.Check {
	name := "VPC link " + b.VPCLink.Name
	switch status := b.VPCLink.Detail; {
	case b.VPCLink.Problem != nil:
		return unchecked(groupBase, name, *b.VPCLink.Problem)
	case status == "AVAILABLE":
		return ok(groupBase, name, status)
	case status == "INACTIVE":
		return warning(groupBase, name, "it is INACTIVE, because it was not used for 60 days, so requests fail at first",
			"request the URL of an environment with ingress api, and wait some minutes until it is AVAILABLE")
	case status == "PENDING":
		return warning(groupBase, name, "it is PENDING, so requests fail", "run doctor again in some minutes")
	default:
		return missing(groupBase, name, "it is "+status, "run "+b.Bootstrap+"; if that changes nothing, delete and create the base stack")
	}
}

func (b Base) status() report.Check {
	name := "stack " + b.Name
	switch {
	case b.Stack.InProgress:
		return warning(groupBase, name, "an operation on it is in progress: "+b.Stack.Status, "run doctor again when it has ended")
	case !b.Stack.Usable:
		return missing(groupBase, name, "its last operation failed: "+b.Stack.Status, "see its events in the CloudFormation console, and run "+b.Bootstrap)
	}
	return ok(groupBase, name, b.Stack.Status)
}

// version compares the outputs with those of the templates: the stack may be of an older pr-stack.
func (b Base) version() []report.Check {
	var lacks, needs []string
	for _, name := range b.Templates.Outputs {
		if _, ok := b.Stack.Outputs[name]; !ok {
			lacks = append(lacks, name)
		}
	}
	for _, name := range b.Templates.Required {
		elsewhere := name == "RepositoryName" && b.Repository.Name != "" // ecr-repository names one
		if b.Stack.Outputs[name] == "" && !elsewhere {
			needs = append(needs, name)
		}
	}
	upgrade := "run " + b.Bootstrap + ", which upgrades it in place"
	switch {
	case len(needs) > 0:
		return []report.Check{missing(groupBase, "version", "it lacks outputs that every environment needs: "+strings.Join(needs, ", "), upgrade)}
	case len(lacks) > 0:
		return []report.Check{warning(groupBase, "version", "it is older than this pr-stack, and lacks "+strings.Join(lacks, ", "), upgrade)}
	}
	return []report.Check{ok(groupBase, "version", "it has every output that this pr-stack makes")}
}

// offers are the outputs that an ingress needs besides those that every environment needs.
var offers = map[string][]string{"shared": {"HttpsListenerArn"}, "api": {"VpcLinkId", "NamespaceId"}}

func (b Base) ingress() []report.Check {
	wanted, more := b.wantedIngress(), ""
	if wanted == "shared" && b.Stack.Outputs["Domain"] == "" {
		more = " --domain DOMAIN, with a domain of yours"
	}
	for _, output := range offers[wanted] {
		if wanted == "api" && b.Stack.Outputs[output] == "" && b.Stack.Outputs["FunctionRoleArn"] != "" {
			return []report.Check{warning(groupBase, "ingress "+wanted, "the base stack offers it to functions alone: it has no output "+output,
				"for tasks, run "+b.Bootstrap+" --ingress "+wanted)}
		}
		if b.Stack.Outputs[output] == "" {
			return []report.Check{missing(groupBase, "ingress "+wanted, "the base stack does not offer it: it has no output "+output,
				"run "+b.Bootstrap+" --ingress "+wanted+more)}
		}
	}
	return []report.Check{ok(groupBase, "ingress "+wanted, "the base stack offers it")}
}

func (b Base) wantedIngress() string {
	return cmp.Or(b.Ingress, b.Stack.Outputs["Ingress"], "dedicated")
}

// unread is the check of something that could not be read. Every deployment reads it: if the credentials are
// those of deployments and may not, it is missing.
func (b Base) unread(name string, p Problem) report.Check {
	if b.Own && p.Denied {
		return missing(groupBase, name, p.Why, p.Fix)
	}
	return unchecked(groupBase, name, p)
}

func (b Base) check(kind string, r Resource, fix string) report.Check {
	name := kind + " " + r.Name
	switch {
	case r.Absent:
		return missing(groupBase, name, "it does not exist", fix)
	case r.Problem != nil:
		return b.unread(name, *r.Problem)
	}
	return ok(groupBase, name, cmp.Or(r.Detail, "it exists"))
}
