package command_test

import (
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

// unproved are the actions that the policies grant although no rehearsal ends differently without
// them, by role; "" is every role. Each has its reason.
var unproved = map[string]map[string]string{}

// TestPolicies_grant_nothing_that_is_not_needed takes away each action of each policy in turn: what the
// role is for must then end differently, or the action stands in the list above.
func TestPolicies_grant_nothing_that_is_not_needed(t *testing.T) {
	for _, role := range []string{"preview", "sweep", "production"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			var granted []string
			full := rehearse(t, role, func(p permissions.Policy) permissions.Policy {
				for _, s := range p.Statement {
					granted = append(granted, s.Action...)
				}
				return p
			}, nil)
			if testing.Verbose() {
				t.Logf("with all: %s", strings.Join(full.got, "\n"))
			}
			slices.Sort(granted)
			for _, action := range slices.Compact(granted) {
				got, want := full.got, full.got
				if slices.Contains(full.used, action) { // what was never asked for changes nothing
					got = rehearse(t, role, without(action), want).got
				}
				reason, listed := unproved[role][action]
				if reason == "" {
					reason, listed = unproved[""][action]
				}
				switch same := slices.Equal(got, want); {
				case same && !listed:
					t.Errorf("without %s everything ends the same, want a failure or a reason why it is granted", action)
				case !same && listed:
					t.Errorf("without %s the rehearsal ends differently: %s; it needs no reason %q any more", action, difference(got, want), reason)
				case !same && testing.Verbose():
					t.Logf("without %s: %s", action, difference(got, want))
				}
			}
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

func difference(got, want []string) string {
	for i := range got {
		if i >= len(want) || got[i] != want[i] {
			return got[i]
		}
	}
	return "it ends early"
}

// rehearsal is what a role is for, played once.
type rehearsal struct {
	*env
	want []string // how each step ends; nil if that is not known yet
	got  []string
	used []string // the actions that the role needed
}

// rehearse plays what a role is for under a changed policy, and returns how each step ended. It stops
// at the first that does not end as wanted.
func rehearse(t *testing.T, role string, change func(permissions.Policy) permissions.Policy, want []string) (played rehearsal) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{})
		e.Environ = []string{"INPUT_GITHUB-TOKEN=ghs_0123456789", "INPUT_MAX-ENVIRONMENTS=5"}
		e.Restrict = func(name string, p permissions.Policy) permissions.Policy {
			if name == role {
				return change(p)
			}
			return p
		}
		r := &rehearsal{env: e, want: want}
		e.GitHub.Open(7, oneCommit)
		switch role {
		case "preview":
			r.preview()
		case "sweep":
			r.sweep()
		default:
			r.production()
		}
		for _, a := range e.AWS.Accesses() {
			if strings.Contains(a.Principal, "-"+role+"/") {
				r.used = append(r.used, a.Action)
			}
		}
		played = *r
	})
	return played
}

// step runs the action, and reports whether it ended as wanted: its status, its messages, what its
// comment says, and what is left.
func (r *rehearsal) step(what, action, commit string, environ ...string) bool {
	r.t.Helper()
	run := r.run(action, commit, environ...)
	<-time.After(30 * time.Minute) // what CloudFormation goes on with has ended by then
	var stacks []string
	all, err := r.Stacks(r.t.Context())
	r.check(err)
	for _, s := range all {
		stacks = append(stacks, s.Name+" "+s.Status)
	}
	outcome := fmt.Sprintf("%s: exit code %d, status %q, %q, stacks %q, %d image tags",
		what, run.ExitCode, run.Output("status"), run.Errors(), stacks, len(r.imageTags()))
	r.got = append(r.got, outcome)
	return len(r.want) == 0 || r.want[len(r.got)-1] == outcome
}

// deployments are what happens to an environment in its life.
func (r *rehearsal) deployments(environ ...string) bool {
	with := func(more ...string) []string { return append(slices.Clone(environ), more...) }
	archive := "INPUT_IMAGE-ARCHIVE=" + r.archive()
	failing := func(what string, more ...string) bool {
		r.setScenario("exit-1")
		defer r.setScenario("")
		return r.step(what, "synchronize", anotherCommit, with(more...)...)
	}
	return r.step("create from an archive", "opened", oneCommit, with(archive)...) &&
		r.step("update", "synchronize", anotherCommit, with()...) &&
		r.step("run again", "synchronize", anotherCommit, with()...) &&
		r.step("add a tag", "synchronize", anotherCommit, with("INPUT_TAGS=team=x")...) &&
		r.step("remove the tag", "synchronize", anotherCommit, with()...) &&
		r.step("change parameters", "synchronize", anotherCommit, with("INPUT_HEALTH-CHECK-PATH=/health",
			"INPUT_PARAMETER-OVERRIDES=ContainerPort=9090\nLogRetentionInDays=14")...) &&
		failing("update to code that ends") &&
		r.stuck(with) &&
		r.step("replace what cannot be rolled back", "synchronize", oneCommit, with()...)
}

// stuck leaves the stack in UPDATE_ROLLBACK_FAILED.
func (r *rehearsal) stuck(with func(...string) []string) bool {
	r.AWS.FailResource("hello-world-*", "EcsService", fakeaws.Failure{Operation: "UPDATE", Reason: "no", Times: 2})
	return r.step("fail, and fail to roll back", "synchronize", oneCommit, with()...)
}

func (r *rehearsal) preview() {
	_ = r.deployments() && r.step("close", "closed", oneCommit)
}

func (r *rehearsal) production() {
	production := []string{"INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT=production"}
	_ = r.deployments(production...) && r.step("destroy", "synchronize", oneCommit, "INPUT_COMMAND=destroy", "INPUT_ENVIRONMENT=production")
}

func (r *rehearsal) sweep() {
	r.run("opened", oneCommit).want(r.t, 0, "created", "")
	r.GitHub.Close(7, false)
	_ = r.step("sweep", "closed", oneCommit, "INPUT_COMMAND=sweep")
}

// archive writes an image as docker save does.
func (r *rehearsal) archive() string {
	image, err := random.Image(1024, 2)
	r.check(err)
	r.check(tarball.WriteToFile(filepath.Join(r.Workspace, "image.tar"), name.MustParseReference("image"), image))
	return "image.tar"
}
