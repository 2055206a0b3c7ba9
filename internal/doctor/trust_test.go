package doctor

import (
	"strings"
	"testing"

	"pr-stack/internal/report"
)

func TestTrust(t *testing.T) {
	const principal = `"Principal": {"Federated": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity"`
	allows := func(subjects string) string {
		return `{"Statement": [{"Effect": "Allow", ` + principal + `, "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": ` + subjects + `}}}]}`
	}
	for name, test := range map[string]struct {
		document string
		found    report.Finding
		text     string
	}{
		"of this repository":    {allows(`"repo:o/r:pull_request"`), report.CheckOK, "it allows repo:o/r:pull_request"},
		"one of several":        {allows(`["repo:x/y:pull_request", "repo:o/r:ref:refs/heads/main"]`), report.CheckOK, "repo:o/r:ref:refs/heads/main"},
		"with numbers":          {allows(`"repo:o@12/r@34:pull_request"`), report.CheckOK, "repo:o@12/r@34"},
		"of another repository": {allows(`"repo:o/r2:pull_request"`), report.CheckMissing, "which are not jobs of o/r"},
		"of another owner":      {allows(`"repo:p@1/r@2:pull_request"`), report.CheckMissing, "which are not jobs of o/r"},
		"any job":               {allows(`"repo:o/r:*"`), report.CheckWarning, "whoever may push a branch"},
		"any repository":        {allows(`"repo:o/*"`), report.CheckOK, "repo:o/*"},
		"no condition":          {`{"Statement": {"Effect": "Allow", ` + principal + `}}`, report.CheckWarning, "jobs of every repository"},
		"a service's":           {`{"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`, report.CheckWarning, "no job assume the role with GitHub's token"},
		"not JSON":              {`x`, report.CheckWarning, "could not be checked"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Trust{ARN: "R", Document: test.document, Repository: "o/r"}.check()
			if got.Found != test.found || !strings.Contains(got.Text, test.text) {
				t.Errorf("check = %+v, want one that is %s and says %q", got, test.found, test.text)
			}
		})
	}
}
