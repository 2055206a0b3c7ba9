package command_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
)

// Each script of testdata/script is a story about an account and a repository of its own: which
// events GitHub sent, what the action wrote, and what AWS and GitHub hold afterwards. GitHub is
// asked once the input github-token is set. A script runs in a bubble, so its hours take no time.
// Besides testscript's own commands it has:
//
//	event NAME [ACTION [SHA]]    the payload testdata/event/NAME.ACTION.json becomes the event, with SHA as its head commit,
//	                             which is checked out if the event is a pull request's
//	edit ACTION [draft]          changes the event's action, and whether its pull request is a draft
//	github WHAT ARG...           something happens on GitHub: see script_github_test.go
//	comments NUMBER              lists the comments on a pull request
//	comment-history NUMBER       lists every text that the comments on a pull request had
//	deployments ENVIRONMENT      lists the statuses that deployments to GitHub's environment had
//	final-statuses ENVIRONMENT   lists the deployments to GitHub's environment: commit and last status
//	archive FILE                 writes an image as docker save does
//	input NAME [VALUE]           sets an input for the runs that follow; without VALUE, unsets it
//	[!] pr-stack [ARG...]        runs the action as the runner does; its log is stdout, and its summary is in summary.md
//	interrupt DURATION           the next run gets SIGINT after that time
//	output NAME VALUE            the last run's output has that value, in which * stands for anything
//	image TAG [index|permanent]  somebody pushes an image, or an index, to the base stack's repository, or to that for permanent
//	                             environments: $REPOSITORY, $DIGEST, $IMAGE
//	digest SHA                   sets $DIGEST to that of the image that a build of the commit results in
//	checkout [SHA]               the commit is what is checked out; without one, what is checked out is not known
//	docker gone|back             there is no Docker daemon from now on, or there is one again
//	docker cannot WHY HINT       the daemon cannot do what the inputs ask for
//	laptop yes|no                whether the runs that follow are on a laptop
//	old-base OUTPUT...           somebody made the base stack with a pr-stack whose template lacks these outputs
//	rights ROLE CHANGE...        what the role that jobs have may do: what bootstrap printed, without -ACTION, with
//	                             +ACTION on everything, and with !ACTION denied: $ROLE
//	quota SERVICE CODE VALUE     AWS changes a quota
//	limit NAME VALUE             AWS changes one of Elastic Load Balancing's limits
//	app BEHAVIOR                 how containers behave from now on: ok, the name of a scenario, or healthy-for-elb-only, with
//	                             later: those that start from now on do so once that is said without it
//	app says TEXT                containers write that text, and end with an error
//	sleep DURATION               time passes
//	role WHOSE                   what jobs may do from now on: its-own, by the policies that bootstrap printed, or administrator
//	credentials KIND             what the job's are from now on: none, expired or good
//	oidc-provider                somebody makes the account's provider of GitHub's OIDC tokens
//	oidc-role ROLE SUBJECT       somebody makes a role with the policy that bootstrap printed for ROLE, which jobs may assume whose
//	                             token has the subject: $ROLE
//	id-token write|none [ids]    the permission of the jobs from now on, and whether the subjects of their tokens have IDs
//	answer yes|no|nobody         what a person at the terminal says from now on; nobody: there is none
//	older-base                   somebody made the base stack with pr-stack as it was in November 2026
//	resources STACK              lists what a stack holds, by logical and physical ID
//	still STACK FILE             the stack holds all that FILE lists, which resources has written, and perhaps more
//	stack-output STACK NAME      sets $VALUE to that output
//	managed-policy NAME ACTION   somebody makes a managed policy that allows all but the action: $VALUE
//	calls OPERATION TIMES        the operation of AWS was called so often
//	fail STACK RESOURCE OPERATION REASON    the resource fails, once
//	stall STACK RESOURCE OPERATION          the operation on the resource never ends
//	undeletable STACK RESOURCE REASON       the resource cannot be deleted
//	protect, unprotect STACK     somebody turns the stack's termination protection on, or off
//	tag STACK KEY=VALUE          somebody gives the stack this tag, and removes no other
//	fault OPERATION CODE TIMES MESSAGE      the next TIMES calls of the operation are answered with the error
//	vpc-links inactive           nobody used the VPC links for 60 days
//	slow OPERATION DURATION TIMES    the next TIMES answers of the operation are late
//	replace FILE OLD NEW         changes a file's text; $NL is a line break
//	template FILE [NAME]         writes the built-in template of that name, by default fargate, to a file
//	example NAME                 writes the files of testdata/templates/NAME
//	permit FILE...               jobs may do from now on what these policies allow, too
//	boundary NAME FILE           somebody makes a managed policy of that name: $BOUNDARY
//	parameter NAME VALUE         somebody sets a parameter in Parameter Store
//	object BUCKET KEY [FILE]     somebody puts an object into the bucket that is this output of the last run's stack: $BUCKET
//	objects BUCKET               lists the keys of the objects in the bucket that is this output of the base stack
//	grow-file FILE SIZE          makes a file so many bytes long with a comment
//	status STACK STATUS          sets the stack's status
//	create STACK [FILE]          somebody else makes a stack, without tags, of a template, in which $NAME is a variable, or with a
//	                             log group
//	stacks, images [REPOSITORY]  lists what AWS holds: stacks with their commits and tags, and images by their tags, in the
//	                             repository that is this output of the base stack, by default in both of them
//	curl URL                     asks a URL
//	curl-from ADDRESS            asks the last run's URL from that address, and shows where it leads to
//	rules                        lists the rules of the listener that environments share: priority and host names
//	add-rules FIRST LAST         somebody else adds rules of these priorities to it
//	hosted-zone ID NAME [undelegated]    somebody makes a hosted zone
//
// Those about production are in script_production_test.go and script_serving_test.go. Lists go to stdout.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("../../testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range scripts {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			if played != nil && !slices.Contains(played, name) {
				t.Skip("it takes too long under the race detector")
			}
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e, err := actiontest.New(t.TempDir(), fakeaws.Options{})
				if err != nil {
					t.Fatal(err)
				}
				s := &script{Env: e, inputs: map[string]string{}}
				testscript.RunT(inPlace{t}, testscript.Params{
					Files: []string{file}, Setup: s.setup, Cmds: s.commands(), RequireUniqueNames: true,
				})
			})
		})
	}
}

