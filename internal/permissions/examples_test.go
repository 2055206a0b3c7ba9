package permissions_test

import (
	"slices"
	"strings"
	"testing"

	"pr-stack/internal/permissions"
)

// An example is one request: it has no wildcards, and each action that a policy allows is in one.
func TestExamples(t *testing.T) {
	for name, policy := range rolesOf(t, "hello") {
		examples := policy.Examples()
		var asked []string
		for _, e := range examples {
			asked = append(asked, e.Actions...)
			for _, text := range e.Resources {
				if strings.Contains(text, "*") {
					t.Errorf("%s, %s: the resource %s has a wildcard", name, e.Statement, text)
				}
			}
			for _, key := range e.Context {
				if len(key.Values) != 1 || strings.Contains(key.Values[0], "*") {
					t.Errorf("%s, %s: %s has the values %q, want one without a wildcard", name, e.Statement, key.Name, key.Values)
				}
			}
		}
		for _, s := range policy.Statement {
			for _, action := range s.Action {
				if s.Effect == "Allow" && !slices.Contains(asked, action) {
					t.Errorf("%s: no example has %s", name, action)
				}
			}
		}
	}
}

func TestExamples_are_of_one_service(t *testing.T) {
	examples := permissions.Policy{Statement: []permissions.Statement{
		{
			Sid: "Both", Effect: "Allow", Action: []string{"ecs:RunTask", "logs:GetLogEvents"},
			Resource: []string{"arn:aws:ecs:eu-north-1:1:service*/c/hello-pr-*", "arn:aws:logs:eu-north-1:1:log-group:/x/*"},
			Condition: permissions.Condition{
				"ForAllValues:StringLike": {"ecs:subnet": {"*subnet-1"}}, "StringLikeIfExists": {"aws:ResourceTag/a": {"pr-*", "x"}},
				"StringNotEquals": {"aws:ResourceTag/b": {"x"}},
			},
		},
		{Sid: "Never", Effect: "Deny", Action: []string{"ec2:*"}, Resource: []string{"*"}},
	}}.Examples()
	if len(examples) != 2 {
		t.Fatalf("examples = %+v, want one for ecs and one for logs", examples)
	}
	ecs := examples[0]
	if !slices.Equal(ecs.Actions, []string{"ecs:RunTask"}) || !slices.Equal(ecs.Resources, []string{"arn:aws:ecs:eu-north-1:1:service/c/hello-pr-1"}) {
		t.Errorf("the first example is %+v", ecs)
	}
	if got := ecs.Specific(); !slices.Equal(got, []string{"ecs:subnet"}) {
		t.Errorf("keys of one service = %q, want ecs:subnet", got)
	}
	for _, key := range ecs.Context {
		want := map[string]permissions.ContextKey{
			"ecs:subnet":        {Name: "ecs:subnet", Values: []string{"subnet-1"}, List: true},
			"aws:ResourceTag/a": {Name: "aws:ResourceTag/a", Values: []string{"pr-1"}},
		}[key.Name]
		if key.Name != want.Name || key.List != want.List || !slices.Equal(key.Values, want.Values) {
			t.Errorf("key %+v, want %+v", key, want)
		}
	}
}
