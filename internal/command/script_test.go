package command_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/rogpeppe/go-internal/testscript"

	"pr-stack/internal/command"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/fake/aws/scenario"
	fakegithub "pr-stack/internal/fake/github"
)

// Each script of testdata/script is a story about an account and a repository of its own: what GitHub sent, what the action
// said, and what AWS and GitHub hold afterwards. GitHub is asked and told once the input github-token is set. A story is played in a bubble, so its hours take no time. Besides testscript's own commands it has:
//
//	event NAME [ACTION [SHA]]    the payload testdata/event/NAME.ACTION.json becomes the event, with SHA as its head commit
//	edit ACTION [draft]          the event is of that action instead, and its pull request a draft or none
//	github WHAT ARG...           something happens on GitHub: see script_github_test.go
//	comments NUMBER              lists the comments on a pull request, to stdout
//	deployments ENVIRONMENT      lists the statuses that deployments to GitHub's environment had, to stdout
//	archive FILE                 writes an image as docker save does
//	input NAME [VALUE]           sets an input for the runs that follow; without VALUE, takes it away
//	[!] pr-stack [ARG...]        runs the action as the runner does; its log is stdout
//	interrupt DURATION           the next run gets SIGINT after that time
//	output NAME VALUE            the last run's output has that value, in which * stands for anything
//	image TAG                    somebody pushes an image to the base stack's repository: $REPOSITORY, $DIGEST
//	app BEHAVIOR                 how containers behave from now on: ok, the name of a mishap, or moody, which is well only
//	                             when a load balancer asks
//	pass DURATION                time passes
//	credentials KIND             what the job's are from now on: none, expired or good
//	fail STACK RESOURCE OPERATION REASON    the resource fails, once
//	hang STACK RESOURCE OPERATION           the resource never comes to an end
//	stubborn STACK RESOURCE REASON          the resource cannot be deleted
//	protect STACK                somebody turns the stack's termination protection on
//	tag STACK KEY=VALUE          somebody gives the stack this tag, and takes no other away
//	fault OPERATION CODE TIMES MESSAGE      the next TIMES calls of the operation are answered with the error
//	slow OPERATION DURATION TIMES    the next TIMES answers of the operation are late
//	replace FILE OLD NEW         changes a file's text
//	pad FILE SIZE                makes a file so many bytes long with a comment
//	status STACK STATUS          the stack is in that status
//	create STACK                 somebody else makes a stack, without tags
//	stacks, images               lists what AWS holds, to stdout: stacks with their tags, images of the base stack by tag
//	curl URL                     asks a URL
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("../../testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".txtar"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &story{}
				s.account = fakeaws.New(fakeaws.Options{Container: s.container})
				s.github = fakegithub.New("octo-org/hello-world")
				testscript.RunT(inPlace{t}, testscript.Params{Files: []string{script}, Setup: s.setup, Cmds: s.commands(), RequireUniqueNames: true})
			})
		})
	}
}

// inPlace runs a script in the test that called for it: a bubble cannot have tests of its own.
type inPlace struct{ *testing.T }

func (t inPlace) Run(_ string, f func(testscript.T)) { f(t) }
func (t inPlace) Parallel()                          {}
func (t inPlace) Verbose() bool                      { return testing.Verbose() }

type story struct {
	account     *fakeaws.AWS
	github      *fakegithub.GitHub
	behavior    string
	credentials string
	interrupt   time.Duration
}

func (s *story) setup(env *testscript.Env) error {
	env.Setenv("GITHUB_ACTIONS", "true")
	env.Setenv("GITHUB_OUTPUT", filepath.Join(env.WorkDir, "output"))
	env.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(env.WorkDir, "summary.md"))
	env.Setenv("GITHUB_WORKSPACE", env.WorkDir)
	env.Setenv("GITHUB_REPOSITORY", "octo-org/hello-world")
	env.Setenv("GITHUB_SERVER_URL", "https://github.com")
	env.Setenv("GITHUB_RUN_ID", "42")
	env.Setenv("INPUT_AWS-REGION", "eu-north-1")
	env.Setenv("DOCKER_HOST", "unix://"+filepath.Join(env.WorkDir, "no-docker.sock"))              // stories are the same everywhere
	return os.WriteFile(filepath.Join(env.WorkDir, "Dockerfile"), []byte("FROM scratch\n"), 0o600) // what was checked out
}

