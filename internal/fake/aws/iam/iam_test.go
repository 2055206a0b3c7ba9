package iam_test

import (
	"fmt"
	"strings"
	"testing"

	"pr-stack/internal/fake/aws/iam"
	"pr-stack/internal/fake/aws/internal/account"
)

// policy returns a policy of these statements.
func policy(statements ...string) string {
	return `{"Version": "2012-10-17", "Statement": [` + strings.Join(statements, ",") + `]}`
}

func allow(action, resource string) string {
	return fmt.Sprintf(`{"Effect": "Allow", "Action": %q, "Resource": %q}`, action, resource)
}

func decide(t *testing.T, text string, a account.Access) account.Decision {
	t.Helper()
	p, err := iam.Parse(text)
	if err != nil {
		t.Fatalf("Parse(%s) = %v", text, err)
	}
	return iam.Evaluate([]*iam.Policy{p}, a)
}

const (
	none = account.ImplicitDeny
	deny = account.ExplicitDeny
	yes  = account.Allow
)

func TestEvaluate_actions_and_resources(t *testing.T) {
	const stack = "arn:aws:cloudformation:eu-north-1:123456789012:stack/hello-pr-7/1"
	for _, test := range []struct {
		policy           string
		action, resource string
		want             account.Decision
	}{
		{policy(allow("ecs:UpdateService", "*")), "ecs:UpdateService", "arn:aws:ecs:::service/c/s", yes},
		{policy(allow("ecs:UpdateService", "*")), "ecs:CreateService", "*", none},
		{policy(allow("ecs:updateservice", "*")), "ecs:UpdateService", "*", yes}, // names of actions have no case
		{policy(allow("ecs:Update*", "*")), "ecs:UpdateService", "*", yes},
		{policy(allow("ecs:?pdateService", "*")), "ecs:UpdateService", "*", yes},
		{policy(allow("ecs:?UpdateService", "*")), "ecs:UpdateService", "*", none},
		{policy(allow("ecs:*", "*")), "ecr:PutImage", "*", none},
		{policy(allow("*", "*")), "ecr:PutImage", "*", yes},
		{policy(allow("*", "arn:aws:cloudformation:*:*:stack/hello-pr-*")), "cloudformation:DeleteStack", stack, yes},
		{policy(allow("*", "arn:aws:cloudformation:*:*:stack/hello-pr-*/*")), "cloudformation:DeleteStack", stack, yes},
		{policy(allow("*", "arn:aws:cloudformation:*:*:stack/hello-pr-?/*")), "cloudformation:DeleteStack", stack, yes},
		{policy(allow("*", "arn:aws:cloudformation:*:*:stack/Hello-pr-*")), "cloudformation:DeleteStack", stack, none}, // ARNs have
		{policy(allow("*", "arn:aws:cloudformation:*:*:stack/hello-*-base/*")), "cloudformation:DeleteStack", stack, none},
		{policy(allow("*", stack)), "cloudformation:DeleteStack", "*", none}, // an action on everything needs *
		{policy(allow("*", "arn:aws:logs:*")), "logs:GetLogEvents", "arn:aws:logs:r:a:log-group:g:log-stream:s", yes},
		{policy(`{"Effect": "Allow", "Action": ["a:A", "b:B"], "Resource": ["arn:aws:x:::1", "arn:aws:x:::2"]}`), "b:B", "arn:aws:x:::2", yes},
		{policy(`{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}`), "ecs:UpdateService", "*", yes},
		{policy(`{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}`), "iam:PassRole", "*", none},
		{policy(`{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:x:::1"}`), "x:X", "arn:aws:x:::1", none},
		{policy(`{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:x:::1"}`), "x:X", "arn:aws:x:::2", yes},
		{policy(allow("*", "*"), `{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}`), "iam:PassRole", "*", deny},
		{policy(`{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}`, allow("*", "*")), "iam:PassRole", "*", deny},
		{policy(`{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}`), "ecs:RunTask", "*", none},
		{`{"Version": "2012-10-17", "Id": "x", "Statement": {"Sid": "y", "Effect": "Allow", "Action": "*", "Resource": "*"}}`, "x:X", "*", yes},
	} {
		if got := decide(t, test.policy, account.Access{Action: test.action, Resource: test.resource}); got != test.want {
			t.Errorf("%s on %s with %s = %d, want %d", test.action, test.resource, test.policy, got, test.want)
		}
	}
}

