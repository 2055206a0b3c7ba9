package repotest

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"go.yaml.in/yaml/v3"
)

// pinned matches an action that is named by the full SHA of the reviewed commit. A tag can be moved,
// and then other code runs with the workflow's permissions.
var pinned = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)

func TestWorkflows(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.y*ml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("Glob(.github/workflows) = %q, %v, want at least one workflow", paths, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var workflow struct {
				Permissions yaml.Node
				Jobs        map[string]struct {
					TimeoutMinutes int `yaml:"timeout-minutes"`
					Steps          []struct{ Uses yaml.Node }
				}
			}
			if err := yaml.Unmarshal(text, &workflow); err != nil {
				t.Fatal(err)
			}
			if workflow.Permissions.IsZero() {
				t.Errorf("no permissions: the repository's default would apply")
			}
			for name, job := range workflow.Jobs {
				if job.TimeoutMinutes == 0 {
					t.Errorf("job %s has no timeout-minutes: if it hangs, it runs for six hours", name)
				}
				for _, step := range job.Steps {
					uses := step.Uses
					if uses.Value == "" || uses.Value == "./" {
						continue
					}
					if !pinned.MatchString(uses.Value) || uses.LineComment == "" {
						t.Errorf("line %d: uses: %s %s, want OWNER/NAME@<commit> # <version>",
							uses.Line, uses.Value, uses.LineComment)
					}
				}
			}
		})
	}
}
