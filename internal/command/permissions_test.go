package command_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"pr-stack/internal/environment"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/permissions"
)

// unproved are the actions that the policy of previews grants although no use of the role ends
// differently without them, with the reason. AWS's handlers are not open, and a policy that lacks what they call
// fails in the user's account.
var unproved = map[string]string{
	"ecr:BatchGetImage":                                 "AWS's list for docker push has it: Docker looks whether the image exists",
	"ecr:GetDownloadUrlForLayer":                        "the same list has it; a cache in the registry is read with it",
	"ec2:AuthorizeSecurityGroupEgress":                  "declared for creation; whether it is called without such rules is not known",
	"ec2:RevokeSecurityGroupEgress":                     "the same",
	"elasticloadbalancing:DescribeCapacityReservation":  "declared for reading a load balancer; whether it is called is not known",
	"elasticloadbalancing:ModifyLoadBalancerAttributes": "declared for creation; the template sets no attribute, and whether it is called is not known",
	"elasticloadbalancing:ModifyListenerAttributes":     "the same",
	"elasticloadbalancing:SetSecurityGroups":            "for a change of the base stack's network",
	"elasticloadbalancing:SetSubnets":                   "for the same change",
	"servicediscovery:UpdateService":                    "for a change of the DNS records, by a newer template",
	"servicediscovery:GetOperation":                     "for the same change",
}

// ofPermanent are such actions of the policy of production alone.
var ofPermanent = map[string]string{
	"cloudformation:DeleteChangeSet":  "a change set that stays does no harm, and so its deletion may fail; of a thousand AWS would refuse the next",
	"ecr:BatchCheckLayerAvailability": "AWS's list for pulling images has it",
	"ecr:GetDownloadUrlForLayer":      "the same list has it: layers that ECR does not take over from another repository are read with it",
}

// TestPolicies_grant_nothing_that_is_not_needed takes away each action in turn: something that the role
// is for must then end differently, or the action stands in the list above. The policy of production
// has the same statements as that of previews; what it has besides is taken away too.
func TestPolicies_grant_nothing_that_is_not_needed(t *testing.T) {
	skipUnderRace(t)
	for role, unproved := range map[string]map[string]string{"preview": unproved, "sweep": {}, "production": ofPermanent} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			var granted []grant
			var full []roleTest
			for _, use := range roleUses[role] {
				full = append(full, testRole(t, role, use, func(p permissions.Policy) permissions.Policy {
					granted = append(granted, grantsOf(role, p)...)
					return p
				}, nil))
			}
			slices.SortFunc(granted, func(a, b grant) int { return cmp.Or(cmp.Compare(a.action, b.action), cmp.Compare(a.sid, b.sid)) })
			if role == "production" {
				granted = slices.DeleteFunc(granted, sharedWithPreviews(t))
			}
			for _, g := range slices.Compact(granted) {
				changed := ""
				for i, want := range full {
					if changed == "" && slices.Contains(want.used, g.action) { // what is never asked for changes nothing
						changed = difference(testRole(t, role, roleUses[role][i], g.without, want.got).got, want.got)
					}
				}
				switch reason := unproved[g.action]; {
				case changed == "" && reason == "":
					t.Errorf("without %s everything ends the same, want a failure, or a reason why it is granted", g)
				case changed != "" && reason != "":
					t.Errorf("without %s: %s; so it needs no reason", g, changed)
				case testing.Verbose():
					t.Logf("without %s: %s", g, cmp.Or(changed, "the same, but "+reason))
				}
			}
		})
	}
}

// grant is an action that a policy allows: in one statement, or with sid "" in any.
type grant struct{ sid, action string }

func (g grant) String() string { return strings.TrimSpace(g.action + " " + g.sid) }

// grantsOf returns what a policy allows. In that of production an action is often in a statement of its own
// beside one that previews have as well.
func grantsOf(role string, p permissions.Policy) (list []grant) {
	for _, s := range p.Statement {
		for _, action := range s.Action {
			g := grant{action: action}
			if role == "production" {
				g.sid = s.Sid
			}
			if s.Effect == "Allow" {
				list = append(list, g)
			}
		}
	}
	return list
}

