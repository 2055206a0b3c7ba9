package permissions_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pr-stack/internal/environment"
	"pr-stack/internal/permissions"
)

// services are names whose stacks and resources CloudFormation names in different ways.
var services = []string{"hello", "hello-world", "next.js", "a--b", "7up", strings.Repeat("long-name-", 4)}

// baseOf returns the base stack of a service, with names as CloudFormation generates them.
func baseOf(service string) permissions.Base {
	const role = "arn:aws:iam::123456789012:role/"
	return permissions.Base{
		Service: service,
		StackID: "arn:aws:cloudformation:eu-north-1:123456789012:stack/" + environment.BaseStackName(service) + "/6b1b0a90-7a3e-11ee-8f2c-0a1b2c3d4e5f",
		Outputs: map[string]string{
			"VpcId": "vpc-0123456789abcdef0", "PublicSubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
			"ClusterName":    environment.BaseStackName(service) + "-Cluster-AbCdEfGhIjKl",
			"RepositoryName": "previews", "TaskExecutionRoleArn": role + "previews-start", "TaskRoleArn": role + "previews",
			"PermanentRepositoryName": "permanent", "PermanentTaskExecutionRoleArn": role + "permanent-start", "PermanentTaskRoleArn": role + "permanent",
			"TemplateBucketName": "templates",
		},
	}
}

func rolesOf(t *testing.T, service string) map[string]permissions.Policy {
	t.Helper()
	roles, err := permissions.Roles(baseOf(service))
	if err != nil {
		t.Fatalf("Roles(%s) error = %v, want none", service, err)
	}
	policies := map[string]permissions.Policy{}
	for _, role := range roles {
		policies[role.Name] = role.Policy
	}
	return policies
}

func TestPolicies_can_be_pasted(t *testing.T) {
	for _, service := range services {
		for name, policy := range rolesOf(t, service) {
			var read permissions.Policy
			if err := json.Unmarshal([]byte(policy.JSON()), &read); err != nil {
				t.Errorf("the policy of %s for %s is not JSON: %v", name, service, err)
			}
			if again := read.JSON(); again != policy.JSON() {
				t.Errorf("the policy of %s for %s reads back as\n%s", name, service, again)
			}
			if parts := policy.Split(); policy.Size() > permissions.MaxSize && len(parts) > 10 {
				t.Errorf("the policy of %s for %s is in %d parts, and a role has at most ten managed policies", name, service, len(parts))
			}
		}
	}
}

// They are explained beside the functions that make them: what cannot be limited to a resource, listing all
// stacks, one action without resources that changes something, and for production metrics and alarms.
func TestPolicies_have_few_statements_on_any_resource(t *testing.T) {
	for name, policy := range rolesOf(t, "hello") {
		var wide []string
		for _, s := range policy.Statement {
			if slices.Contains(s.Resource, "*") {
				wide = append(wide, s.Sid)
			}
			for _, action := range s.Action {
				if strings.Contains(action, "*") && s.Effect == "Allow" {
					t.Errorf("%s: statement %s allows %s, want no wildcard in an action", name, s.Sid, action)
				}
			}
		}
		most := []string{"ReadAnything", "CountEnvironments", "TaskDefinitions"}
		if name == permissions.Production {
			most = append(most, "ReadMetrics")
		}
		if slices.ContainsFunc(wide, func(sid string) bool { return !slices.Contains(most, sid) }) {
			t.Errorf("%s: statements %v are on any resource, want at most %v", name, wide, most)
		}
	}
}

// Whatever changes something is limited: to the stacks of the role by name or tag, or to calls that
// CloudFormation makes for such a stack.
func TestPolicies_change_nothing_without_a_limit(t *testing.T) {
	reads := regexp.MustCompile(`:(Describe|List|Get|BatchGet|BatchCheck)`)
	for name, policy := range rolesOf(t, "hello") {
		for _, s := range policy.Statement {
			changes := slices.DeleteFunc(slices.Clone(s.Action), reads.MatchString)
			if s.Effect == "Allow" && len(changes) > 0 && slices.Contains(s.Resource, "*") && s.Condition["ForAnyValue:StringEquals"] == nil {
				t.Errorf("%s: statement %s allows %v on any resource, want a condition", name, s.Sid, changes)
			}
		}
	}
}

