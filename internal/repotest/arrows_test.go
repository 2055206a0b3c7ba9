// Package repotest checks the rules of this repository: which package imports which, what is linked into the action, and
// what no file does. It has no code but tests.
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
	edge  = "an edge speaks the words of its far side alone: it knows no other edge, no config and no environment; command translates"
	pure  = "it is pure, so that it can be read and tested without the rest"
	clock = "it is what all edges wait by, so it knows none of them"
)

// arrows is by the path below internal. A package that is not here may import none of ours.
var arrows = map[string]arrow{
	module: {may: []string{"command"}, why: "main starts and exits; what happens in between is command's"},
	"command": {
		may: []string{"config", "environment", "template", "report", "diagnosis", "price", "poll", "cfn", "ecr", "ecs", "elb", "logs", "docker", "archive", "probe", "github"},
		why: "it alone knows the others, but never the fake that it is tested on",
	},

	"config":      {may: []string{"environment"}, why: "inputs are checked without asking anything of anybody"},
	"report":      {may: []string{"environment"}, why: pure},
	"price":       {why: pure},
	"diagnosis":   {why: pure},
	"environment": {why: pure},
	"template":    {why: pure},

	"cfn":     {may: []string{"poll"}, why: edge},
	"ecs":     {may: []string{"poll"}, why: edge},
	"elb":     {may: []string{"poll"}, why: edge},
	"probe":   {may: []string{"poll"}, why: edge},
	"github":  {may: []string{"poll"}, why: edge},
	"logs":    {why: edge},
	"archive": {why: edge},
	"ecr":     {why: edge},
	"docker":  {why: edge},
	"poll":    {why: clock},

	"fakeaws":         {why: "it is the far side: it must not share a mistake with the near one"},
	"fakeaws/mishap":  {may: []string{"fakeaws"}, why: "it is a part of the far side"},
	"fakegithub":      {why: "it is the far side: it must not share a mistake with the near one"},
	"fakeaws/process": {may: []string{"fakeaws"}, why: "it is a part of the far side"},
	"demo":            {may: []string{"command", "report", "docker", "fakeaws", "fakeaws/mishap", "fakeaws/process", "fakegithub"}, why: "it runs the action as a runner would"},
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

// The action's binary is root on its user's machine, next to their credentials: it holds nothing that it does not use.
func TestAction_links_no_test_code(t *testing.T) {
	banned := map[string]string{
		module + "/internal/fakeaws":                          "the fake is for tests and the demo",
		module + "/internal/fakegithub":                       "the fake is for tests and the demo",
		module + "/internal/demo":                             "the demo is a program of its own",
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
