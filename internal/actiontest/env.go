// Package actiontest runs the action as GitHub's runner does, on an AWS account and a repository in
// memory. A test or the demo makes an Env, starts runs with events, and looks at what each run
// wrote and at what is left on AWS and GitHub.
//
// It starts a goroutine per run and no timer, so it works in a testing/synctest bubble. Outside a
// bubble it runs at the account's speed. It does not import testing: its methods return errors.
package actiontest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"pr-stack/internal/command"
	fakeaws "pr-stack/internal/fake/aws"
	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/permissions"
)

const (
	Repository   = "octo-org/hello-world" // on GitHub
	RepositoryID = "1296269"
	OwnerID      = "583231"
	BaseStack    = "hello-world-base"
)

// Build is what a run has Docker build.
type Build = command.Build

// Env is one AWS account and one repository on GitHub. Make it with New.
type Env struct {
	AWS    *fakeaws.AWS
	GitHub *fakegithub.GitHub

	Workspace string   // the folder that the action runs in; New adds a Dockerfile
	Environ   []string // NAME=VALUE for every run that starts from now on

	// Administrator gives runs all permissions. Otherwise each run has those of the role that bootstrap made
	// for its job.
	Administrator bool
	// IDTokens gives jobs the permission id-token: write, with which they can get OIDC tokens.
	IDTokens bool
	// SubjectIDs: the repository was created so late that the subjects of its tokens have IDs.
	SubjectIDs bool
	// JobEnvironment is the environment of GitHub that jobs name; "" if they name none.
	JobEnvironment string
	// Restrict changes the policy of a role before the role is created. It may be nil.
	Restrict func(role string, policy permissions.Policy) permissions.Policy

	// Permit are policies that the roles of runs have from now on besides those of bootstrap, in JSON.
	Permit []string

	// Configure changes how runs reach the account; if nil, they reach it in memory.
	Configure func(*aws.Config)
	// Docker builds the images of runs. New sets it to a daemon that makes images up. If it is nil, runs
	// look for a daemon as they do on the runner, and find none unless DOCKER_HOST names one.
	Docker func(ctx context.Context, build command.Build, tag string) (digest string, err error)
	// Examine describes that daemon, or says why it could not build. If it is nil, it can do everything.
	Examine func(ctx context.Context, build command.Build) (about string, err error)
	// HTTP is how runs reach the URLs of environments; if nil, over the network.
	HTTP http.RoundTripper

	dir  string // folder of the runs' files
	runs int
	base map[string]string // outputs of the base stack

	mu     sync.Mutex            // of what follows
	bases  map[string]*baseRoles // by the base stack's name
	roles  int                   // that were created besides those of bootstrap
	images map[string]v1.Image   // by name, see imageOf

	// What follows is read with the account's lock held, and mu is held while the account is called.
	behavior atomic.Pointer[func(fakeaws.Container) fakeaws.Container]
	function atomic.Pointer[func(fakeaws.Function) fakeaws.Function]
	task     atomic.Pointer[func(command []string, environ map[string]string) fakeaws.Container]

	// taskProgram is how one-off tasks behave unless SetTask says otherwise; it may be nil.
	taskProgram func(image string, command []string, environ map[string]string) fakeaws.Container
	ofTasks     sync.Mutex
	tasks       []OneOff
}

// OneOff is a one-off task that was started.
type OneOff struct {
	Image   string
	Command []string
	Environ map[string]string
}

// New returns an empty account and a repository without pull requests. It keeps its files below dir.
// A container, also of a function, answers with its image's reference, unless the options say otherwise.
func New(dir string, options fakeaws.Options) (*Env, error) {
	e := &Env{
		GitHub:    fakegithub.New(Repository),
		Workspace: filepath.Join(dir, "workspace"),
		dir:       dir,
		images:    map[string]v1.Image{},
		bases:     map[string]*baseRoles{},
	}
	e.Docker = e.build
	program := options.Container
	if program == nil {
		program = func(image string, _ map[string]string) fakeaws.Container { return answering(image) }
	}
	// A run reads the newest page of events each second. With AWS's 100 events, and the properties of
	// each resource in them, decoding these is half of what a run costs here.
	options.EventPage, options.BareEvents = cmp.Or(options.EventPage, 20), true
	options.Container = func(image string, environ map[string]string) fakeaws.Container {
		if behavior := e.behavior.Load(); behavior != nil {
			return (*behavior)(answering(image))
		}
		return program(image, environ)
	}
	options.Function = e.functions(options.Function)
	e.taskProgram, options.Task = options.Task, e.oneOff
	e.AWS = fakeaws.New(options)
	e.HTTP = e.AWS
	if err := os.MkdirAll(e.Workspace, 0o755); err != nil {
		return nil, err
	}
	return e, os.WriteFile(filepath.Join(e.Workspace, "Dockerfile"), []byte("FROM scratch\n"), 0o600)
}

// oneOff is how the container of a one-off task behaves.
func (e *Env) oneOff(image string, command []string, environ map[string]string) fakeaws.Container {
	e.ofTasks.Lock()
	e.tasks = append(e.tasks, OneOff{image, command, environ})
	e.ofTasks.Unlock()
	if task := e.task.Load(); task != nil {
		return (*task)(command, environ)
	}
	if e.taskProgram != nil {
		return e.taskProgram(image, command, environ)
	}
	return fakeaws.Container{Exit: &fakeaws.Exit{After: 2 * time.Second}}
}

// SetTask sets how one-off tasks behave that start from now on. With nil they behave again as they do
// after New: as options.Task says, or else they end after two seconds, with exit code 0.
func (e *Env) SetTask(task func(command []string, environ map[string]string) fakeaws.Container) {
	if task == nil {
		e.task.Store(nil)
		return
	}
	e.task.Store(&task)
}

// Tasks returns the one-off tasks that were started so far.
func (e *Env) Tasks() []OneOff {
	e.ofTasks.Lock()
	defer e.ofTasks.Unlock()
	return slices.Clone(e.tasks)
}

// daemon is what a run is told about Docker.
const daemon = "Docker 28.5.2, containerd image store, BuildKit for linux/amd64"

func answering(text string) fakeaws.Container { return fakeaws.Container{Handler: handler(text)} }

func handler(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) })
}

// SetBehavior sets how containers that start from now on differ from a healthy container. With nil
// they behave again as they do after New.
func (e *Env) SetBehavior(behavior func(healthy fakeaws.Container) fakeaws.Container) {
	if behavior == nil {
		e.behavior.Store(nil)
		return
	}
	e.behavior.Store(&behavior)
}
