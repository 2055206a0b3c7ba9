// Package repotest checks the rules of this repository: which package may import which, what is
// linked into the action, and what no file may do. It has only tests.
package repotest

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "pr-stack"

// arrow lists the packages of ours that a package may import, and says why no others.
type arrow struct {
	may []string
	why string
}

const (
	edge    = "an edge calls one service only: it knows no other edge, no config and no environment"
	middle  = "it combines edges for one purpose: it knows no other such package, no config and no verb"
	pure    = "it is pure, so that it can be read and tested without the rest"
	clock   = "all edges wait with it, so it knows none of them"
	service = "a service of the fake registers its resource types with the engine, and knows no other service"
	far     = "it imitates the other side: it must not share a mistake with ours"
)

// ground is what every part of the fake account is built on. With resources, a service registers its
// resource types with CloudFormation.
var (
	ground = []string{
		"fake/aws/internal/account", "fake/aws/internal/permission", "fake/aws/internal/property", "fake/aws/internal/wire",
	}
	resources = append([]string{"fake/aws/cloudformation"}, ground...)
)

// arrows is keyed by the path below internal. A package that is not listed may import none of ours.
var arrows = map[string]arrow{
	module: {may: []string{"command"}, why: "main starts and exits; command does the rest"},
	"command": {
		may: []string{
			"config", "policy", "admission", "image", "rollout", "publish", "report", "awsconfig", "runner",
			"environment", "permissions", "template", "price", "diagnosis", "timeline", "hint",
			"doctor", "workflow", // which judge what doctor asks for
			"release", "ledger", "promotion",
			// For the clients that wiring creates, and for doctor and bootstrap, which ask each one or two questions.
			"cfn", "github", "ecr", "ecs", "elb", "iam", "quota", "apigateway", "route53", "s3", "cloudwatch",
		},
		why: "a verb combines the packages below: it calls no service itself, and does not know the fakes",
	},

	"config": {
		may: []string{"environment", "policy", "git", "suggest", "hint"},
		why: "inputs are checked without a call to any service",
	},
	"policy":      {may: []string{"environment"}, why: pure},
	"git":         {why: "it reads a few files, and knows nothing else"},
	"suggest":     {why: pure},
	"report":      {may: []string{"environment", "release", "timeline", "price", "plain"}, why: pure},
	"release":     {why: pure},
	"ledger":      {may: []string{"ssm", "release", "environment", "poll", "hint"}, why: "it combines one service with the meaning of what it keeps"},
	"price":       {why: pure},
	"diagnosis":   {may: []string{"plain"}, why: pure},
	"plain":       {why: pure},
	"environment": {why: pure},
	"permissions": {may: []string{"environment"}, why: pure},
	"template":    {may: []string{"hint", "suggest"}, why: pure},
	"timeline":    {why: pure},
	"hint":        {why: "every package may use its error type"},

	"admission": {may: []string{"policy", "environment", "cfn", "github", "runner", "hint"}, why: middle},
	"image":     {may: []string{"docker", "archive", "ecr", "registry", "runner", "timeline", "hint"}, why: middle},
	"rollout": {
		may: []string{
			"cfn", "ecs", "elb", "lambda", "apigateway", "cloudmap", "logs", "probe", "diagnosis", "template", "awsconfig", "runner", "timeline",
			"poll", "hint",
		},
		why: middle,
	},
	"promotion": {
		may: []string{"cfn", "cloudwatch", "ecs", "elb", "route53", "probe", "release", "runner", "timeline", "poll", "hint"},
		why: middle,
	},
	"doctor":    {may: []string{"report", "workflow"}, why: pure},
	"workflow":  {why: "it reads the workflows of a checkout, and judges them alone"},
	"publish":   {may: []string{"github", "report", "runner", "hint"}, why: middle},
	"awsconfig": {may: []string{"poll", "hint"}, why: "every AWS client is created from its configuration, so it knows none of them"},
	"runner":    {may: []string{"timeline", "plain"}, why: "it shows what it is given, and does not know what that is about"},

	"cfn":     {may: []string{"poll", "hint"}, why: edge},
	"s3":      {may: []string{"poll"}, why: edge},
	"ecs":     {may: []string{"poll", "hint"}, why: edge},
	"elb":     {may: []string{"poll", "hint"}, why: edge},
	"lambda":  {may: []string{"poll", "hint"}, why: edge},
	"probe":   {may: []string{"poll", "hint"}, why: edge},
	"github":  {may: []string{"poll", "hint"}, why: edge},
	"archive": {may: []string{"hint"}, why: edge},
	"ecr":     {may: []string{"hint"}, why: edge},
	"quota":   {why: edge},
	"docker":  {may: []string{"hint"}, why: edge},
	"logs":    {why: edge},
	"iam":     {why: edge},
	"route53": {may: []string{"poll", "hint"}, why: edge},
	"ssm":     {why: edge},

	"cloudwatch": {may: []string{"hint"}, why: edge},

	"apigateway": {why: edge},
	"cloudmap":   {why: edge},
	"registry":   {why: edge},
	"poll":       {why: clock},

	"fake/internal/serve": {why: far},
	"fake/github":         {may: []string{"fake/internal/serve"}, why: far},

	"fake/aws": {
		may: []string{
			"fake/aws/acm", "fake/aws/apigateway", "fake/aws/cloudformation", "fake/aws/cloudmap", "fake/aws/dynamodb", "fake/aws/ec2",
			"fake/aws/ecr", "fake/aws/ecs", "fake/aws/elb", "fake/aws/lambda", "fake/aws/logs", "fake/aws/identity",
			"fake/aws/route53", "fake/aws/s3", "fake/aws/servicequotas", "fake/aws/sqs", "fake/aws/ssm", "fake/aws/cloudwatch",
			"fake/aws/internal/account", "fake/aws/internal/permission", "fake/aws/internal/property",
			"fake/aws/internal/wire", "fake/internal/serve",
		},
		why: far + "; only this package combines the engine and the services",
	},
	"fake/aws/scenario": {may: []string{"fake/aws"}, why: far},
	"fake/aws/process":  {may: []string{"fake/aws"}, why: far},

	"fake/aws/iam":      {may: []string{"fake/aws/internal/account"}, why: pure + "; accesses are the account's"},
	"fake/aws/identity": {may: slices.Concat([]string{"fake/aws/iam"}, ground), why: "it knows who calls, and not what is called"},

	"fake/aws/servicequotas": {may: ground, why: "it has numbers, and knows nothing of what they limit"},

	"fake/aws/cloudformation": {may: ground, why: "the engine gets resource types as values, and knows no service"},

	"fake/aws/ec2": {may: resources, why: service},
	"fake/aws/elb": {
		may: slices.Concat(resources, []string{"fake/aws/ec2"}),
		why: service + ", but a load balancer is in a network",
	},
	"fake/aws/acm":      {may: resources, why: service},
	"fake/aws/route53":  {may: resources, why: service},
	"fake/aws/logs":     {may: resources, why: service},
	"fake/aws/cloudmap": {may: resources, why: service},
	"fake/aws/dynamodb": {may: resources, why: service},
	"fake/aws/s3":       {may: resources, why: service},
	"fake/aws/sqs":      {may: resources, why: service},
	"fake/aws/ssm":      {may: resources, why: service},
	"fake/aws/cloudwatch": {
		may: []string{"fake/aws/internal/account", "fake/aws/internal/permission", "fake/aws/internal/wire"}, why: service,
	},
	"fake/aws/apigateway": {
		may: slices.Concat(resources, []string{"fake/aws/cloudmap", "fake/aws/ec2"}),
		why: service + ", but an HTTP API finds tasks in Cloud Map, and a VPC link is in a network",
	},
	"fake/aws/ecr": {
		may: slices.Concat(resources, []string{"fake/aws/iam", "fake/internal/serve"}),
		why: service + "; its registry is a server of its own, and its repositories have policies",
	},
	"fake/aws/ecs": {
		may: slices.Concat(resources, []string{
			"fake/aws/cloudmap", "fake/aws/ec2", "fake/aws/ecr", "fake/aws/elb", "fake/aws/logs",
		}),
		why: "a task is in a network, runs an image, is a target or in Cloud Map, and writes a log",
	},
	"fake/aws/lambda": {
		may: slices.Concat(resources, []string{"fake/aws/ecr", "fake/aws/logs"}),
		why: "a function runs an image and writes a log",
	},

	"fake/aws/internal/permission": {
		may: []string{"fake/aws/internal/account", "fake/aws/internal/wire"},
		why: "it is how the services' tables look, and knows none of them",
	},
	"fake/aws/internal/account":  {why: "all services share it, so it knows none of them"},
	"fake/aws/internal/property": {why: pure},
	"fake/aws/internal/wire":     {why: pure},

	"runner/runnertest": {why: "it is the runner's side of the protocol: it must not share a mistake with ours"},
	"actiontest": {
		may: []string{"command", "permissions", "fake/aws", "fake/github", "runner/runnertest"},
		why: "it runs the whole action through Main, and sees only what the runner, AWS and GitHub see",
	},
	"demo": {
		may: []string{
			"actiontest", "runner/runnertest", "timeline", "docker",
			"fake/aws", "fake/aws/scenario", "fake/aws/process",
		},
		why: "it shows what the harness does, and adds only sockets and programs in containers",
	},
}

