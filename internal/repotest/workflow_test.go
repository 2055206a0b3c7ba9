package repotest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pr-stack/internal/report"
)

// The workflows that bootstrap prints are the one at the top of README.md, and that of production.
func TestREADME_has_the_workflows_that_bootstrap_prints(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	want := "```yaml\n# " + report.WorkflowPath + "\n" + report.Workflow("eu-north-1", "hello", "octo-org/hello") + "```\n"
	if !strings.Contains(string(text), want) {
		t.Errorf("README.md lacks\n%s", want)
	}
	want = "```yaml\n# " + report.ProductionPath + "\n" + report.ProductionWorkflow("eu-north-1", "hello", "octo-org/hello", "main") + "```\n"
	if !strings.Contains(string(text), want) {
		t.Errorf("README.md lacks\n%s", want)
	}
	for branch, want := range map[string]string{"trunk": "[trunk]", "release/2.x": "[release/2.x]", "1.0": "['1.0']", "c++!": `['c\+\+\!']`, "it's": "['it''s']"} {
		if got := report.ProductionWorkflow("us-west-2", "web", "octo-org/hello", branch); !strings.Contains(got, "branches: "+want+"\n") ||
			!strings.Contains(got, "service: web\n          aws-region: us-west-2\n") {
			t.Errorf("ProductionWorkflow(%s) = %s, want branches: %s", branch, got, want)
		}
	}
	if got := report.Workflow("us-west-2", "web", "octo-org/hello"); strings.Contains(got, "eu-north-1") || !strings.Contains(got, "service: web\n          aws-region: us-west-2\n") {
		t.Errorf("Workflow(us-west-2) = %s", got)
	}
}