// TestPolicies_allow_what_the_roles_are_for does everything with the whole policies: no call is denied.
func TestPolicies_allow_what_the_roles_are_for(t *testing.T) {
	skipUnderRace(t)
	for role, list := range roleUses {
		for i, use := range list {
			t.Run(fmt.Sprint(role, i), func(t *testing.T) {
				t.Parallel()
				done := testRole(t, role, use, func(p permissions.Policy) permissions.Policy { return p }, nil)
				t.Log(strings.Join(done.got, "\n"))
				for _, denied := range done.denied {
					// Before permanent environments had a repository of their own, their images were in the
					// one of previews. Production's role may not look there, which a notice says.
					if !strings.HasPrefix(denied, "ecr:ListImages on ") || role != "production" {
						t.Errorf("%s was denied", denied)
					}
				}
			})
		}
	}
}

// CloudFormation changes names that it cannot use, shortens long ones and joins hyphens.
func TestPolicies_fit_every_service(t *testing.T) {
	skipUnderRace(t)
	for _, service := range []string{"hello.world", "7up", "a--b", "Ünï", strings.Repeat("n", 29), strings.Repeat("long-name-", 5)} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, fakeaws.Options{Scale: 0.05})
				e.Environ = []string{"INPUT_SERVICE=" + service}
				e.GitHub.Open(7, oneCommit)
				e.run("opened", oneCommit, "INPUT_COMMAND=bootstrap").want(t, 0, "created", "")
				e.run("opened", oneCommit).want(t, 0, "created", "")
				e.run("synchronize", anotherCommit).want(t, 0, "updated", "")
				e.run("closed", anotherCommit).want(t, 0, "deleted", "")
				production := []string{"INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT=production"}
				e.run("opened", oneCommit, production...).want(t, 0, "created", "")
				production[0] = "INPUT_COMMAND=destroy"
				e.check(e.Unprotect(t.Context(), environment.StackName(service, "production")))
				e.run("opened", oneCommit, production...).want(t, 0, "deleted", "")
				r := &roleTest{env: e}
				if r.on("push", "promote", r.test(8), "INPUT_GITHUB-TOKEN=ghs_0123456789"); !strings.Contains(r.got[0], `status "promoted"`) {
					t.Error(r.got[0])
				}
			})
		})
	}
}

// sharedWithPreviews returns a function that reports whether the role of previews has the statement as well.
func sharedWithPreviews(t *testing.T) func(grant) bool {
	t.Helper()
	outputs := map[string]string{}
	for _, name := range []string{"VpcId", "PublicSubnetIds", "ClusterName", "RepositoryName", "TaskRoleArn", "TaskExecutionRoleArn", "TemplateBucketName",
		"HttpsListenerArn", "HostedZoneId", "Domain", "VpcLinkId", "NamespaceId", "FunctionRoleArn"} {
		outputs[name], outputs["Permanent"+name] = name, name
	}
	roles, err := permissions.Roles(permissions.Base{Service: "hello-world", StackID: "arn:aws:cloudformation:eu-north-1:123456789012:stack/hello-world-base/1", Outputs: outputs})
	if err != nil {
		t.Fatal(err)
	}
	return func(g grant) bool {
		return slices.ContainsFunc(roles[0].Policy.Statement, func(s permissions.Statement) bool { return s.Sid == g.sid })
	}
}

// without returns a function that takes an action out of a policy.
func without(action string) func(permissions.Policy) permissions.Policy {
	return grant{action: action}.without
}

// without takes the action out of a policy.
func (g grant) without(p permissions.Policy) permissions.Policy {
	var left []permissions.Statement
	for _, s := range p.Statement {
		if g.sid == "" || g.sid == s.Sid {
			s.Action = slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool { return a == g.action })
		}
		if len(s.Action) > 0 {
			left = append(left, s)
		}
	}
	p.Statement = left
	return p
}

// difference returns the first step that ended differently, "" if none did.
func difference(got, want []string) string {
	for i := range got {
		if got[i] != want[i] {
			return got[i]
		}
	}
	return ""
}

// skipUnderRace leaves a test out in which one call follows another.
func skipUnderRace(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("it takes the race detector minutes, and shows it nothing that other tests do not")
	}
}
