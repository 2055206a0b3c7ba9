package doctor

import (
	"strings"
	"testing"

	"pr-stack/internal/report"
)

func TestPermissions(t *testing.T) {
	right := func(change func(*Permission)) Permission {
		r := Permission{Statement: "S", Action: "ec2:X"}
		change(&r)
		return r
	}
	for name, test := range map[string]struct {
		right Permission
		found report.Finding
		text  string
	}{
		"allowed":      {right(func(r *Permission) { r.Allowed = true }), report.CheckOK, "its 1 actions"},
		"denied":       {right(func(*Permission) {}), report.CheckMissing, "no policy of R allows it"},
		"explicitly":   {right(func(r *Permission) { r.Explicit = true; r.Organization = true }), report.CheckMissing, "a statement denies it to R"},
		"boundary":     {right(func(r *Permission) { r.Boundary = true }), report.CheckMissing, "the permissions boundary of R"},
		"organization": {right(func(r *Permission) { r.Organization = true }), report.CheckWarning, "which it also says where they do not"},
		"special key":  {right(func(r *Permission) { r.Specific = []string{"ec2:Vpc"} }), report.CheckWarning, "may not know the condition key ec2:Vpc"},
	} {
		t.Run(name, func(t *testing.T) {
			checks := Permissions{Policy: "preview", ARN: "R", Results: []Permission{test.right}}.checks()
			if len(checks) != 1 || checks[0].Found != test.found || !strings.Contains(checks[0].Text, test.text) {
				t.Errorf("checks = %+v, want one that is %s and says %q", checks, test.found, test.text)
			}
		})
	}
}

// A check that is not ok says how to fix it, and what was not checked is never ok.
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
		"the same":           {map[string]string{"A": "1", "B": "2"}, report.CheckOK, "every output"},
		"a newer one":        {map[string]string{"A": "1", "B": "2", "C": "3"}, report.CheckOK, "every output"},
		"an older one":       {map[string]string{"A": "1"}, report.CheckWarning, "and lacks B"},
		"too old to be used": {map[string]string{"B": "2"}, report.CheckMissing, "every environment needs: A"},
	} {
		t.Run(name, func(t *testing.T) {
			b := Base{Stack: &Stack{Outputs: test.outputs}, Templates: Templates{Outputs: []string{"A", "B"}, Required: []string{"A"}}, Bootstrap: "bootstrap"}
			checks := b.version()
			if len(checks) != 1 || checks[0].Found != test.found || !strings.Contains(checks[0].Text, test.text) {
				t.Errorf("checks = %+v, want one that is %s and says %q", checks, test.found, test.text)
			}
		})
	}
}
