package iam

import (
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/account"
)

// Evaluate returns the decision of one principal's policies on an access. A statement that denies it
// wins over all that allow it. If no statement applies, it is denied implicitly.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
func Evaluate(policies []*Policy, a account.Access) account.Decision {
	request := newRequest(a)
	decision := account.ImplicitDeny
	for _, p := range policies {
		for _, s := range p.statements {
			switch {
			case !s.applies(request):
			case s.deny:
				return account.ExplicitDeny
			default:
				decision = account.Allow
			}
		}
	}
	return decision
}

// request is an access in the form that statements are compared with.
type request struct {
	action, resource string
	context          map[string][]string // by condition key in lower case
}

// newRequest returns the access's request. Condition keys are not case-sensitive, and a service's
// own key for tags, such as ec2:ResourceTag/KEY, is a synonym for aws:ResourceTag/KEY.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func newRequest(a account.Access) request {
	r := request{action: a.Action, resource: a.Resource, context: map[string][]string{}}
	service, _, _ := strings.Cut(a.Action, ":")
	for key, value := range a.Context {
		key = strings.ToLower(key)
		r.context[key] = []string{value}
		if slices.Contains(severalValues, key) {
			r.context[key] = strings.Split(value, ",")
		}
		if tag, ok := strings.CutPrefix(key, "aws:resourcetag/"); ok {
			r.context[strings.ToLower(service)+":resourcetag/"+tag] = []string{value}
		}
	}
	for key := range a.Context {
		if tag, ok := strings.CutPrefix(key, "aws:RequestTag/"); ok {
			r.context["aws:tagkeys"] = append(r.context["aws:tagkeys"], tag)
		}
	}
	return r
}

// applies reports whether the statement is about the request.
func (s statement) applies(r request) bool {
	action := func(pattern string) bool { return match(strings.ToLower(pattern), strings.ToLower(r.action)) }
	resource := func(pattern string) bool { return match(pattern, r.resource) }
	fails := func(c condition) bool { return !c.holds(r.context) }
	return in(s.actions, s.notActions, action) && in(s.resources, s.notResources, resource) &&
		!slices.ContainsFunc(s.conditions, fails)
}

// in reports whether one of list matches and none of not does. A list that the statement does not have
// is nil, and counts as fulfilled. A trust policy has neither list of resources.
func in(list, not []string, matches func(string) bool) bool {
	return (list == nil || slices.ContainsFunc(list, matches)) && (not == nil || !slices.ContainsFunc(not, matches))
}

// match reports whether text is what pattern describes: * is any characters, also colons and slashes,
// and ? is any one character.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func match(pattern, text string) bool {
	star, from := -1, 0 // where to continue if what follows the last * does not match
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
