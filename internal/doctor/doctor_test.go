package doctor

import (
	"strings"
	"testing"

	"pr-stack/internal/report"
)

func TestRights(t *testing.T) {
	right := func(change func(*Right)) Right {
		r := Right{Statement: "S", Action: "ec2:X"}
		change(&r)
		return r
	}
	for name, test := range map[string]struct {
		right Right
		found report.Finding
		text  string
	}{
		"allowed":      {right(func(r *Right) { r.Allowed = true }), report.CheckOK, "its 1 actions"},
		"denied":       {right(func(*Right) {}), report.CheckMissing, "no policy of R allows it"},
		"explicitly":   {right(func(r *Right) { r.Explicit = true; r.Organization = true }), report.CheckMissing, "a statement denies it to R"},
		"boundary":     {right(func(r *Right) { r.Boundary = true }), report.CheckMissing, "the permissions boundary of R"},
		"organization": {right(func(r *Right) { r.Organization = true }), report.CheckWarning, "which it also says where they do not"},
		"special key":  {right(func(r *Right) { r.Specific = []string{"ec2:Vpc"} }), report.CheckWarning, "may not know the condition key ec2:Vpc"},
	} {
		t.Run(name, func(t *testing.T) {
			checks := Rights{Policy: "preview", ARN: "R", Results: []Right{test.right}}.checks()
			if len(checks) != 1 || checks[0].Found != test.found || !strings.Contains(checks[0].Text, test.text) {
				t.Errorf("checks = %+v, want one that is %s and says %q", checks, test.found, test.text)
			}
		})
	}
}

// A check that is not ok says what mends it, and what was not asked is never ok.
func TestExamine_without_credentials(t *testing.T) {
	problem := &Problem{Why: "no", Fix: "yes"}
	checks := Examine(Facts{AWS: AWS{Problem: problem, Lacks: Credentials}, Docker: Docker{Needed: true, Problem: problem}})
	for _, c := range checks {
		if c.Found == report.CheckOK && c.Group != groupWorkflows {
			t.Errorf("%s is ok, and nothing was asked: %s", c.Name, c.Text)
		}
		if c.Found != report.CheckOK && c.Fix == "" {
			t.Errorf("%s has no fix: %s", c.Name, c.Text)
		}
	}
}

func TestBase_version(t *testing.T) {
	for name, test := range map[string]struct {
		outputs map[string]string
		found   report.Finding
		text    string
	}{
		"the same":       {map[string]string{"A": "1", "Version": "3"}, report.CheckOK, "every output"},
		"an older one":   {map[string]string{"A": "1", "Version": "2"}, report.CheckWarning, "of version 2, and this pr-stack's is 3"},
		"without number": {map[string]string{"A": "1"}, report.CheckWarning, "of version 0"},
		"a newer one":    {map[string]string{"A": "1", "Version": "10"}, report.CheckWarning, "newer than this pr-stack's 3"},
		"lacks outputs":  {map[string]string{"Version": "2"}, report.CheckWarning, "and lacks A"},
	} {
		t.Run(name, func(t *testing.T) {
			b := Base{Stack: &Stack{Outputs: test.outputs}, Templates: Templates{Outputs: []string{"A", "Version"}, Version: "3"}, Bootstrap: "bootstrap"}
			checks := b.version()
			if len(checks) != 1 || checks[0].Found != test.found || !strings.Contains(checks[0].Text, test.text) {
				t.Errorf("checks = %+v, want one that is %s and says %q", checks, test.found, test.text)
			}
		})
	}
}
