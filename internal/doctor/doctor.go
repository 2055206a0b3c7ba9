// Package doctor judges whether a deployment could work, from facts that its caller has gathered. Each
// check is ok, missing or a warning; the last two say how to fix it. What could not be checked is a
// warning: a check says no more than was proved. The package is pure.
package doctor

import (
	"strings"

	"pr-stack/internal/report"
)

// The groups of checks, in the order in which they are shown.
const (
	groupAWS         = "AWS"
	groupBase        = "Base stack"
	groupPermissions = "Permissions"
	groupQuotas      = "Quotas"
	groupDocker      = "Docker"
	groupGitHub      = "GitHub"
	groupWorkflows   = "Workflows"
)

// Problem says why something could not be checked, or what is wrong with it.
type Problem struct {
	Why    string
	Fix    string // "" if it is not known
	Denied bool   // the credentials lack a permission
}

// Facts is all that was gathered. Base, Permissions and Quotas are nil if the credentials cannot be used.
type Facts struct {
	AWS         AWS
	Base        *Base
	Permissions []Permissions // of each role
	Production  *Production   // nil if nothing is promoted
	Quotas      *Quotas
	Docker      Docker
	GitHub      GitHub
	Workflows   Workflows
}

// Examine returns the checks.
func Examine(f Facts) (checks []report.Check) {
	checks = append(checks, f.AWS.checks()...)
	if f.Base == nil {
		const why = "could not be checked: AWS needs credentials, a region and an allowed account"
		for _, group := range []string{groupBase, groupPermissions, groupQuotas} {
			checks = append(checks, warning(group, "everything", why, "fix what is missing above, and run doctor again"))
		}
	} else {
		checks = append(checks, f.Base.checks()...)
		for _, r := range f.Permissions {
			checks = append(checks, r.checks()...)
		}
		if len(f.Permissions) == 0 {
			checks = append(checks, warning(groupPermissions, "policies", "could not be checked: they name what is in the base stack", ""))
		}
		checks = append(checks, f.Production.checks()...)
		checks = append(checks, f.Quotas.checks()...)
	}
	checks = append(checks, f.Docker.checks()...)
	checks = append(checks, f.GitHub.checks()...)
	return append(checks, f.Workflows.checks()...)
}

func ok(group, name, text string) report.Check {
	return report.Check{Group: group, Name: name, Found: report.CheckOK, Text: text}
}

func warning(group, name, text, fix string) report.Check {
	return report.Check{Group: group, Name: name, Found: report.CheckWarning, Text: oneLine(text), Fix: oneLine(fix)}
}

func missing(group, name, text, fix string) report.Check {
	return report.Check{Group: group, Name: name, Found: report.CheckMissing, Text: oneLine(text), Fix: oneLine(fix)}
}

// unchecked is the check of something that could not be read.
func unchecked(group, name string, p Problem) report.Check {
	return warning(group, name, "could not be checked: "+p.Why, p.Fix)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
