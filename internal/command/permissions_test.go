package command_test

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/permissions"
)

// unproved are the actions that the policy of previews grants although no rehearsal ends differently
// without them, with the reason. AWS's handlers are not open, and a policy that lacks what they call
// fails in the user's account.
var unproved = map[string]string{
	"ecr:BatchGetImage":                                 "AWS's list for docker push has it: Docker looks whether the image exists",
	"ecr:GetDownloadUrlForLayer":                        "the same list has it; a cache in the registry is read with it",
	"ec2:AuthorizeSecurityGroupEgress":                  "declared for creation; whether it is called without such rules is not known",
	"ec2:RevokeSecurityGroupEgress":                     "the same",
	"elasticloadbalancing:DescribeCapacityReservation":  "declared for reading a load balancer; whether it is called is not known",
	"elasticloadbalancing:ModifyLoadBalancerAttributes": "declared for creation; the template sets no attribute, and whether it is called is not known",
	"elasticloadbalancing:ModifyListenerAttributes":     "the same",
	"elasticloadbalancing:ModifyListener":               "for a listener whose target group is replaced, when the base stack's network changes",
	"elasticloadbalancing:SetSecurityGroups":            "for the same change",
	"elasticloadbalancing:SetSubnets":                   "for the same change",
}

// TestPolicies_grant_nothing_that_is_not_needed takes away each action in turn: something that the role
// is for must then end differently, or the action stands in the list above. The policy of production
// has the same statements as that of previews.
func TestPolicies_grant_nothing_that_is_not_needed(t *testing.T) {
	for role, unproved := range map[string]map[string]string{"preview": unproved, "sweep": {}} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			var granted []string
			var full []rehearsal
			for _, play := range plays[role] {
				full = append(full, rehearse(t, role, play, func(p permissions.Policy) permissions.Policy {
					granted = nil
					for _, s := range p.Statement {
						if s.Effect == "Allow" {
							granted = append(granted, s.Action...)
						}
					}
					return p
				}, nil))
			}
			slices.Sort(granted)
			for _, action := range slices.Compact(granted) {
				changed := ""
				for i, want := range full {
					if changed == "" && slices.Contains(want.used, action) { // what is never asked for changes nothing
						changed = difference(rehearse(t, role, plays[role][i], without(action), want.got).got, want.got)
					}
				}
				switch reason := unproved[action]; {
				case changed == "" && reason == "":
					t.Errorf("without %s everything ends the same, want a failure, or a reason why it is granted", action)
				case changed != "" && reason != "":
					t.Errorf("without %s: %s; so it needs no reason", action, changed)
				case testing.Verbose():
					t.Logf("without %s: %s", action, cmp.Or(changed, "the same, but "+reason))
				}
			}
		})
	}
}

// TestPolicies_allow_what_the_roles_are_for plays everything with the whole policies: no call is denied.
func TestPolicies_allow_what_the_roles_are_for(t *testing.T) {
	for role, list := range plays {
		for i, play := range list {
			t.Run(fmt.Sprint(role, i), func(t *testing.T) {
				t.Parallel()
				played := rehearse(t, role, play, func(p permissions.Policy) permissions.Policy { return p }, nil)
				t.Log(strings.Join(played.got, "\n"))
				for _, denied := range played.denied {
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
				e.run("opened", oneCommit, production...).want(t, 0, "deleted", "")
			})
		})
	}
}

// without returns a function that takes an action out of a policy.
func without(action string) func(permissions.Policy) permissions.Policy {
	return func(p permissions.Policy) permissions.Policy {
		var left []permissions.Statement
		for _, s := range p.Statement {
			s.Action = slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool { return a == action })
			if len(s.Action) > 0 {
				left = append(left, s)
			}
		}
		p.Statement = left
		return p
	}
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

// play is something that a role is for.
type play struct {
	scale float64 // of the account's time: at AWS's own pace, each second is a look at the stack's events
	run   func(*rehearsal)
}

var plays = map[string][]play{
	"preview":    {{0.05, (*rehearsal).preview}, {1, (*rehearsal).crash}},
	"production": {{0.05, (*rehearsal).production}},
	"sweep":      {{0.05, (*rehearsal).sweep}},
}

// rehearsal is one play, played once.
type rehearsal struct {
	*env
	environ      []string // of every run
	stack        string
	commits      int
	want         []string // how each step ends; nil if that is not known yet
	got          []string
	used, denied []string // the actions that the role needed, and the accesses that it did not get
}

// rehearse plays something under a changed policy. It stops at the first step that does not end as
// wanted.
func rehearse(t *testing.T, role string, p play, change func(permissions.Policy) permissions.Policy, want []string) (played rehearsal) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{Scale: p.scale})
		e.Environ = []string{"INPUT_GITHUB-TOKEN=ghs_0123456789", "INPUT_MAX-ENVIRONMENTS=5"}
		e.Restrict = func(name string, p permissions.Policy) permissions.Policy {
			if name == role {
				return change(p)
			}
			return p
		}
		r := &rehearsal{env: e, want: want, stack: stackName}
		e.GitHub.Open(7, oneCommit)
		p.run(r)
		for _, a := range e.AWS.Accesses() {
			if !strings.Contains(a.Principal, "-"+role+"/") {
				continue
			}
			r.used = append(r.used, a.Action)
			if !a.Allowed {
				r.denied = append(r.denied, a.Action+" on "+a.Resource)
			}
		}
		played = *r
	})
	return played
}