func (s *story) container(string, map[string]string) fakeaws.Container {
	if m, ok := scenario.Find(s.behavior); ok {
		return m.Container(fakeaws.Container{})
	}
	return fakeaws.Container{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.behavior == "moody" && !strings.HasPrefix(r.UserAgent(), "ELB-HealthChecker") {
			http.Error(w, "not for you", http.StatusInternalServerError)
		}
	})}
}

func (s *story) commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"pr-stack":  s.prStack,
		"event":     plain(1, s.event),
		"edit":      plain(1, s.edit),
		"input":     plain(1, s.input),
		"output":    plain(2, s.output),
		"interrupt": plain(1, func(ts *testscript.TestScript, args []string) { s.interrupt = duration(ts, args[0]) }),
		"image":     plain(1, s.image),
		"app":       plain(1, func(_ *testscript.TestScript, args []string) { s.behavior = args[0] }),
		"fail": plain(4, func(_ *testscript.TestScript, args []string) {
			s.account.FailResource(args[0], args[1], fakeaws.Failure{Operation: args[2], Reason: args[3], Times: 1})
		}),
		"hang": plain(3, func(_ *testscript.TestScript, args []string) {
			s.account.FailResource(args[0], args[1], fakeaws.Failure{Operation: args[2], Never: true})
		}),
		"fault": plain(4, func(ts *testscript.TestScript, args []string) {
			s.account.Inject(fakeaws.Fault{Operation: args[0], Code: args[1], Times: count(ts, args[2]), Message: args[3]})
		}),
		"slow": plain(3, func(ts *testscript.TestScript, args []string) {
			s.account.Inject(fakeaws.Fault{Operation: args[0], Delay: duration(ts, args[1]), Times: count(ts, args[2])})
		}),
		"pad": plain(2, func(ts *testscript.TestScript, args []string) {
			body := ts.ReadFile(args[0])
			ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(body+"#"+strings.Repeat("x", count(ts, args[1])-len(body)-1)), 0o600))
		}),
		"replace": plain(3, func(ts *testscript.TestScript, args []string) {
			changed := strings.ReplaceAll(ts.ReadFile(args[0]), args[1], args[2])
			if changed == ts.ReadFile(args[0]) {
				ts.Fatalf("%s has no %s", args[0], args[1])
			}
			ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(changed), 0o600))
		}),
		"credentials": plain(1, func(_ *testscript.TestScript, args []string) { s.credentials = args[0] }),
		"pass":        plain(1, func(ts *testscript.TestScript, args []string) { <-time.After(duration(ts, args[0])) }),
		"stubborn": plain(3, func(_ *testscript.TestScript, args []string) {
			s.account.FailResource(args[0], args[1], fakeaws.Failure{Operation: "DELETE", Reason: args[2]})
		}),
		"protect": plain(1, s.protect),
		"tag":     plain(2, s.tag),
		"status":  plain(2, func(_ *testscript.TestScript, args []string) { s.account.SetStatus(args[0], args[1], "") }),
		"create":  plain(1, s.create),
		"stacks":  plain(0, s.stacks),
		"images":  plain(0, s.images),
		"curl":    plain(1, s.curl),

		"github":      plain(1, s.onGitHub),
		"comments":    plain(1, s.comments),
		"deployments": plain(1, s.deployments),
		"archive":     plain(1, s.archive),
	}
}

// plain is a command that takes at least so many arguments and cannot be negated.
func plain(least int, run func(*testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < least {
			ts.Fatalf("this command takes at least %d arguments and no !", least)
		}
		run(ts, args)
	}
}

