package permissions_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pr-stack/internal/permissions"
)

// promoting returns the policies of the roles on a base stack by whose way what was tested becomes production.
func promoting(t *testing.T, service, way string) map[string]permissions.Policy {
	t.Helper()
	base := baseOf(service)
	maps.Copy(base.Outputs, everything)
	base.Outputs["PromoteBy"] = way
	roles, err := permissions.Roles(base)
	if err != nil {
		t.Fatal(err)
	}
	policies := map[string]permissions.Policy{}
	for _, role := range roles {
		policies[role.Name] = role.Policy
	}
	return policies
}

// everything is what a base stack can offer besides what each has.
var everything = map[string]string{
	"HttpsListenerArn": "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/shared/0123456789abcdef/0123456789abcdef",
	"Domain":           "preview.example.com", "HostedZoneId": "Z0123456789ABCDEFGHIJ",
	"VpcLinkId": "abcdef", "NamespaceId": "ns-0123456789abcdef",
	"FunctionRoleArn":                "arn:aws:iam::123456789012:role/functions",
	"PermanentFunctionRoleArn":       "arn:aws:iam::123456789012:role/permanent-functions",
	"PermanentInfrastructureRoleArn": "arn:aws:iam::123456789012:role/infrastructure",
}

func sids(p permissions.Policy) (list []string) {
	for _, s := range p.Statement {
		list = append(list, s.Sid)
	}
	return list
}

// Each way has the statements that it needs, and none of another way.
func TestPromotion_has_the_statements_of_its_way(t *testing.T) {
	always := []string{"Ledger", "ReadReleases", "TestedImages", "ReadMetrics", "Canaries", "PassInfrastructureRole"}
	traffic := []string{"Fence", "Scale"}
	listener := []string{"CreateProductionRule", "TagProductionRule", "ProductionRule"}
	record := []string{"ProductionRecord", "ReadRecords"}
	all := slices.Concat(always, traffic, listener, record)
	for way, want := range map[string]struct{ production, sweep []string }{
		"":         {production: always},
		"digest":   {production: always},
		"listener": {slices.Concat(always, traffic, listener), []string{"Ledger", "ProductionRule"}},
		"record":   {slices.Concat(always, traffic, record), slices.Concat([]string{"Ledger"}, record)},
	} {
		for role, policy := range promoting(t, "hello", way) {
			wanted := map[string][]string{"production": want.production, "sweep": want.sweep}[role]
			for _, sid := range all {
				// What previews read of production is tested where it is used.
				if got := slices.Contains(sids(policy), sid); got != slices.Contains(wanted, sid) && role != "preview" {
					t.Errorf("promote by %q: %s has statement %s: %t", way, role, sid, got)
				}
			}
		}
	}
}

// Without what is moved, there is nothing to allow: parameter-overrides can set any way.
func TestPromotion_needs_what_it_moves(t *testing.T) {
	for _, way := range []string{"listener", "record"} {
		base := baseOf("hello")
		base.Outputs["PromoteBy"] = way
		roles, err := permissions.Roles(base)
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range roles {
			for _, sid := range sids(role.Policy) {
				if slices.Contains([]string{"Fence", "Scale", "CreateProductionRule", "ProductionRule", "ProductionRecord"}, sid) {
					t.Errorf("by %s, without it, %s has statement %s", way, role.Name, sid)
				}
			}
		}
	}
}

// Whoever may push a branch holds the role of previews. What decides who serves production is not for it.
func TestPreview_decides_nothing_about_production(t *testing.T) {
	for _, way := range []string{"", "digest", "listener", "record"} {
		for _, s := range promoting(t, "hello", way)["preview"].Statement {
			for _, action := range []string{
				"ssm:PutParameter", "ssm:DeleteParameter", "cloudformation:SetStackPolicy", "cloudformation:UpdateTerminationProtection",
				"ecs:ContinueServiceDeployment", "cloudwatch:PutMetricData", "cloudwatch:SetAlarmState",
			} {
				if slices.Contains(s.Action, action) {
					t.Errorf("by %q, statement %s allows %s", way, s.Sid, action)
				}
			}
			direct := s.Condition["ForAnyValue:StringEquals"]["aws:CalledVia"] == nil
			for _, action := range []string{"elasticloadbalancing:ModifyRule", "elasticloadbalancing:CreateRule", "route53:ChangeResourceRecordSets", "ecs:UpdateService"} {
				if direct && slices.Contains(s.Action, action) {
					t.Errorf("by %q, statement %s allows %s without CloudFormation", way, s.Sid, action)
				}
			}
			for _, role := range []string{everything["PermanentInfrastructureRoleArn"], everything["PermanentFunctionRoleArn"]} {
				if slices.Contains(s.Resource, role) {
					t.Errorf("by %q, statement %s is about %s", way, s.Sid, role)
				}
			}
		}
	}
}

// What production's role may change of previews has their tags, and of requests production's.
func TestPromotion_is_limited(t *testing.T) {
	for role, policy := range promoting(t, "hello", "listener") {
		for _, s := range policy.Statement {
			tag := "aws:ResourceTag/pr-stack:environment"
			want := map[string]string{"Fence": "pr-*", "Scale": "pr-*", "ProductionRule": "production"}[s.Sid]
			if strings.Contains(s.Sid, "CreateProductionRule") || s.Sid == "TagProductionRule" {
				tag, want = "aws:RequestTag/pr-stack:environment", "production"
			}
			if got := s.Condition["StringLike"][tag]; want != "" && !slices.Equal(got, []string{want}) {
				t.Errorf("%s: statement %s has the condition %v on %s, want %s", role, s.Sid, got, tag, want)
			}
			if s.Sid == "ProductionRule" && !slices.Equal(s.Resource, []string{
				"arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener-rule/app/shared/0123456789abcdef/0123456789abcdef/*"}) {
				t.Errorf("%s: statement %s is on %v, want rules of the shared listener", role, s.Sid, s.Resource)
			}
			if s.Sid == "Ledger" && !slices.Equal(s.Resource, []string{"arn:aws:ssm:eu-north-1:123456789012:parameter/pr-stack/hello/production/*"}) {
				t.Errorf("%s: statement %s is on %v", role, s.Sid, s.Resource)
			}
		}
	}
	for role, policy := range promoting(t, "hello", "record") {
		for _, s := range policy.Statement {
			name := s.Condition["ForAllValues:StringLike"]["route53:ChangeResourceRecordSetsNormalizedRecordNames"]
			if s.Sid == "ProductionRecord" && !slices.Equal(name, []string{"production.preview.example.com"}) {
				t.Errorf("%s: statement %s is for records of %v", role, s.Sid, name)
			}
		}
	}
}

// A role has at most ten managed policies. CloudFormation takes a template of 51,200 bytes with a call, and
// reads a larger one in the base stack's bucket.
func TestPolicies_fit_whatever_the_base_stack_offers(t *testing.T) {
	for _, service := range append(services, strings.Repeat("n", 90)) {
		for _, way := range []string{"digest", "listener", "record"} {
			for name, policy := range promoting(t, service, way) {
				if parts := policy.Split(); len(parts) > 10 {
					t.Errorf("%s by %s: the policy of %s is in %d parts", service, way, name, len(parts))
				}
			}
		}
	}
}
