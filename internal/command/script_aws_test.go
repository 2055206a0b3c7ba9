package command_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/rogpeppe/go-internal/testscript"

	"pr-stack/internal/actiontest"
	"pr-stack/internal/command"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/fake/aws/scenario"
	"pr-stack/internal/hint"
)

func (s *script) image(ts *testscript.TestScript, args []string) {
	base, err := s.BaseOutputs(context.Background())
	ts.Check(err)
	image, err := random.Image(64, 1)
	ts.Check(err)
	name, uri, kind := base["RepositoryName"], base["RepositoryUri"], strings.Join(args[1:], " ")
	if kind == "permanent" {
		name, uri = base["PermanentRepositoryName"], base["PermanentRepositoryUri"]
	}
	digest := ""
	switch kind {
	case "":
		digest, err = s.PushImage(context.Background(), args[0])
	case "index":
		digest, err = s.AWS.PushIndex(name, args[0], mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: image}))
	default:
		digest, err = s.AWS.PushImage(name, args[0], image)
	}
	ts.Check(err)
	ts.Setenv("REPOSITORY", name)
	ts.Setenv("DIGEST", digest)
	ts.Setenv("IMAGE", uri+"@"+digest)
}

func (s *script) digest(ts *testscript.TestScript, args []string) {
	digest, err := s.BuildDigest(args[0])
	ts.Check(err)
	ts.Setenv("DIGEST", digest)
}

func (s *script) checkout(ts *testscript.TestScript, args []string) {
	ts.Check(actiontest.SetHead(s.Workspace, strings.Join(args, "")))
}

func (s *script) docker(_ *testscript.TestScript, args []string) {
	switch args[0] {
	case "gone":
		s.daemon, s.Docker = s.Docker, nil
	case "back":
		s.Docker, s.Examine = s.daemon, nil
	case "cannot":
		s.Examine = func(context.Context, command.Build) (string, error) { return "", hint.New(args[2], "%s", args[1]) }
	}
}

// dockerDaemon builds images.
type dockerDaemon = func(ctx context.Context, build command.Build, tag string) (digest string, err error)

func (s *script) app(ts *testscript.TestScript, args []string) {
	s.usersRefused.Store(args[0] == "healthy-for-elb-only" && len(args) == 1)
	function, ofFunction := scenario.FindFunction(args[0])
	scenario, ok := scenario.Find(args[0])
	switch {
	case args[0] == "ok":
		s.SetBehavior(nil)
		s.SetFunction(nil)
	case args[0] == "says":
		s.SetBehavior(func(c fakeaws.Container) fakeaws.Container {
			c.Exit, c.Log = &fakeaws.Exit{After: time.Second, Code: 1}, args[1:]
			return c
		})
	case args[0] == "healthy-for-elb-only":
		s.SetBehavior(s.refuseUsers)
	case ok && scenario.Container != nil:
		s.SetBehavior(scenario.Container)
		s.SetFunction(nil)
	case ofFunction:
		s.SetFunction(function.Function)
	default:
		ts.Fatalf("containers cannot behave as %s", args[0])
	}
}

// refuseUsers makes a container answer none but its load balancer, until the app behaves otherwise.
func (s *script) refuseUsers(c fakeaws.Container) fakeaws.Container {
	c.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.usersRefused.Load() && !strings.HasPrefix(r.UserAgent(), "ELB-HealthChecker") {
			http.Error(w, "not for you", http.StatusInternalServerError)
		}
	})
	return c
}

func (s *script) credentials(_ *testscript.TestScript, args []string) {
	s.Configure = func(config *aws.Config) {
		switch args[0] {
		case "none":
			config.Credentials = nil
		case "expired":
			config.Credentials = credentials.NewStaticCredentialsProvider("EXPIRED", "secret-access-key", "")
		}
	}
}

func (s *script) fail(_ *testscript.TestScript, args []string) {
	s.AWS.FailResource(args[0], args[1], fakeaws.Failure{Operation: args[2], Reason: args[3], Times: 1})
}

func (s *script) stall(_ *testscript.TestScript, args []string) {
	s.AWS.FailResource(args[0], args[1], fakeaws.Failure{Operation: args[2], Never: true})
}

func (s *script) undeletable(_ *testscript.TestScript, args []string) {
	s.AWS.FailResource(args[0], args[1], fakeaws.Failure{Operation: "DELETE", Reason: args[2]})
}

func (s *script) fault(ts *testscript.TestScript, args []string) {
	s.AWS.Inject(fakeaws.Fault{Operation: args[0], Code: args[1], Times: count(ts, args[2]), Message: args[3]})
}

func (s *script) slow(ts *testscript.TestScript, args []string) {
	s.AWS.Inject(fakeaws.Fault{Operation: args[0], Delay: duration(ts, args[1]), Times: count(ts, args[2])})
}

func (s *script) status(_ *testscript.TestScript, args []string) {
	s.AWS.SetStatus(args[0], args[1], "")
}

func (s *script) create(ts *testscript.TestScript, args []string) {
	body := ""
	if len(args) > 1 {
		body = os.Expand(ts.ReadFile(args[1]), func(name string) string {
			return cmp.Or(ts.Getenv(name), "${"+name+"}") // which is CloudFormation's own
		})
	}
	ts.Check(s.CreateStack(context.Background(), args[0], body, nil))
	<-time.After(time.Minute) // in the bubble
}

func (s *script) protect(ts *testscript.TestScript, args []string) {
	ts.Check(s.Protect(context.Background(), args[0]))
}

func (s *script) unprotect(ts *testscript.TestScript, args []string) {
	ts.Check(s.Unprotect(context.Background(), args[0]))
}

func (s *script) tag(ts *testscript.TestScript, args []string) {
	stack, err := s.Stack(context.Background(), args[0])
	ts.Check(err)
	key, value, _ := strings.Cut(args[1], "=")
	stack.Tags[key] = value
	ts.Check(s.SetTags(context.Background(), args[0], stack.Tags))
	<-time.After(time.Minute)
}

func (s *script) stacks(ts *testscript.TestScript, _ []string) {
	stacks, err := s.Stacks(context.Background())
	ts.Check(err)
	var lines []string
	for _, stack := range stacks {
		words := []string{stack.Name, stack.Status}
		if commit := stack.Commit(); commit != "" {
			words = append(words, "commit="+commit)
		}
		if stack.Protected {
			words = append(words, "protected")
		}
		for _, key := range slices.Sorted(maps.Keys(stack.Tags)) {
			words = append(words, key+"="+stack.Tags[key])
		}
		lines = append(lines, strings.Join(words, " "))
	}
	fmt.Fprintln(ts.Stdout(), strings.Join(lines, "\n"))
}

func (s *script) listImages(ts *testscript.TestScript, args []string) {
	tags, err := s.ImageTags(context.Background(), args...)
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), strings.Join(tags, "\n"))
}

func (s *script) curl(ts *testscript.TestScript, args []string) {
	status, body, err := s.Get(context.Background(), args[0])
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s %s\n", status, body)
}