func TestEvaluate_looks_at_all_policies(t *testing.T) {
	first, _ := iam.Parse(policy(allow("a:A", "*")))
	second, _ := iam.Parse(policy(allow("b:B", "*")))
	for action, want := range map[string]account.Decision{"a:A": yes, "b:B": yes, "c:C": none} {
		if got := iam.Evaluate([]*iam.Policy{first, second}, account.Access{Action: action, Resource: "*"}); got != want {
			t.Errorf("%s = %d, want %d", action, got, want)
		}
	}
}

func TestEvaluate_conditions(t *testing.T) {
	const pass, tag, via = "iam:PassedToService", "aws:ResourceTag/app", "aws:CalledVia"
	for _, test := range []struct {
		operator, key, values string
		context               string // KEY=VALUE, "" for none
		want                  bool
	}{
		{"StringEquals", pass, `"ecs"`, pass + "=ecs", true},
		{"StringEquals", pass, `"ecs"`, pass + "=ECS", false},
		{"StringEquals", pass, `["ec2", "ecs"]`, pass + "=ecs", true}, // several values: any
		{"StringEquals", pass, `"ecs"`, "", false},                    // a missing key matches nothing
		{"StringEquals", pass, `"e*"`, pass + "=ecs", false},
		{"StringEquals", "IAM:passedtoservice", `"ecs"`, pass + "=ecs", true}, // keys have no case
		{"StringEqualsIgnoreCase", pass, `"ecs"`, pass + "=ECS", true},
		{"StringNotEquals", pass, `"ecs"`, pass + "=ec2", true},
		{"StringNotEquals", pass, `["ec2", "ecs"]`, pass + "=ec2", false}, // several values: none of them
		{"StringNotEquals", pass, `"ecs"`, "", true},                      // a negated operator holds then
		{"StringLike", pass, `"e?s*"`, pass + "=ecs-tasks", true},
		{"StringLike", pass, `"e?s"`, pass + "=ecs-tasks", false},
		{"StringNotLike", pass, `"e*"`, pass + "=ecs", false},
		{"StringNotLike", pass, `"e*"`, pass + "=lambda", true},
		{"ArnEquals", "ecs:cluster", `"arn:aws:ecs:*:1:cluster/c*"`, "ecs:cluster=arn:aws:ecs:r:1:cluster/c1", true},
		{"ArnLike", "ecs:cluster", `"arn:aws:ecs:*:cluster/c1"`, "ecs:cluster=arn:aws:ecs:r:1:cluster/c1", false}, // part by part
		{"ArnLike", "ecs:cluster", `"arn:aws:ecs:*:1:cluster/c2"`, "ecs:cluster=arn:aws:ecs:r:1:cluster/c1", false},
		{"ArnNotLike", "ecs:cluster", `"arn:aws:ecs:*:1:cluster/c2"`, "ecs:cluster=arn:aws:ecs:r:1:cluster/c1", true},
		{"Bool", "aws:ViaAWSService", `"true"`, "aws:ViaAWSService=true", true},
		{"Bool", "aws:ViaAWSService", `true`, "aws:ViaAWSService=false", false},
		{"Bool", "aws:ViaAWSService", `false`, "", false},
		{"BoolIfExists", "aws:ViaAWSService", `"true"`, "", true},
		{"Null", tag, `"true"`, "", true},
		{"Null", tag, `"true"`, tag + "=x", false},
		{"Null", tag, `"false"`, tag + "=x", true},
		{"Null", tag, `false`, "", false},
		{"StringEqualsIfExists", tag, `"x"`, "", true},
		{"StringEqualsIfExists", tag, `"x"`, tag + "=y", false},
		{"StringNotEqualsIfExists", tag, `"x"`, tag + "=x", false},
		{"StringEquals", "ec2:ResourceTag/app", `"x"`, tag + "=x", true}, // the service's own key for a tag
		{"ForAnyValue:StringEquals", via, `"cloudformation.amazonaws.com"`, via + "=cloudformation.amazonaws.com", true},
		{"ForAnyValue:StringEquals", via, `"cloudformation.amazonaws.com"`, via + "=athena.amazonaws.com", false},
		{"ForAnyValue:StringEquals", via, `"cloudformation.amazonaws.com"`, "", false},
		{"ForAnyValue:StringEquals", via, `"b"`, via + "=a,b", true},
		{"ForAnyValue:StringNotEquals", via, `"b"`, via + "=a,b", true},
		{"ForAnyValue:StringNotEquals", via, `"b"`, "", false},
		{"ForAllValues:StringEquals", via, `"b"`, via + "=a,b", false},
		{"ForAllValues:StringEquals", via, `["a", "b"]`, via + "=a,b", true},
		{"ForAllValues:StringEquals", via, `"b"`, "", true},
		{"ForAllValues:StringNotLike", via, `"b*"`, via + "=a,b", false},
		{"ForAnyValue:StringEquals", "aws:TagKeys", `"app"`, "aws:RequestTag/app=x", true}, // the keys of the request's tags
		{"ForAllValues:StringLike", "aws:TagKeys", `"pr-stack:*"`, "aws:RequestTag/app=x", false},
	} {
		text := policy(fmt.Sprintf(`{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {%q: {%q: %s}}}`,
			test.operator, test.key, test.values))
		a := account.Access{Action: "ec2:RunInstances", Resource: "*"}
		if key, value, ok := strings.Cut(test.context, "="); ok {
			a = a.With(key, value)
		}
		if got := decide(t, text, a) == yes; got != test.want {
			t.Errorf("%s %s %s with %q = %v, want %v", test.operator, test.key, test.values, test.context, got, test.want)
		}
	}
}

