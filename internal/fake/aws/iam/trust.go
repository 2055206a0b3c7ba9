package iam

import (
	"encoding/json"
	"fmt"
	"slices"

	"pr-stack/internal/fake/aws/internal/account"
)

// Trust is a role's trust policy: who may assume the role.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
type Trust struct {
	statements []statement
}

// The kinds of principals that a trust policy names.
const (
	AWS       = "AWS"       // an ARN, an account or *
	Service   = "Service"   // such as cloudformation.amazonaws.com
	Federated = "Federated" // the ARN of an identity provider
)

// ParseTrust reads a trust policy.
func ParseTrust(text string) (*Trust, error) {
	list, err := read(text)
	if err != nil {
		return nil, err
	}
	t := &Trust{}
	for _, w := range list {
		if w.Resource != nil || w.NotResource != nil {
			return nil, fmt.Errorf("a trust policy has no Resource: it is about its role")
		}
		s, err := w.statement()
		if err != nil {
			return nil, err
		}
		if s.principals, err = parsePrincipal(w.Principal); err != nil {
			return nil, err
		}
		t.statements = append(t.statements, s)
	}
	return t, nil
}

func parsePrincipal(written json.RawMessage) (map[string][]string, error) {
	if string(written) == `"*"` {
		return map[string][]string{AWS: {"*"}}, nil
	}
	var kinds map[string]texts
	if err := json.Unmarshal(written, &kinds); err != nil || len(kinds) == 0 {
		return nil, fmt.Errorf("a statement of a trust policy has a Principal, not %q", written)
	}
	principals := map[string][]string{}
	for kind, list := range kinds {
		if kind != AWS && kind != Service && kind != Federated {
			return nil, fmt.Errorf("the fake does not know the kind of principal %s", kind)
		}
		principals[kind] = list
	}
	return principals, nil
}

// Evaluate returns the trust policy's decision on a principal of that kind, which may have several
// names. The access is the call that assumes the role.
func (t *Trust) Evaluate(kind string, names []string, a account.Access) account.Decision {
	request := newRequest(a)
	decision := account.ImplicitDeny
	for _, s := range t.statements {
		named := func(p string) bool { return p == "*" && kind == AWS || slices.Contains(names, p) }
		switch {
		case !slices.ContainsFunc(s.principals[kind], named), !s.applies(request):
		case s.deny:
			return account.ExplicitDeny
		default:
			decision = account.Allow
		}
	}
	return decision
}
