package iam

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// condition is one operator on one key. It holds if any of the values matches; a statement's
// conditions must all hold.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
type condition struct {
	set      string // ForAnyValue, ForAllValues or ""
	operator operator
	ifExists bool
	key      string // in lower case
	values   []string
}

// operator compares a value of the policy with one of the request.
type operator struct {
	matches func(policy, request string) bool
	negated bool
	null    bool // it only checks whether the request has the key
}

// operators are the ones that the fake knows.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
var operators = map[string]operator{
	"StringEquals":              {matches: equal},
	"StringNotEquals":           {matches: equal, negated: true},
	"StringEqualsIgnoreCase":    {matches: strings.EqualFold},
	"StringNotEqualsIgnoreCase": {matches: strings.EqualFold, negated: true},
	"StringLike":                {matches: match},
	"StringNotLike":             {matches: match, negated: true},
	"ArnEquals":                 {matches: matchARN},
	"ArnLike":                   {matches: matchARN},
	"ArnNotEquals":              {matches: matchARN, negated: true},
	"ArnNotLike":                {matches: matchARN, negated: true},
	"Bool":                      {matches: strings.EqualFold},
	"Null":                      {null: true},
}

func equal(policy, request string) bool { return policy == request }

// matchARN matches each of an ARN's six parts by itself. ArnEquals and ArnLike behave identically.
func matchARN(policy, request string) bool {
	pattern, arn := strings.SplitN(policy, ":", 6), strings.SplitN(request, ":", 6)
	if len(pattern) != 6 || len(arn) != 6 {
		return false
	}
	for i := range pattern {
		if !match(pattern[i], arn[i]) {
			return false
		}
	}
	return true
}

// severalValues are the keys that may have several values in a request, in lower case. AWS wants
// ForAnyValue or ForAllValues with them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
var severalValues = []string{
	"aws:calledvia", "aws:tagkeys", "ecs:subnet",
	"route53:changeresourcerecordsetsnormalizedrecordnames", "route53:changeresourcerecordsetsrecordtypes",
	"route53:changeresourcerecordsetsactions",
}

// keys are the condition keys that the fake knows, in lower case. One that ends in a slash is followed
// by the key of a tag. The caller of Evaluate puts those that a request has into its context.
var keys = append([]string{
	"aws:principalarn",
	"aws:principaltag/", // no principal of the fake has tags
	"aws:requesttag/",
	"aws:resourceaccount", // of objects in S3 alone
	"aws:resourcetag/",
	"aws:sourceaccount",
	"aws:sourcearn",
	"aws:viaawsservice",
	"cloudformation:createaction",
	"cloudformation:rolearn",
	"cloudformation:templateurl",
	"ec2:createaction",
	"ec2:resourcetag/",
	"ec2:vpc",
	"ecr:resourcetag/",
	"ecs:cluster",
	"ecs:createaction",
	"ecs:resourcetag/",
	"ecs:task-definition",
	"elasticloadbalancing:createaction",
	"elasticloadbalancing:resourcetag/",
	"iam:awsservicename",
	"iam:passedtoservice",
	"iam:permissionsboundary",
	"lambda:resourcetag/",
	"sts:rolesessionname",
	"token.actions.githubusercontent.com:aud",
	"token.actions.githubusercontent.com:sub",
}, severalValues...)

func knownKey(key string) bool {
	return slices.ContainsFunc(keys, func(known string) bool {
		if strings.HasSuffix(known, "/") {
			return strings.HasPrefix(key, known) && key != known
		}
		return key == known
	})
}

func parseConditions(written map[string]map[string]texts) (list []condition, err error) {
	for _, name := range slices.Sorted(maps.Keys(written)) {
		for _, key := range slices.Sorted(maps.Keys(written[name])) {
			c, err := parseCondition(name, key, written[name][key])
			if err != nil {
				return nil, fmt.Errorf("Condition %s, %s: %w", name, key, err)
			}
			list = append(list, c)
		}
	}
	return list, nil
}

func parseCondition(name, key string, values []string) (condition, error) {
	c := condition{key: strings.ToLower(key), values: values}
	if set, rest, ok := strings.Cut(name, ":"); ok {
		c.set, name = set, rest
	}
	name, c.ifExists = strings.CutSuffix(name, "IfExists")
	known := false
	c.operator, known = operators[name]
	switch {
	case !known, c.operator.null && (c.ifExists || c.set != ""):
		return c, fmt.Errorf("the fake does not know the operator")
	case c.set != "" && c.set != "ForAnyValue" && c.set != "ForAllValues":
		return c, fmt.Errorf("%s is neither ForAnyValue nor ForAllValues", c.set)
	case !knownKey(c.key):
		return c, fmt.Errorf("the fake does not know the condition key")
	case c.set == "" && !c.operator.null && slices.Contains(severalValues, c.key):
		return c, fmt.Errorf("the key may have several values, so the operator needs ForAnyValue or ForAllValues")
	case len(values) == 0:
		return c, fmt.Errorf("the condition has no value")
	}
	for _, v := range values {
		if err := checkVariables(v); err != nil {
			return c, err
		}
		if (c.operator.null || name == "Bool") && v != "true" && v != "false" {
			return c, fmt.Errorf("the value is %q, want true or false", v)
		}
	}
	return c, nil
}

// holds evaluates the condition. A key that the request lacks matches no value, so that a negated
// operator holds; with ForAnyValue nothing holds then, and with ForAllValues everything does.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func (c condition) holds(context map[string][]string) bool {
	present, ok := context[c.key]
	ok = ok && len(present) > 0
	if c.operator.null {
		return slices.ContainsFunc(c.values, func(v string) bool { return (v == "true") == !ok })
	}
	if !ok && c.ifExists {
		return true
	}
	one := func(value string) bool {
		matched := slices.ContainsFunc(c.values, func(v string) bool { return c.operator.matches(v, value) })
		return matched != c.operator.negated
	}
	switch c.set {
	case "ForAnyValue":
		return slices.ContainsFunc(present, one)
	case "ForAllValues":
		return !slices.ContainsFunc(present, func(value string) bool { return !one(value) })
	}
	if !ok {
		return c.operator.negated
	}
	return one(present[0])
}
