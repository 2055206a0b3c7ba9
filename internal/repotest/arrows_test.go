// Package repotest checks the rules of this repository: which package imports which, what is linked
// into the action, and what no file does. It has no code but tests.
package repotest

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "pr-stack"

// arrow is which packages of ours a package may import, and why no others.
type arrow struct {
	may []string
	why string
}

const (
	edge    = "an edge speaks to one far side only: it knows no other edge, no config and no environment"
	middle  = "it composes edges for one purpose: it knows no other part of the middle, no config and no verb"
	pure    = "it is pure, so that it can be read and tested without the rest"
	clock   = "it is what all edges wait by, so it knows none of them"
	service = "a service of the fake registers its resource types with the engine and knows no other service"
	far     = "it is the far side: it must not share a mistake with the near one"
)

// ground is what every part of the fake account stands on, and resources what a service gives
// CloudFormation its types by.
var (
	ground    = []string{"fake/aws/internal/account", "fake/aws/internal/property", "fake/aws/internal/wire"}
	resources = append([]string{"fake/aws/cloudformation"}, ground...)
)

// arrows is by the path below internal. A package that is not here may import none of ours.
var arrows = map[string]arrow{
	module: {may: []string{"command"}, why: "main starts and exits; what happens in between is command's"},
	"command": {
		may: []string{
			"config", "policy", "admission", "image", "rollout", "publish", "report", "awsconfig", "runner",
			"environment", "template", "price", "diagnosis", "timeline", "hint",
			"cfn", "github", // of which wiring makes clients
		},
		why: "a verb composes the middle floor; it asks no service by itself, and never knows the fake that it is tested on",
	},

	"config":      {may: []string{"environment", "policy", "suggest", "hint"}, why: "inputs are checked without asking anyone anything"},
	"policy":      {may: []string{"environment"}, why: pure},
	"suggest":     {why: pure},
	"report":      {may: []string{"environment", "timeline", "price"}, why: pure},
	"price":       {why: pure},
	"diagnosis":   {why: pure},
	"environment": {why: pure},
	"template":    {may: []string{"hint", "suggest"}, why: pure},
	"timeline":    {why: pure},
	"hint":        {why: "it is the one type that every package gives its errors"},

	"admission": {may: []string{"policy", "environment", "cfn", "github", "runner", "hint"}, why: middle},
	"image":     {may: []string{"docker", "archive", "ecr", "runner", "timeline"}, why: middle},
	"rollout": {
		may: []string{"cfn", "ecs", "elb", "logs", "probe", "diagnosis", "template", "awsconfig", "runner", "timeline", "poll", "hint"},
		why: middle,
	},
	"publish":   {may: []string{"github", "report", "runner", "hint"}, why: middle},
	"awsconfig": {may: []string{"hint"}, why: "it comes before every client of AWS's, and knows none"},
	"runner":    {may: []string{"timeline"}, why: "it is how everything is shown, and knows nothing of what"},

	"cfn":     {may: []string{"poll", "hint"}, why: edge},
	"ecs":     {may: []string{"poll", "hint"}, why: edge},
	"elb":     {may: []string{"poll", "hint"}, why: edge},
	"probe":   {may: []string{"poll", "hint"}, why: edge},
	"github":  {may: []string{"poll", "hint"}, why: edge},
	"archive": {may: []string{"hint"}, why: edge},
	"ecr":     {may: []string{"hint"}, why: edge},
	"docker":  {may: []string{"hint"}, why: edge},
	"logs":    {why: edge},
	"poll":    {why: clock},

	"fake/internal/serve": {why: far},
	"fake/github":         {may: []string{"fake/internal/serve"}, why: far},

	"fake/aws": {
		may: []string{
			"fake/aws/cloudformation", "fake/aws/ec2", "fake/aws/ecr", "fake/aws/ecs", "fake/aws/elb", "fake/aws/logs",
			"fake/aws/internal/account", "fake/aws/internal/property", "fake/aws/internal/wire", "fake/internal/serve",
		},
		why: far + "; it alone puts the engine and the services together",
	},
	"fake/aws/scenario": {may: []string{"fake/aws"}, why: far},
	"fake/aws/process":  {may: []string{"fake/aws"}, why: far},

	"fake/aws/cloudformation": {may: ground, why: "the engine knows resource types only as values: no service"},

	"fake/aws/ec2":  {may: resources, why: service},
	"fake/aws/elb":  {may: slices.Concat(resources, []string{"fake/aws/ec2"}), why: service + ", but a load balancer is in a network"},
	"fake/aws/logs": {may: resources, why: service},
	"fake/aws/ecr":  {may: slices.Concat(resources, []string{"fake/internal/serve"}), why: service + ", and its registry answers on its own"},
	"fake/aws/ecs": {
		may: slices.Concat(resources, []string{"fake/aws/ec2", "fake/aws/ecr", "fake/aws/elb", "fake/aws/logs"}),
		why: "a task is in a network, runs an image, is a target and writes a log; the root is above it",
	},

	"fake/aws/internal/account":  {why: "it is what all services share, so it knows none of them"},
	"fake/aws/internal/property": {why: pure},
	"fake/aws/internal/wire":     {why: pure},

	"runner/runnertest": {why: "it is the runner's side of the protocol: it must not share a mistake with ours"},
	"actiontest": {
		may: []string{"command", "fake/aws", "fake/github", "runner/runnertest"},
		why: "it runs the whole action through Main, and sees only what the runner, AWS and GitHub see",
	},
	"demo": {
		may: []string{"actiontest", "runner/runnertest", "timeline", "docker", "fake/aws", "fake/aws/scenario", "fake/aws/process"},
		why: "it shows what the harness does, and only adds sockets and programs in containers",
	},
}

func TestArrows(t *testing.T) {
	// With -e, as what does not compile is the compiler's to tell.
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

// The action's binary is root on its user's machine, next to their credentials: it holds nothing
// that it does not use.
func TestAction_links_no_test_code(t *testing.T) {
	banned := map[string]string{
		module + "/internal/fake":                             "the fakes are for tests and the demo",
		module + "/internal/demo":                             "the demo is a program of its own",
		module + "/internal/actiontest":                       "the harness is for tests and the demo",
		module + "/internal/runner/runnertest":                "the parser is for tests and the demo",
		"testing":                                             "it is for tests",
		"net/http/httptest":                                   "it is for tests",
		"github.com/rogpeppe/go-internal":                     "testscript is for tests",
		"github.com/google/go-cmp":                            "it is for tests",
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

// short is a package's path below internal, and the module's own for the action.
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
