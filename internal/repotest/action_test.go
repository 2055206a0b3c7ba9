package repotest

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"pr-stack/internal/config"
	"pr-stack/internal/report"
)

type described struct {
	Description string
	Default     string
}

type metadata struct {
	Inputs  yaml.Node
	Outputs yaml.Node
	Runs    struct{ Using, Image, Entrypoint string }
}

// action.yml and README.md have the program's inputs and outputs, in the same order.
func TestAction_names_what_the_program_knows(t *testing.T) {
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action metadata
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	names, inputs := entries(t, action.Inputs)
	var want []string
	for _, input := range config.AllInputs {
		want = append(want, input.Name)
		if diff := cmp.Diff(described{input.Help, input.Default}, inputs[input.Name]); diff != "" {
			t.Errorf("input %s of action.yml differs from the program's (-program +action.yml):\n%s",
				input.Name, diff)
		}
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("inputs of action.yml differ from the program's (-program +action.yml):\n%s", diff)
	}
	if diff := cmp.Diff(want, table(t, "Inputs")); diff != "" {
		t.Errorf("inputs of README.md differ from the program's (-program +README.md):\n%s", diff)
	}

	known, _ := report.Outputs(&report.Deployment{})
	want = nil
	for _, output := range known {
		want = append(want, output.Name)
	}
	names, _ = entries(t, action.Outputs)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("outputs of action.yml differ from the program's (-program +action.yml):\n%s", diff)
	}
	if diff := cmp.Diff(want, table(t, "Outputs")); diff != "" {
		t.Errorf("outputs of README.md differ from the program's (-program +README.md):\n%s", diff)
	}
	if action.Runs.Using != "docker" || action.Runs.Entrypoint == "" {
		t.Errorf("runs = %+v, want docker with an entrypoint", action.Runs)
	}
	// GitHub evaluates an expression in a description, and then fails to load the action.
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "${{") && !strings.HasPrefix(line, "    default: ") {
			t.Errorf("action.yml: %q has an expression, and GitHub does not load the action with it", line)
		}
	}
}

// entries returns the names in a mapping, in order, and each one's description and default.
func entries(t *testing.T, mapping yaml.Node) (names []string, values map[string]described) {
	t.Helper()
	values = map[string]described{}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		var d described
		if err := mapping.Content[i+1].Decode(&d); err != nil {
			t.Fatal(err)
		}
		names = append(names, mapping.Content[i].Value)
		values[mapping.Content[i].Value] = d
	}
	return names, values
}

// table returns the first column of the table under a heading of README.md.
func table(t *testing.T, heading string) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var names []string
	row := regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|")
	for _, match := range row.FindAllStringSubmatch(section, -1) {
		names = append(names, match[1])
	}
	return names
}
