package command_test

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/permissions"
)

// roleUse is something that a role is for.
type roleUse struct {
	scale float64 // of the account's time: at AWS's own pace, each second is a look at the stack's events
	base  string  // parameters of the base stack
	run   func(*roleTest)
}

var roleUses = map[string][]roleUse{
	"preview": {
		{0.05, "", (*roleTest).preview}, {1, "", (*roleTest).crash}, {0.05, actiontest.SharedBase, (*roleTest).ingresses},
		{0.05, "", (*roleTest).previewAPI}, {0.05, "", (*roleTest).function},
		{0.05, actiontest.SharedBase, (*roleTest).looksAtRule}, {0.05, actiontest.SharedBase, (*roleTest).looksAtRecord},
	},
	"production": { // those with the most statements of its own first
		{0.05, "", (*roleTest).promotesDigest}, {0.05, actiontest.SharedBase, (*roleTest).promotesListener},
		{0.05, actiontest.SharedBase, (*roleTest).promotesRecord}, {0.05, actiontest.SharedBase, (*roleTest).promotesBadly},
		{0.05, "", (*roleTest).production}, {0.05, actiontest.SharedBase, (*roleTest).productionIngresses},
		{0.05, "", (*roleTest).productionAPI}, {0.05, "", (*roleTest).permanentFunction},
		{1, "", (*roleTest).promotesCanary},
	},
	"sweep": {
		{0.05, "", (*roleTest).sweep}, {0.05, actiontest.SharedBase, (*roleTest).sweepIngresses},
		{0.05, "", (*roleTest).sweepAPI}, {0.05, "", (*roleTest).sweepFunction}, {0.05, "", (*roleTest).sweepBadly},
		{0.05, "", (*roleTest).sweepPromoted},
		{0.05, actiontest.SharedBase, (*roleTest).retiresByRule}, {0.05, actiontest.SharedBase, (*roleTest).retiresByRecord},
	},
}

// roleTest is one run of a roleUse.
type roleTest struct {
	*env
	environ      []string // of every run
	stack        string
	commits      int
	want         []string // how each step ends; nil if that is not known yet
	got          []string
	used, denied []string // the actions that the role needed, and the accesses that it did not get
}

// testRole runs a use of a role under a changed policy. It stops at the first step that does not end as
// wanted.
func testRole(t *testing.T, role string, use roleUse, change func(permissions.Policy) permissions.Policy, want []string) (done roleTest) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := newEnvWith(t, fakeaws.Options{Scale: use.scale}, func(name string, p permissions.Policy) permissions.Policy {
			if name == role {
				return change(p)
			}
			return p
		}, "INPUT_PARAMETER-OVERRIDES="+use.base)
		e.Environ = []string{"INPUT_GITHUB-TOKEN=ghs_0123456789", "INPUT_MAX-ENVIRONMENTS=5"}
		r := &roleTest{env: e, want: want, stack: stackName}
		e.GitHub.Open(7, oneCommit)
		e.writeLarge(t)
		use.run(r)
		arn, err := e.RoleARN("hello-world", role)
		e.check(err)
		for _, a := range e.AWS.Accesses() {
			if !strings.Contains(a.Principal, "/"+path.Base(arn)+"/") {
				continue
			}
			r.used = append(r.used, a.Action)
			if !a.Allowed {
				r.denied = append(r.denied, a.Action+" on "+a.Resource)
			}
		}
		if len(r.used) == 0 {
			t.Errorf("the role %s was asked for nothing, so its policy was not tested", role)
		}
		done = *r
	})
	return done
}

// step runs the action, and reports whether it ended as wanted: its status, its messages, and what is
// left.
func (r *roleTest) step(what, action, commit string, environ ...string) bool {
	r.t.Helper()
	return r.ended(what, r.run(action, commit, slices.Concat(r.environ, environ)...))
}