func TestEvaluate_wants_all_conditions(t *testing.T) {
	text := policy(`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
		"StringEquals": {"aws:ResourceTag/a": "1", "aws:ResourceTag/b": "2"}, "StringLike": {"iam:PassedToService": "*"}}}`)
	a := account.Access{Action: "x:X", Resource: "*"}.With("aws:ResourceTag/a", "1").With("iam:PassedToService", "s")
	if got := decide(t, text, a); got != none {
		t.Errorf("with one of three conditions false = %d, want %d", got, none)
	}
	if got := decide(t, text, a.With("aws:ResourceTag/b", "2")); got != yes {
		t.Errorf("with all conditions true = %d, want %d", got, yes)
	}
}

func TestParse_refuses_what_it_does_not_know(t *testing.T) {
	condition := func(c string) string {
		return policy(`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": ` + c + `}`)
	}
	for _, test := range []struct{ policy, want string }{
		{`{`, "unexpected EOF"},
		{policy(allow("*", "*")) + `{}`, "text follows the policy"},
		{`{"Statement": []}`, "Version"},
		{`{"Version": "2012-10-18", "Statement": []}`, "Version"},
		{`{"Version": "2012-10-17", "Statement": []}`, "no Statement"},
		{`{"Version": "2012-10-17"}`, "Statement"},
		{`{"Version": "2012-10-17", "Statements": []}`, "unknown field"},
		{policy(`{"Effect": "Allow", "Action": "*", "Resource": "*", "Conditions": {}}`), "unknown field"},
		{policy(`{"Effect": "Allow", "Action": "a:A", "Action": "b:B", "Resource": "*"}`), `"Action" twice`},
		{policy(`{"Effect": "Allow", "Action": "a:A", "effect": "Deny", "Resource": "*"}`), `"effect" twice`},
		{condition(`{"StringEquals": {"ecs:cluster": "a"}, "StringEquals": {"ecs:cluster": "b"}}`), `"StringEquals" twice`},
		{condition(`{"StringEquals": {"ecs:cluster": "a", "ECS:Cluster": "b"}}`), `"ECS:Cluster" twice`},
		{policy(`{"Effect": "allow", "Action": "*", "Resource": "*"}`), `Effect is "allow"`},
		{policy(`{"Effect": "Allow", "Resource": "*"}`), "either Action or NotAction"},
		{policy(`{"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}`), "either Action or NotAction"},
		{policy(`{"Effect": "Allow", "Action": "*"}`), "either Resource or NotResource"},
		{policy(`{"Effect": "Allow", "Action": [], "Resource": "*"}`), "empty"},
		{policy(`{"Effect": "Allow", "Action": 1, "Resource": "*"}`), "number"},
		{policy(`{"Effect": "Allow", "Action": [1], "Resource": "*"}`), "not a text"},
		{policy(allow("UpdateService", "*")), "not a valid action"},
		{policy(allow("e*:UpdateService", "*")), "not a valid action"},
		{policy(allow("ecs:UpdateService", "hello")), "not a valid resource"},
		{policy(allow("ecs:UpdateService", "arn:aws:ecs:::service/${aws:username}")), "policy variable"},
		{policy(`{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}`), "no Principal"},
		{condition(`{"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}`), "does not know the operator"},
		{condition(`{"stringEquals": {"ecs:cluster": "x"}}`), "does not know the operator"},
		{condition(`{"NullIfExists": {"ecs:cluster": "true"}}`), "does not know the operator"},
		{condition(`{"ForSomeValues:StringEquals": {"aws:TagKeys": "x"}}`), "neither ForAnyValue nor ForAllValues"},
		{condition(`{"StringEquals": {"aws:SourceIp": "x"}}`), "does not know the condition key"},
		{condition(`{"StringEquals": {"aws:ResourceTag/": "x"}}`), "does not know the condition key"},
		{condition(`{"StringEquals": {"aws:CalledVia": "x"}}`), "needs ForAnyValue or ForAllValues"},
		{condition(`{"StringEquals": {"ecs:cluster": []}}`), "no value"},
		{condition(`{"StringEquals": {"aws:ResourceTag/a": "${aws:PrincipalTag/a}"}}`), "policy variable"},
		{condition(`{"Bool": {"aws:ViaAWSService": "yes"}}`), "want true or false"},
		{condition(`{"Null": {"aws:ResourceTag/a": "x"}}`), "want true or false"},
	} {
		if _, err := iam.Parse(test.policy); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Parse(%s) = %v, want %q", test.policy, err, test.want)
		}
	}
}