func TestArrows(t *testing.T) {
	// With -e, because the compiler reports what does not compile.
	for _, line := range goList(t, "-e", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"/...") {
		path, imports, _ := strings.Cut(line, " ")
		arrow := arrows[short(path)]
		for imported := range strings.FieldsSeq(imports) {
			if strings.HasPrefix(imported, module+"/") && !slices.Contains(arrow.may, short(imported)) {
				t.Errorf("%s imports %s, want only %q: %s", path, imported, arrow.may, arrow.why)
			}
		}
	}
}

// The action's binary runs as root on the user's machine, beside their credentials. It must not
// contain code that it does not use.
func TestAction_links_no_test_code(t *testing.T) {
	banned := map[string]string{
		module + "/internal/fake":                             "the fakes are for tests and the demo",
		module + "/internal/demo":                             "the demo is a separate program",
		module + "/internal/actiontest":                       "the harness is for tests and the demo",
		module + "/internal/runner/runnertest":                "the parser is for tests and the demo",
		"testing":                                             "it is for tests",
		"net/http/httptest":                                   "it is for tests",
		"github.com/rogpeppe/go-internal":                     "testscript is for tests",
		"github.com/google/go-cmp":                            "it is for tests",
		"github.com/aws/aws-sdk-go-v2/service/s3":             "it is for tests of the fake; one signed request does, and is a megabyte smaller",
		"github.com/google/go-containerregistry/pkg/registry": "the registry in memory is the fake's",
	}
	linked := goList(t, "-deps", module)
	if !slices.Contains(linked, module+"/internal/command") {
		t.Fatalf("go list -deps %s = %d packages without command, want all that is linked", module, len(linked))
	}
	for _, path := range linked {
		for ban, why := range banned {
			if path == ban || strings.HasPrefix(path, ban+"/") {
				t.Errorf("the action links %s: %s", path, why)
			}
		}
	}
}

// short returns a package's path below internal; for the action it is the module's own.
func short(path string) string { return strings.TrimPrefix(path, module+"/internal/") }

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	command.Dir = root
	command.Stderr = t.Output()
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list %s: %v", strings.Join(args, " "), err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