// inPlace runs a script in the test that called for it: a bubble cannot have tests of its own.
type inPlace struct{ *testing.T }

func (t inPlace) Run(_ string, f func(testscript.T)) { f(t) }
func (t inPlace) Parallel()                          {}
func (t inPlace) Verbose() bool                      { return testing.Verbose() }

type script struct {
	*actiontest.Env
	inputs       map[string]string
	interrupt    time.Duration
	last         *actiontest.Run
	signInRoles  int
	terminal     func() *strings.Reader // nil: there is none
	daemon       dockerDaemon           // while there is none
	onLaptop     bool
	visitors     *actiontest.Visitors // nil: there are none
	background   *actiontest.Run      // nil: there is none
	killAfter    time.Duration        // of the next run; 0: it is not killed
	usersRefused atomic.Bool          // running containers, too, answer none but their load balancer
}

func (s *script) setup(env *testscript.Env) error {
	env.Setenv("NL", "\n")
	s.Workspace = env.WorkDir
	env.Defer(func() {
		if s.visitors != nil {
			s.visitors.Leave()
		}
	})
	env.Setenv("GITHUB_REPOSITORY", actiontest.Repository)
	env.Setenv("GITHUB_REPOSITORY_ID", actiontest.RepositoryID)
	return os.WriteFile(filepath.Join(env.WorkDir, "Dockerfile"), []byte("FROM scratch\n"), 0o600)
}

// commandFunc is a command of the scripts.
type commandFunc = func(ts *testscript.TestScript, args []string)

func (s *script) commands() map[string]func(*testscript.TestScript, bool, []string) {
	all := s.productionCommands()
	maps.Copy(all, s.servingCommands())
	maps.Copy(all, s.otherCommands())
	return all
}

