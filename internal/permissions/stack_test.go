package permissions_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pr-stack/internal/permissions"
)

var trust = permissions.Trust{
	Host: "token.actions.githubusercontent.com", Repositories: []string{"octo-org/hello", "octo-org@1/hello@2"}, Branch: "trunk",
}

// stack is what the tests read of the template.
type stack struct {
	Resources map[string]struct {
		Type, DeletionPolicy string
		Properties           struct {
			Policies                 []struct{ PolicyDocument permissions.Policy }
			PolicyDocument           permissions.Policy
			ManagedPolicyArns        []map[string]string
			AssumeRolePolicyDocument json.RawMessage
		}
	}
	Outputs map[string]any
}

func stackOf(t *testing.T, service string, trust permissions.Trust) (stack, string) {
	t.Helper()
	text, err := permissions.Stack(baseOf(service), trust)
	if err != nil {
		t.Fatal(err)
	}
	var read stack
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	return read, text
}

// Whatever the service is called, the roles of the stack may do what the policies say and nothing else,
// and the template is short enough.
func TestStack_has_the_roles_with_their_policies(t *testing.T) {
	for _, service := range append(services, strings.Repeat("n", 90)) {
		read, text := stackOf(t, service, trust)
		if len(text) > 51_200 {
			t.Errorf("%s: the template has %d bytes", service, len(text))
		}
		for name, policy := range rolesOf(t, service) {
			role := read.Resources[strings.ToUpper(name[:1])+name[1:]+"Role"].Properties
			var parts []permissions.Policy
			for _, p := range role.Policies {
				parts = append(parts, p.PolicyDocument)
			}
			for _, reference := range role.ManagedPolicyArns {
				part := read.Resources[reference["Ref"]].Properties.PolicyDocument
				if part.Size() > 6_144 {
					t.Errorf("%s: the managed policy %s has %d characters", service, reference["Ref"], part.Size())
				}
				parts = append(parts, part)
			}
			var got []permissions.Statement
			for _, part := range parts {
				got = append(got, part.Statement...)
			}
			if !reflect.DeepEqual(got, policy.Statement) {
				t.Errorf("%s: the role %s has other statements than its policy", service, name)
			}
			if inline := policy.Size() <= permissions.MaxSize; inline != (len(role.Policies) == 1) || inline != (len(role.ManagedPolicyArns) == 0) {
				t.Errorf("%s: the policy of %s has %d characters and is inline: %v", service, name, policy.Size(), len(role.Policies) == 1)
			}
		}
	}
}

// A job names its GitHub environment itself, on any branch. So production's role trusts jobs with one only
// if somebody says that GitHub restricts it.
func TestStack_trusts_the_jobs_that_a_role_is_for(t *testing.T) {
	read, template := stackOf(t, "hello", trust)
	if !strings.Contains(template, `"Default": "false"`) {
		t.Error("jobs with environment production are trusted by default")
	}
	const pull, branch, production = ":pull_request", ":ref:refs/heads/trunk", ":environment:production"
	for role, ends := range map[string][]string{
		"PreviewRole": {pull, branch}, "SweepRole": {branch}, "ProductionRole": {branch}, "ProductionRole with environment": {branch, production},
	} {
		role, trusting := strings.CutSuffix(role, " with environment")
		text := chosen(t, read.Resources[role].Properties.AssumeRolePolicyDocument, trusting)
		for _, end := range []string{pull, branch, production} {
			for _, repository := range trust.Repositories {
				if got := strings.Contains(text, fmt.Sprintf("%q", "repo:"+repository+end)); got != slices.Contains(ends, end) {
					t.Errorf("%s trusts %s%s: %v", role, repository, end, got)
				}
			}
		}
		if strings.Contains(text, "*") || !strings.Contains(text, `"StringEquals"`) || !strings.Contains(text, `:aud": "sts.amazonaws.com"`) {
			t.Errorf("%s trusts %s", role, text)
		}
		if read.Outputs[role+"Arn"] == nil {
			t.Errorf("there is no output %sArn", role)
		}
	}
}

// chosen returns a trust policy as it is with and without the parameter.
func chosen(t *testing.T, policy json.RawMessage, trusting bool) string {
	t.Helper()
	var read struct {
		Statement []struct {
			Condition struct{ StringEquals map[string]json.RawMessage }
		}
	}
	if err := json.Unmarshal(policy, &read); err != nil {
		t.Fatal(err)
	}
	subjects := read.Statement[0].Condition.StringEquals[trust.Host+":sub"]
	var either map[string][]json.RawMessage
	if json.Unmarshal(subjects, &either) != nil {
		return string(policy) // it is a list
	}
	list := either["Fn::If"][2]
	if trusting {
		list = either["Fn::If"][1]
	}
	return strings.Replace(string(policy), string(subjects), string(list), 1)
}

// A provider that other stacks may use by now is not deleted with this one.
func TestStack_keeps_the_provider(t *testing.T) {
	read, _ := stackOf(t, "hello", trust)
	if got := read.Resources["Provider"]; got.Type != "AWS::IAM::OIDCProvider" || got.DeletionPolicy != "Retain" {
		t.Errorf("Provider = %+v", got)
	}
	existing := trust
	existing.Provider = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
	read, text := stackOf(t, "hello", existing)
	if _, made := read.Resources["Provider"]; made || strings.Count(text, existing.Provider) != 3 {
		t.Errorf("with a provider of the account, the stack makes another, or not all roles trust that one:\n%s", text)
	}
}

func TestSplit(t *testing.T) {
	long := permissions.Statement{Sid: "Long", Effect: "Allow", Action: []string{"a:B"}, Resource: []string{strings.Repeat("x", 2_900)}}
	parts := permissions.Policy{Version: "2012-10-17", Statement: []permissions.Statement{long, long, long, long, long}}.Split()
	if len(parts) != 3 || len(parts[0].Statement) != 2 || len(parts[2].Statement) != 1 {
		t.Errorf("Split = %d parts, want 2, 2 and 1 statements", len(parts))
	}
}