// ended keeps how a run ended, and reports whether that is as wanted.
func (r *roleTest) ended(what string, run run) bool {
	r.t.Helper()
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
func (r *roleTest) push(what string, environ ...string) bool {
	r.t.Helper()
	r.commits++
	commit := fmt.Sprintf("%040x", r.commits)
	r.GitHub.Push(7, commit)
	return r.step(what, "synchronize", commit, environ...)
}

// lifecycle is what happens to an environment.
func (r *roleTest) lifecycle() bool {
	return r.push("create from an archive", "INPUT_IMAGE-ARCHIVE="+r.archive()) &&
		r.push("update") &&
		r.push("add a tag", "INPUT_TAGS=team=x") &&
		r.push("remove the tag") &&
		r.push("change parameters", "INPUT_HEALTH-CHECK-PATH=/health", "INPUT_PARAMETER-OVERRIDES=ContainerPort=9090\nLogRetentionInDays=14") &&
		r.push("change them back") &&
		r.step("run again", "synchronize", fmt.Sprintf("%040x", r.commits)) &&
		r.push("deploy a large template", "INPUT_TEMPLATE=large.yaml") &&
		r.oneOffs() && r.unrecoverable() && r.halted() && r.invalid()
}

// oneOffs: two tasks run, and one is stopped since it does not end.
func (r *roleTest) oneOffs() bool {
	seen := r.push("seed and migrate", "INPUT_SEED=seed", "INPUT_MIGRATE=migrate")
	r.endless("waiting")
	defer r.SetTask(nil)
	return seen && r.push("migrate without end", "INPUT_MIGRATE=migrate", "INPUT_TIMEOUT-IN-MINUTES=1")
}

// unrecoverable: an update fails, and so does its rollback, once.
func (r *roleTest) unrecoverable() bool {
	r.AWS.FailResource(r.stack, "EcsService", fakeaws.Failure{Operation: "UPDATE", Reason: "no", Times: 2})
	return r.push("fail, and fail to roll back") && r.push("roll back and update")
}

// halted: somebody stopped an update half-way.
func (r *roleTest) halted() bool {
	r.AWS.SetStatus(r.stack, "UPDATE_FAILED", "no")
	return r.push("roll back a halted update")
}

// invalid: CloudFormation rejects an update before it begins with it.
func (r *roleTest) invalid() bool {
	r.AWS.FailValidation(r.stack, "EcsService", "ResourceExistenceCheck", "no")
	return r.push("fail validation")
}

func (r *roleTest) preview() {
	if r.lifecycle() {
		r.hang()
		r.GitHub.Close(7, false)
		r.step("close", "closed", oneCommit)
	}
}

// hang leaves an update behind that does not end by itself: its run's machine is lost.
func (r *roleTest) hang() {
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
func (r *roleTest) crash() {
	if r.push("create") {
		r.setScenario("exit-1")
		r.push("update to code that ends")
	}
}

func (r *roleTest) production() {
	r.environ, r.stack = []string{"INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy"}, "hello-world-production"
	if r.lifecycle() {
		r.destroyPermanent()
	}
}

// destroyPermanent deletes a permanent environment, after an administrator has turned its protection off.
func (r *roleTest) destroyPermanent() {
	r.step("destroy what is protected", "synchronize", oneCommit, "INPUT_COMMAND=destroy")
	r.check(r.Unprotect(r.t.Context(), r.stack))
	r.step("destroy", "synchronize", oneCommit, "INPUT_COMMAND=destroy")
}

// offerFunctions runs bootstrap again, so that the roles have the statements about functions.
func (r *roleTest) offerFunctions() {
	r.environ = append(r.environ, "INPUT_TEMPLATE=lambda")
	r.run("opened", oneCommit, "INPUT_COMMAND=bootstrap", "INPUT_TEMPLATE=lambda").want(r.t, 0, "updated", "")
}

// function: an environment that is a function, from its creation to its end.
func (r *roleTest) function() {
	r.offerFunctions()
	if r.push("create") && r.push("update", "INPUT_PARAMETER-OVERRIDES=Memory=1024") &&
		r.push("add a tag", "INPUT_TAGS=team=x") && r.push("remove the tag") {
		r.SetFunction(failing)
		r.push("update to code that ends")
		r.GitHub.Close(7, false)
		r.step("close", "closed", oneCommit)
	}
}

// failing makes the code of a function end before it takes a request.
func failing(f fakeaws.Function) fakeaws.Function {
	f.Fails = &fakeaws.InitError{Type: "Runtime.ExitError", Message: "Runtime exited with error: exit status 1"}
	return f
}

func (r *roleTest) permanentFunction() {
	r.environ, r.stack = []string{"INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy"}, "hello-world-production"
	r.offerFunctions()
	if r.push("create") && r.push("update") {
		r.destroyPermanent()
	}
}

func (r *roleTest) sweepFunction() {
	r.offerFunctions()
	r.run("opened", oneCommit, "INPUT_TEMPLATE=lambda").want(r.t, 0, "created", "")
	r.GitHub.Close(7, false)
	r.environ = nil
	r.step("sweep", "closed", oneCommit, "INPUT_COMMAND=sweep")
}

// sweep: of two pull requests' environments, one of which an update is changing, one goes.
func (r *roleTest) sweep() {
	r.GitHub.Open(8, anotherCommit)
	r.run("opened", oneCommit).want(r.t, 0, "created", "")
	r.run("opened", anotherCommit, "INPUT_ENVIRONMENT=pr-8", "INPUT_COMMAND=deploy").want(r.t, 0, "created", "")
	r.hang()
	r.GitHub.Close(7, false)
	r.SetTask(nil)
	r.step("sweep", "closed", oneCommit, "INPUT_COMMAND=sweep", beforeDestroy)
}

// sweepBadly: a command fails, and another never ends.
func (r *roleTest) sweepBadly() {
	r.run("opened", oneCommit).want(r.t, 0, "created", "")
	r.GitHub.Close(7, false)
	r.ends(1, "no")
	r.step("sweep an environment whose command fails", "closed", oneCommit, "INPUT_COMMAND=sweep", beforeDestroy)
	r.GitHub.Open(7, oneCommit)
	r.run("opened", oneCommit).want(r.t, 0, "created", "")
	r.GitHub.Close(7, false)
	r.endless("waiting")
	r.step("sweep an environment whose command never ends", "closed", oneCommit, "INPUT_COMMAND=sweep", beforeDestroy)
}

// archive writes an image as docker save does.
func (r *roleTest) archive() string {
	image, err := random.Image(1024, 2)
	r.check(err)
	r.check(tarball.WriteToFile(filepath.Join(r.Workspace, "image.tar"), name.MustParseReference("image"), image))
	return "image.tar"
}