func TestPreview_and_production_share_no_resource_that_they_change(t *testing.T) {
	policies := rolesOf(t, "hello")
	preview := resources(policies["preview"], "Images", "PassTaskRoles", "CreateStacks", "UpdateStacks", "ChangeStacks", "NamedResources", "Templates")
	production := resources(policies["production"], "Images", "PassTaskRoles", "CreateStacks", "UpdateStacks", "ChangeStacks", "NamedResources", "Templates")
	for _, resource := range preview {
		if slices.Contains(production, resource) {
			t.Errorf("preview and production both change %s", resource)
		}
	}
}

func resources(policy permissions.Policy, sids ...string) (list []string) {
	for _, s := range policy.Statement {
		if slices.Contains(sids, s.Sid) {
			list = append(list, s.Resource...)
		}
	}
	return list
}

func TestRoles_need_the_base_stacks_outputs(t *testing.T) {
	for missing := range baseOf("hello").Outputs {
		if missing == "TemplateBucketName" { // an older base stack has none
			continue
		}
		base := baseOf("hello")
		base.Outputs = maps.Clone(base.Outputs)
		delete(base.Outputs, missing)
		if _, err := permissions.Roles(base); err == nil || !strings.Contains(err.Error(), "hello-base") {
			t.Errorf("Roles without the output %s: error = %v, want one that names the base stack", missing, err)
		}
	}
	base := baseOf("hello")
	base.StackID = "hello-base"
	if _, err := permissions.Roles(base); err == nil {
		t.Error("Roles without the stack's ARN: no error, want one")
	}
}

// What a base stack does not offer needs no permission. A rule on the shared listener needs the tags of the
// role's environments, and a record their names.
func TestPolicies_are_for_what_the_base_stack_offers(t *testing.T) {
	const listener = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/shared/0123456789abcdef/0123456789abcdef"
	base := baseOf("hello")
	roles, err := permissions.Roles(base)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range roles {
		if policy := role.Policy.JSON(); strings.Contains(policy, "SharedListener") || strings.Contains(policy, "route53") {
			t.Errorf("without a shared load balancer and a domain, %s has permissions for them", role.Name)
		}
	}
	maps.Copy(base.Outputs, map[string]string{"HttpsListenerArn": listener, "Domain": "preview.example.com", "HostedZoneId": "Z1"})
	if roles, err = permissions.Roles(base); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{"preview": "pr-*.preview.example.com", "sweep": "pr-*.preview.example.com", "production": "production.preview.example.com"}
	for _, role := range roles {
		i := slices.IndexFunc(role.Policy.Statement, func(s permissions.Statement) bool { return s.Sid == "SharedListener" })
		if creates := role.Name != "sweep"; creates != (i >= 0) {
			t.Errorf("%s: a rule may be created: %t, want %t", role.Name, i >= 0, creates)
		} else if creates {
			s := role.Policy.Statement[i]
			if !slices.Equal(s.Resource, []string{listener}) || !slices.Equal(s.Action, []string{"elasticloadbalancing:CreateRule"}) ||
				s.Condition["StringLike"]["aws:RequestTag/pr-stack:environment"] == nil {
				t.Errorf("%s: the statement for rules is %+v, want only rules with the role's tags on that listener", role.Name, s)
			}
		}
		i = slices.IndexFunc(role.Policy.Statement, func(s permissions.Statement) bool { return s.Sid == "HostNames" })
		key := "route53:ChangeResourceRecordSetsNormalizedRecordNames"
		if i < 0 || !slices.Equal(role.Policy.Statement[i].Condition["ForAllValues:StringLike"][key], []string{names[role.Name]}) {
			t.Errorf("%s: the records that it may change are not limited to %s", role.Name, names[role.Name])
		}
	}
}

// What serves production is protected from deletion and from updates. Whoever may push a branch holds the role
// of previews, and must not be able to lift that.
func TestPreview_may_not_lift_protection(t *testing.T) {
	for name, policy := range rolesOf(t, "hello") {
		for _, s := range policy.Statement {
			for _, action := range []string{"cloudformation:SetStackPolicy", "cloudformation:UpdateTerminationProtection", "cloudformation:ExecuteChangeSet"} {
				if name == "preview" && slices.Contains(s.Action, action) {
					t.Errorf("statement %s of the role preview allows %s", s.Sid, action)
				}
			}
		}
	}
}
