package actiontest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"

	"pr-stack/internal/command"
	"pr-stack/internal/runner/runnertest"
)

// Step is a step of a workflow that uses the action.
type Step struct {
	Event Event // the zero Event sets nothing
	// Commit is checked out in a folder of the run's own, with the files of Workspace. If it is "",
	// the run is in Workspace itself.
	Commit  string
	Args    []string
	Environ []string // NAME=VALUE; for a repeated name the last value is used
	// Terminal is where a person answers; nil if there is none.
	Terminal io.Reader
	Log      io.Writer // gets the log while the run writes it; may be nil
}

// Run is one run of the action.
type Run struct {
	Environ  []string      // NAME=VALUE
	Done     chan struct{} // closed when the run ends
	ExitCode int           // valid when Done is closed

	files  string // folder of its event, outputs and summary
	dir    string // its workspace
	log    bytes.Buffer
	err    error // of the harness
	cancel context.CancelCauseFunc

	configure func(*aws.Config) // as it was when the run began
	offline   atomic.Bool
}

// ErrInterrupted is the cause with which the runner's signal cancels a run.
var ErrInterrupted = errors.New("interrupt signal received")

// runID is GitHub's number of the run. Each run of the action is another attempt of it.
const runID = 42

var errLost = errors.New("the machine is lost")

// Run runs a step to its end.
func (e *Env) Run(ctx context.Context, step Step) (*Run, error) {
	run, err := e.Start(ctx, step)
	if err != nil {
		return nil, err
	}
	<-run.Done
	return run, run.err
}

// Start runs a step in the background.
func (e *Env) Start(ctx context.Context, step Step) (*Run, error) {
	r, err := e.Prepare(step)
	if err != nil {
		return nil, err
	}
	r.configure = e.Configure
	var log io.Writer = &r.log
	if step.Log != nil {
		log = io.MultiWriter(log, step.Log)
	}
	process := command.Process{
		Args:    step.Args,
		Environ: r.Environ,
		Dir:     r.dir,
		Stdout:  log, Terminal: step.Terminal,
		AWS:    func(_ context.Context, region string) (aws.Config, error) { return e.config(r, region) },
		GitHub: &transport{r, e.GitHub},
	}
	if e.Docker != nil {
		process.Docker = func(ctx context.Context, build command.Build, tag string) (string, error) {
			if r.offline.Load() {
				return "", errLost
			}
			return e.Docker(ctx, build, tag)
		}
	}
	if e.Docker != nil {
		process.Examine = e.Examine
		if e.Examine == nil {
			process.Examine = func(context.Context, command.Build) (string, error) { return daemon, nil }
		}
	}
	if e.HTTP != nil {
		process.HTTP = &transport{r, e.HTTP}
	}
	ctx, r.cancel = context.WithCancelCause(ctx)
	attempt := e.runs
	go func() {
		defer close(r.Done)
		defer e.GitHub.SetRun(runID, attempt, "completed", "")
		r.ExitCode = command.Main(ctx, process)
		if r.ExitCode == 0 && slices.Contains(r.Environ, "INPUT_COMMAND=bootstrap") {
			r.err = e.adopt(r)
		}
		r.cancel(nil)
	}()
	return r, nil
}

// Prepare writes the files that a run reads and sets its environment. It does not start the run.
func (e *Env) Prepare(step Step) (*Run, error) {
	e.runs++
	r := &Run{files: filepath.Join(e.dir, fmt.Sprint("run-", e.runs)), dir: e.Workspace, Done: make(chan struct{})}
	if err := os.MkdirAll(r.files, 0o755); err != nil {
		return nil, err
	}
	if step.Commit != "" {
		r.dir = filepath.Join(r.files, "checkout")
		if err := e.checkOut(r.dir, step.Commit); err != nil {
			return nil, err
		}
	}
	r.Environ = slices.Concat([]string{
		"GITHUB_ACTIONS=true",
		"GITHUB_REPOSITORY=" + Repository,
		"GITHUB_REPOSITORY_ID=" + RepositoryID,
		"GITHUB_SERVER_URL=https://github.com",
		fmt.Sprint("GITHUB_RUN_ID=", runID),
		fmt.Sprint("GITHUB_RUN_ATTEMPT=", e.runs),
		"GITHUB_WORKSPACE=" + r.dir,
		"GITHUB_OUTPUT=" + filepath.Join(r.files, "output"),
		"GITHUB_STEP_SUMMARY=" + filepath.Join(r.files, "summary.md"),
		"INPUT_AWS-REGION=eu-north-1",
		"INPUT_YES=true",                                               // bootstrap asks nobody, unless a step says otherwise
		"DOCKER_HOST=unix://" + filepath.Join(e.dir, "no-docker.sock"), // no Docker, on any machine
	}, e.Environ)
	if step.Event.Name != "" {
		path := filepath.Join(r.files, "event.json")
		if err := os.WriteFile(path, step.Event.Payload, 0o600); err != nil {
			return nil, err
		}
		r.Environ = append(r.Environ, "GITHUB_EVENT_NAME="+step.Event.Name, "GITHUB_EVENT_PATH="+path)
	}
	r.Environ = append(r.Environ, step.Environ...)
	return r, e.permitTokens(r)
}

func (e *Env) config(r *Run, region string) (aws.Config, error) {
	config, err := e.credentials(r)
	if r.value("INPUT_ROLE-TO-ASSUME") != "" && r.value("GITHUB_ACTIONS") == "true" {
		config.Credentials = nil
	}
	config.Region = region
	config.HTTPClient = &transport{r, e.AWS}
	if r.configure != nil {
		r.configure(&config)
	}
	return config, err
}

// value returns a variable of the run's environment.
func (r *Run) value(name string) (value string) {
	for _, pair := range r.Environ {
		if v, ok := strings.CutPrefix(pair, name+"="); ok {
			value = v
		}
	}
	return value
}

// Cancel interrupts the run, as the runner's signal does.
func (r *Run) Cancel() { r.cancel(ErrInterrupted) }

// Kill ends the run as the loss of its machine would: nothing that the run then sends arrives.
func (r *Run) Kill() {
	r.offline.Store(true)
	r.cancel(errLost)
	<-r.Done
}

// Log returns what the run wrote to its standard output.
func (r *Run) Log() string { return r.log.String() }

// Errors returns the messages of the errors that the page of the run shows.
func (r *Run) Errors() []string { return runnertest.Annotations(r.Log(), "error") }

// Outputs returns the outputs by name.
func (r *Run) Outputs() map[string]string { return runnertest.Outputs(r.read("output")) }

// Output returns one output, "" if the run did not set it.
func (r *Run) Output(name string) string { return r.Outputs()[name] }

// Summary returns the job summary, "" if the run wrote none.
func (r *Run) Summary() string { return r.read("summary.md") }

func (r *Run) read(name string) string {
	text, err := os.ReadFile(filepath.Join(r.files, name))
	if err != nil {
		return "" // a run that ends early writes none
	}
	return string(text)
}

// transport carries a run's requests until its machine is lost.
type transport struct {
	run  *Run
	next http.RoundTripper
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.run.offline.Load() {
		return nil, errLost
	}
	return t.next.RoundTrip(r)
}

func (t *transport) Do(r *http.Request) (*http.Response, error) { return t.RoundTrip(r) }