// step runs the action, and reports whether it ended as wanted: its status, its messages, and what is
// left.
func (r *rehearsal) step(what, action, commit string, environ ...string) bool {
	r.t.Helper()
	run := r.run(action, commit, slices.Concat(r.environ, environ)...)
	r.setScenario("")             // what is rolled back to is healthy
	<-time.After(5 * time.Minute) // what CloudFormation goes on with has ended by then
	var stacks []string
	all, err := r.Stacks(r.t.Context())
	r.check(err)
	for _, s := range all {
		stacks = append(stacks, s.Name+" "+s.Status)
	}
	outcome := fmt.Sprintf("%s: exit code %d, status %q, %q, stacks %q, %d image tags, priced: %t",
		what, run.ExitCode, run.Output("status"), run.Errors(), stacks, len(r.imageTags()), !strings.Contains(run.Log(), "prices are not known"))
	r.got = append(r.got, outcome)
	if len(r.want) == 0 && run.ExitCode != 0 && strings.HasPrefix(what, "create") {
		r.t.Fatal(outcome) // everything that follows needs the stack
	}
	return len(r.want) == 0 || r.want[len(r.got)-1] == outcome
}

// push pushes a new commit, whose image differs, and runs the action.
func (r *rehearsal) push(what string, environ ...string) bool {
	r.t.Helper()
	r.commits++
	commit := fmt.Sprintf("%040x", r.commits)
	r.GitHub.Push(7, commit)
	return r.step(what, "synchronize", commit, environ...)
}

// life is what happens to an environment.
func (r *rehearsal) life() bool {
	return r.push("create from an archive", "INPUT_IMAGE-ARCHIVE="+r.archive()) &&
		r.push("update") &&
		r.push("add a tag", "INPUT_TAGS=team=x") &&
		r.push("remove the tag") &&
		r.push("change parameters", "INPUT_HEALTH-CHECK-PATH=/health", "INPUT_PARAMETER-OVERRIDES=ContainerPort=9090\nLogRetentionInDays=14") &&
		r.push("change them back") &&
		r.step("run again", "synchronize", fmt.Sprintf("%040x", r.commits)) &&
		r.unrecoverable() && r.halted() && r.invalid()
}

// unrecoverable: an update fails, and so does its rollback, once.
func (r *rehearsal) unrecoverable() bool {
	r.AWS.FailResource(r.stack, "EcsService", fakeaws.Failure{Operation: "UPDATE", Reason: "no", Times: 2})
	return r.push("fail, and fail to roll back") && r.push("roll back and update")
}

// halted: somebody stopped an update half-way.
func (r *rehearsal) halted() bool {
	r.AWS.SetStatus(r.stack, "UPDATE_FAILED", "no")
	return r.push("roll back a halted update")
}

// invalid: CloudFormation rejects an update before it begins with it.
func (r *rehearsal) invalid() bool {
	r.AWS.FailValidation(r.stack, "EcsService", "ResourceExistenceCheck", "no")
	return r.push("fail validation")
}

func (r *rehearsal) preview() {
	if r.life() {
		r.hang()
		r.GitHub.Close(7, false)
		r.step("close", "closed", oneCommit)
	}
}

// hang leaves an update behind that does not end by itself: its run's machine is lost.
func (r *rehearsal) hang() {
	r.AWS.Heal()
	r.AWS.FailResource(r.stack, "EcsService", fakeaws.Failure{Operation: "UPDATE", Never: true, Times: 1})
	r.commits++
	commit := fmt.Sprintf("%040x", r.commits)
	r.GitHub.Push(7, commit)
	lost := r.start("synchronize", commit)
	<-time.After(20 * time.Second)
	lost.Kill()
}

// crash: an update whose code ends, and whose reason is looked for.
func (r *rehearsal) crash() {
	if r.push("create") {
		r.setScenario("exit-1")
		r.push("update to code that ends")
	}
}

func (r *rehearsal) production() {
	r.environ, r.stack = []string{"INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy"}, "hello-world-production"
	if r.life() {
		r.step("destroy", "synchronize", oneCommit, "INPUT_COMMAND=destroy")
	}
}

// sweep: of two pull requests' environments, one of which an update is changing, one goes.
func (r *rehearsal) sweep() {
	r.GitHub.Open(8, anotherCommit)
	r.run("opened", oneCommit).want(r.t, 0, "created", "")
	r.run("opened", anotherCommit, "INPUT_ENVIRONMENT=pr-8", "INPUT_COMMAND=deploy").want(r.t, 0, "created", "")
	r.hang()
	r.GitHub.Close(7, false)
	r.step("sweep", "closed", oneCommit, "INPUT_COMMAND=sweep")
}

// archive writes an image as docker save does.
func (r *rehearsal) archive() string {
	image, err := random.Image(1024, 2)
	r.check(err)
	r.check(tarball.WriteToFile(filepath.Join(r.Workspace, "image.tar"), name.MustParseReference("image"), image))
	return "image.tar"
}