func TestTrust(t *testing.T) {
	const provider = "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"
	const ecs = `{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}`
	github := func(operator, sub string) string {
		return fmt.Sprintf(`{"Effect": "Allow", "Principal": {"Federated": %q}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {
			"StringEqualsIgnoreCase": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
			%q: {"token.actions.githubusercontent.com:sub": %q}}}`, provider, operator, sub)
	}
	web := account.Access{Action: "sts:AssumeRoleWithWebIdentity"}.
		With("token.actions.githubusercontent.com:aud", "sts.amazonaws.com").
		With("token.actions.githubusercontent.com:sub", "repo:o/r:pull_request")
	plain := account.Access{Action: "sts:AssumeRole"}
	for _, test := range []struct {
		name, policy, kind, principal string
		access                        account.Access
		want                          account.Decision
	}{
		{"its service", policy(ecs), iam.Service, "ecs-tasks.amazonaws.com", plain, yes},
		{"another service", policy(ecs), iam.Service, "cloudformation.amazonaws.com", plain, none},
		{"another kind", policy(ecs), iam.AWS, "ecs-tasks.amazonaws.com", plain, none},
		{"another action", policy(ecs), iam.Service, "ecs-tasks.amazonaws.com", web, none},
		{"anyone", policy(`{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}`), iam.AWS, "arn:aws:iam::1:root", plain, yes},
		{"one of two", policy(`{"Effect": "Allow", "Principal": {"AWS": ["1", "2"]}, "Action": "sts:*"}`), iam.AWS, "2", plain, yes},
		{"denied", policy(`{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}`,
			`{"Effect": "Deny", "Principal": {"AWS": "2"}, "Action": "sts:AssumeRole"}`), iam.AWS, "2", plain, deny},
		{"its subject", policy(github("StringEquals", "repo:o/r:pull_request")), iam.Federated, provider, web, yes},
		{"another subject", policy(github("StringEquals", "repo:o/r:ref:refs/heads/main")), iam.Federated, provider, web, none},
		{"a subject by pattern", policy(github("StringLike", "repo:o/r:*")), iam.Federated, provider, web, yes},
		{"a pattern of another repository", policy(github("StringLike", "repo:o/other:*")), iam.Federated, provider, web, none},
		{"another audience", policy(github("StringLike", "*")), iam.Federated, provider,
			web.With("token.actions.githubusercontent.com:aud", "x"), none},
		{"another provider", policy(github("StringLike", "*")), iam.Federated, "arn:aws:iam::1:oidc-provider/gitlab.com", web, none},
	} {
		trust, err := iam.ParseTrust(test.policy)
		if err != nil {
			t.Fatalf("%s: ParseTrust = %v", test.name, err)
		}
		if got := trust.Evaluate(test.kind, []string{test.principal}, test.access); got != test.want {
			t.Errorf("%s: Evaluate = %d, want %d", test.name, got, test.want)
		}
	}
}

func TestParseTrust_refuses_what_it_does_not_know(t *testing.T) {
	for _, test := range []struct{ policy, want string }{
		{`{}`, "Version"},
		{policy(`{"Effect": "Allow", "Action": "sts:AssumeRole"}`), "has a Principal"},
		{policy(`{"Effect": "Allow", "Principal": {}, "Action": "sts:AssumeRole"}`), "has a Principal"},
		{policy(`{"Effect": "Allow", "Principal": {"Robot": "x"}, "Action": "sts:AssumeRole"}`), "kind of principal Robot"},
		{policy(`{"Effect": "Allow", "NotPrincipal": {"AWS": "x"}, "Action": "sts:AssumeRole"}`), "unknown field"},
		{policy(`{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}`), "no Resource"},
		{policy(`{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"x:y": "z"}}}`), "condition key"},
	} {
		if _, err := iam.ParseTrust(test.policy); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("ParseTrust(%s) = %v, want %q", test.policy, err, test.want)
		}
	}
}