func (s *script) otherCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"pr-stack":  s.prStack,
		"event":     atLeast(1, s.event),
		"edit":      atLeast(1, s.edit),
		"input":     atLeast(1, s.input),
		"output":    atLeast(2, s.output),
		"interrupt": atLeast(1, func(ts *testscript.TestScript, args []string) { s.interrupt = duration(ts, args[0]) }),
		"role":      atLeast(1, func(_ *testscript.TestScript, args []string) { s.Administrator = args[0] == "administrator" }),
		"sleep":     atLeast(1, func(ts *testscript.TestScript, args []string) { <-time.After(duration(ts, args[0])) }),
		"replace":   atLeast(3, replace),
		"grow-file": atLeast(2, growFile),
		"template":  atLeast(1, writeTemplate),
		"example":   atLeast(1, writeExample),
		"permit":    atLeast(1, s.permit),
		"boundary":  atLeast(2, s.boundary),
		"parameter": atLeast(2, func(_ *testscript.TestScript, args []string) { s.AWS.PutParameter(args[0], args[1]) }),
		"object":    atLeast(2, s.object),
		"objects":   atLeast(1, s.objects),
		"archive":   atLeast(1, archive),
		"curl":      atLeast(1, s.curl),

		"checkout":    atLeast(0, s.checkout),
		"docker":      atLeast(1, s.docker),
		"digest":      atLeast(1, s.digest),
		"image":       atLeast(1, s.image),
		"laptop":      atLeast(1, func(_ *testscript.TestScript, args []string) { s.onLaptop = args[0] == "yes" }),
		"old-base":    atLeast(0, s.oldBase),
		"rights":      atLeast(1, s.rights),
		"quota":       atLeast(3, s.quota),
		"limit":       atLeast(2, s.limit),
		"app":         atLeast(1, s.app),
		"credentials": atLeast(1, s.credentials),
		"id-token":    atLeast(1, s.idToken),
		"calls":       atLeast(2, s.calls),
		"fail":        atLeast(4, s.fail),
		"stall":       atLeast(3, s.stall),
		"undeletable": atLeast(3, s.undeletable),
		"fault":       atLeast(4, s.fault),
		"slow":        atLeast(3, s.slow),
		"vpc-links":   atLeast(1, func(*testscript.TestScript, []string) { s.AWS.DeactivateVPCLinks() }),
		"protect":     atLeast(1, s.protect),
		"unprotect":   atLeast(1, s.unprotect),
		"tag":         atLeast(2, s.tag),
		"status":      atLeast(2, s.status),
		"create":      atLeast(1, s.create),
		"stacks":      atLeast(0, s.stacks),
		"images":      atLeast(0, s.listImages),

		"github":      atLeast(1, s.onGitHub),
		"comments":    atLeast(1, s.comments),
		"deployments": atLeast(1, s.deployments),

		"curl-from":       atLeast(1, s.curlFrom),
		"rules":           atLeast(0, s.rules),
		"add-rules":       atLeast(2, s.addRules),
		"hosted-zone":     atLeast(2, s.hostedZone),
		"oidc-provider":   atLeast(0, func(*testscript.TestScript, []string) { s.AddProvider() }),
		"oidc-role":       atLeast(2, s.oidcRole),
		"answer":          atLeast(1, s.answer),
		"older-base":      atLeast(0, s.olderBase),
		"resources":       atLeast(1, s.resources),
		"still":           atLeast(2, s.still),
		"stack-output":    atLeast(2, s.stackOutput),
		"managed-policy":  atLeast(2, s.managedPolicy),
		"comment-history": atLeast(1, s.commentHistory),
		"final-statuses":  atLeast(1, s.finalStatuses),
	}
}

// atLeast is a command that takes at least so many arguments and cannot be negated.
func atLeast(least int, run commandFunc) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < least {
			ts.Fatalf("this command takes at least %d arguments and no !", least)
		}
		run(ts, args)
	}
}

func (s *script) prStack(ts *testscript.TestScript, neg bool, args []string) {
	var err error
	s.last, err = s.Start(context.Background(), s.step(ts, args))
	ts.Check(err)
	if s.interrupt > 0 {
		defer time.AfterFunc(s.interrupt, s.last.Cancel).Stop()
		s.interrupt = 0
	}
	if s.killAfter > 0 {
		defer time.AfterFunc(s.killAfter, s.last.Kill).Stop()
		s.killAfter = 0
	}
	<-s.last.Done
	_, err = ts.Stdout().Write([]byte(s.last.Log()))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("summary.md"), []byte(s.last.Summary()), 0o600))
	if (s.last.ExitCode != 0) != neg {
		ts.Fatalf("pr-stack ended with exit code %d", s.last.ExitCode)
	}
}

func (s *script) input(_ *testscript.TestScript, args []string) {
	s.inputs[args[0]] = strings.Join(args[1:], " ")
}

func (s *script) output(ts *testscript.TestScript, args []string) {
	got, found := s.last.Outputs()[args[0]]
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(args[1]), `\*`, ".*") + "$"
	if !regexp.MustCompile(pattern).MatchString(got) {
		ts.Fatalf("output %s is %q (set: %v), want %q", args[0], got, found, args[1])
	}
}

func duration(ts *testscript.TestScript, text string) time.Duration {
	d, err := time.ParseDuration(text)
	ts.Check(err)
	return d
}

func count(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}