func (s *story) prStack(ts *testscript.TestScript, neg bool, args []string) {
	output := ts.Getenv("GITHUB_OUTPUT")
	ts.Check(os.WriteFile(output, nil, 0o600))
	ctx := context.Background()
	if s.interrupt > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, s.interrupt, fmt.Errorf("interrupt signal received"))
		defer cancel()
		s.interrupt = 0
	}
	began := time.Now()
	code := command.Main(ctx, command.Process{
		Args:    args,
		Environ: environ(ts),
		Dir:     ts.MkAbs("."),
		Stdout:  ts.Stdout(),
		AWS:     s.sdk,
		HTTP:    s.account,
		GitHub:  s.github,
	})
	ts.Setenv("TOOK", time.Since(began).String())
	if (code != 0) != neg {
		ts.Fatalf("pr-stack ended with exit code %d", code)
	}
}

func (s *story) sdk(_ context.Context, region string) (aws.Config, error) {
	sdk := s.account.Config()
	sdk.Region = region
	switch s.credentials {
	case "none":
		sdk.Credentials = nil
	case "expired":
		sdk.Credentials = credentials.NewStaticCredentialsProvider("EXPIRED", "secret-access-key", "")
	}
	return sdk, nil
}

// environ is what the runner would pass on: a script's variables that are GitHub's.
func environ(ts *testscript.TestScript) []string {
	var list []string
	names := []string{"GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE", "GITHUB_REPOSITORY",
		"GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_SHA", "GITHUB_SERVER_URL", "GITHUB_API_URL", "GITHUB_RUN_ID", "INPUT_AWS-REGION", "DOCKER_HOST"}
	names = append(names, strings.Fields(ts.Getenv("INPUTS"))...)
	for _, name := range names {
		if value := ts.Getenv(name); value != "" {
			list = append(list, name+"="+value)
		}
	}
	return list
}

func (s *story) event(ts *testscript.TestScript, args []string) {
	payload, err := os.ReadFile(filepath.Join("..", "..", "testdata", "event", strings.Join(args[:min(2, len(args))], ".")+".json"))
	ts.Check(err)
	var fields map[string]any
	ts.Check(json.Unmarshal(payload, &fields))
	if len(args) > 2 {
		if run, ok := fields["workflow_run"].(map[string]any); ok {
			run["head_sha"] = args[2]
		} else {
			fields["pull_request"].(map[string]any)["head"].(map[string]any)["sha"] = args[2]
		}
	}
	payload, err = json.Marshal(fields)
	ts.Check(err)
	path := ts.MkAbs("event.json")
	ts.Check(os.WriteFile(path, payload, 0o600))
	ts.Setenv("GITHUB_EVENT_NAME", args[0])
	ts.Setenv("GITHUB_EVENT_PATH", path)
}

func (s *story) edit(ts *testscript.TestScript, args []string) {
	path := ts.MkAbs("event.json")
	payload, err := os.ReadFile(path)
	ts.Check(err)
	var fields map[string]any
	ts.Check(json.Unmarshal(payload, &fields))
	fields["action"] = args[0]
	fields["pull_request"].(map[string]any)["draft"] = len(args) > 1
	payload, err = json.Marshal(fields)
	ts.Check(err)
	ts.Check(os.WriteFile(path, payload, 0o600))
}

func (s *story) input(ts *testscript.TestScript, args []string) {
	name := "INPUT_" + strings.ToUpper(args[0])
	ts.Setenv(name, strings.Join(args[1:], " "))
	if names := ts.Getenv("INPUTS"); !slices.Contains(strings.Fields(names), name) {
		ts.Setenv("INPUTS", names+" "+name)
	}
}

func (s *story) output(ts *testscript.TestScript, args []string) {
	text := ts.ReadFile("output")
	got, found := "", false
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if name, _, ok := strings.Cut(line, "<<"); ok && name == args[0] && i+1 < len(lines) {
			got, found = lines[i+1], true
		}
	}
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
