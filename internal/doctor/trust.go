package doctor

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"pr-stack/internal/report"
)

// Trust is the trust policy of a role that jobs assume.
type Trust struct {
	ARN        string // of the role
	Document   string // JSON
	Repository string // whose jobs are to assume it, owner/name; "" if it is not known
}

// texts is one text or a list of texts.
type texts []string

// UnmarshalJSON reads the text or the list.
func (t *texts) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(t))
}

type trustStatement struct {
	Effect    string
	Principal json.RawMessage
	Action    texts
	Condition map[string]map[string]texts
}

// check compares the subjects that the policy allows with the repository. It does not evaluate the whole
// policy: only STS does.
func (t Trust) check() report.Check {
	const fix = "write one as in README.md, Before the first pull request"
	name := "trust policy of " + t.ARN
	subjects, anyone, ok := t.subjects()
	switch {
	case !ok:
		return unchecked(groupPermissions, name, Problem{Why: "it cannot be read"})
	case anyone:
		return warning(groupPermissions, name, "it has no condition on the subject, so jobs of every repository on GitHub may assume the role", fix)
	case len(subjects) == 0:
		return warning(groupPermissions, name, "it lets no job assume the role with GitHub's token", fix)
	case t.Repository != "" && !slices.ContainsFunc(subjects, t.isOurs):
		return missing(groupPermissions, name, fmt.Sprintf("it allows %s, which are not jobs of %s", strings.Join(subjects, ", "), t.Repository),
			"name subjects that begin with repo:"+t.Repository+":")
	case slices.ContainsFunc(subjects, func(s string) bool { return strings.HasSuffix(s, ":*") }):
		return warning(groupPermissions, name, "it allows "+strings.Join(subjects, ", ")+": whoever may push a branch can use the role",
			"name the subjects of the jobs that need it")
	}
	return report.Check{Group: groupPermissions, Name: name, Found: report.CheckOK, Text: "it allows " + strings.Join(subjects, ", ")}
}

// subjects returns the subjects, or patterns of them, that the policy allows; anyone means that it allows all.
func (t Trust) subjects() (list []string, anyone, ok bool) {
	var policy struct{ Statement json.RawMessage }
	var statements []trustStatement
	if json.Unmarshal([]byte(t.Document), &policy) != nil {
		return nil, false, false
	}
	if json.Unmarshal(policy.Statement, &statements) != nil {
		var one trustStatement
		if json.Unmarshal(policy.Statement, &one) != nil {
			return nil, false, false
		}
		statements = []trustStatement{one}
	}
	for _, s := range statements {
		if s.Effect != "Allow" || !slices.Contains(s.Action, "sts:AssumeRoleWithWebIdentity") || !strings.Contains(string(s.Principal), "oidc-provider/") {
			continue
		}
		found := s.allowed()
		anyone = anyone || len(found) == 0
		list = append(list, found...)
	}
	return list, anyone, true
}

func (s trustStatement) allowed() (list []string) {
	for _, keys := range s.Condition {
		for key, values := range keys {
			if strings.HasSuffix(strings.ToLower(key), ":sub") {
				list = append(list, values...)
			}
		}
	}
	slices.Sort(list)
	return list
}

// isOurs reports whether a subject, or pattern, is one of the repository's. Those of newer repositories
// have numbers, too.
func (t Trust) isOurs(subject string) bool {
	prefix := "repo:" + t.Repository + ":"
	literal, _, isPattern := strings.Cut(subject, "*")
	owner, name, _ := strings.Cut(t.Repository, "/")
	numbered := regexp.MustCompile("^repo:" + regexp.QuoteMeta(owner) + `@\d+/` + regexp.QuoteMeta(name) + `@\d+:`)
	return strings.HasPrefix(subject, prefix) || numbered.MatchString(subject) || isPattern && strings.HasPrefix(prefix, literal)
}
