// Package doctor judges whether a deployment could work, from facts that others have asked for. Each
// judgement is one check: ok, missing with what mends it, or a warning. What could not be asked is a
// warning, too: a check says no more than was proved. The package is pure.
package doctor

import (
	"strings"

	"pr-stack/internal/report"
)

// The groups of checks, in the order in which they are shown.
const (
	groupAWS       = "AWS"
	groupBase      = "Base stack"
	groupRights    = "Rights"
	groupQuotas    = "Quotas"
	groupDocker    = "Docker"
	groupGitHub    = "GitHub"
	groupWorkflows = "Workflows"
)

// Problem is why something could not be asked, or is not as it must be.
type Problem struct {
	Why    string
	Fix    string // "" if nobody knows
	Denied bool   // the credentials lack a permission
}

// Facts is all that was found out. A group that is nil was not asked about, because the credentials
// cannot be used.
type Facts struct {
	AWS       AWS
	Base      *Base
	Rights    []Rights // of each role
	Quotas    *Quotas
	Docker    Docker
	GitHub    GitHub
	Workflows Workflows
}

// Examine returns the checks.
func Examine(f Facts) (checks []report.Check) {
	checks = append(checks, f.AWS.checks()...)
	if f.Base == nil {
		const why = "could not be checked: AWS cannot be asked without credentials, a region and the right account"
		for _, group := range []string{groupBase, groupRights, groupQuotas} {
			checks = append(checks, warning(group, "everything", why, "mend what is missing above, and run doctor again"))
		}
	} else {
		checks = append(checks, f.Base.checks()...)
		for _, r := range f.Rights {
			checks = append(checks, r.checks()...)
		}
		if len(f.Rights) == 0 {
			checks = append(checks, warning(groupRights, "policies", "could not be checked: they name what is in the base stack", ""))
		}
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

// unchecked is a thing that could not be asked about.
func unchecked(group, name string, p Problem) report.Check {
	return warning(group, name, "could not be checked: "+p.Why, p.Fix)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
