package repotest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pr-stack/internal/report"
)

// The workflow that bootstrap prints is the one at the top of README.md.
func TestREADME_has_the_workflow_that_bootstrap_prints(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	want := "```yaml\n# " + report.WorkflowPath + "\n" + report.Workflow("eu-north-1", "hello", "octo-org/hello") + "```\n"
	if !strings.Contains(string(text), want) {
		t.Errorf("README.md lacks\n%s", want)
	}
	if got := report.Workflow("us-west-2", "web", "octo-org/hello"); strings.Contains(got, "eu-north-1") || !strings.Contains(got, "service: web\n          aws-region: us-west-2\n") {
		t.Errorf("Workflow(us-west-2) = %s", got)
	}
}
