// Package command carries out pr-stack's commands, each in its own file. It reads the job, signs in,
// gives each command the clients that it uses, and then completes and publishes the result. The
// packages below do the work itself.
package command

import (
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"pr-stack/internal/awsconfig"
	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
	"pr-stack/internal/image"
	"pr-stack/internal/policy"
	"pr-stack/internal/publish"
	"pr-stack/internal/report"
	"pr-stack/internal/rollout"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// Process is all that the action sees of the machine it runs on.
type Process struct {
	Args    []string // without the program's name
	Environ []string
	Dir     string // the working folder; "" asks the operating system
	Stdout  io.Writer
	// Terminal is where a person answers who sees Stdout; nil if there is none.
	Terminal io.Reader

	// AWS replaces the SDK's own way to find its configuration, HTTP the transport to the
	// environment's URL, and GitHub that to GitHub's API and to its OIDC tokens. If one of them is
	// nil, or Docker is, the real one is used.
	AWS    func(ctx context.Context, region string) (aws.Config, error)
	HTTP   http.RoundTripper
	GitHub http.RoundTripper

	// Docker replaces the Docker daemon: it builds an image and pushes it to tag, and returns its digest.
	Docker func(ctx context.Context, build Build, tag string) (digest string, err error)
	// Examine, which is set if Docker is, describes that daemon, or says why it could not build.
	Examine func(ctx context.Context, build Build) (about string, err error)
}

// Build is what to build an image from.
type Build = image.Options

// Main carries out one command and returns the exit code: 0 on success and 1 on failure. When ctx is
// done it stops where it is, says where things stand, writes the outputs that are known, and returns
// within seven seconds: the runner kills it after ten. Of these seconds,
//
//	0.5 s  are Docker's, to end a build (docker)
//	3 s    are for asking AWS where the stack stands (rollout)
//	4 s    are for updating GitHub (publish)
//
// where the first is over before the second begins in all but the slowest cases.
func Main(ctx context.Context, p Process) int {
	runner.SilenceLibraries()
	log := runner.New(p.Stdout, p.Environ)
	if p.Dir == "" {
		p.Dir, _ = os.Getwd() // without one, relative paths are not found, which is said
	}
	in, err := config.Read(config.Source{Args: p.Args, Environ: p.Environ, Dir: p.Dir})
	if errors.Is(err, flag.ErrHelp) {
		log.Line("%s", config.Usage())
		return 0
	}
	for _, secret := range in.Secrets() {
		log.Mask(secret)
	}
	log.Withhold(in.Private()...)
	if in.Settings().MaskAccount {
		log.ConcealAccounts()
	}
	result := run(ctx, p, in, log)
	publish.Local(log, result)
	if ending := result.Common().Ending; ending == report.Failed || ending == report.Interrupted {
		return 1
	}
	return 0
}

// run does what the process was started for, and returns the result.
func run(ctx context.Context, p Process, in *config.Inputs, log *runner.Log) report.Result {
	job, err := load(ctx, p, in)
	if err != nil {
		return refused(ctx, in, unlessCancelled(ctx, err))
	}
	if skip, ok := job.(config.Skip); ok {
		return skipped(skip.Settings, skip.Environment, skip.StackName, skip.Reason)
	}
	return carryOut(ctx, p, job, log)
}

// refused returns the result of a run whose inputs are wrong. It lists each problem separately.
func refused(ctx context.Context, in *config.Inputs, err error) report.Result {
	result := &report.Refusal{Run: newRun(in.Settings(), in.Environment()), Stack: report.Stack{Name: in.StackName()}}
	conclude(ctx, result, err, time.Now(), &timeline.Recorder{})
	for e := range hint.Each(err) {
		result.Failures = append(result.Failures, *failure(e))
	}
	return result
}

// carryOut signs in, carries out a job, and returns its result, concluded and published.
func carryOut(ctx context.Context, p Process, job config.Job, log *runner.Log) report.Result {
	began := time.Now()
	w := wiring{process: p, settings: job.Common(), log: log, times: &timeline.Recorder{}}
	verb, e, stackName := subject(job)
	skip, err := w.signIn(ctx, verb, e)
	if skip != nil && err == nil {
		return skipped(w.settings, e, stackName, skip.Reason)
	}
	if verb == policy.Doctor {
		w.signedIn, err = err, nil // which is one of its findings
	}
	if err != nil {
		result := &report.Refusal{Run: newRun(w.settings, e), Command: string(verb), Stack: report.Stack{Name: stackName}}
		conclude(ctx, result, unlessCancelled(ctx, err), began, w.times)
		return result
	}
	publisher := w.newPublisher(newRun(w.settings, e))
	result, err := call(ctx, job, &w, publisher)
	conclude(ctx, result, err, began, w.times)
	publisher.Finish(ctx, result)
	return result
}

// unlessCancelled returns the error of a run that could not begin. If the run was cancelled, that
// is why.
func unlessCancelled(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return hint.New("run the job again", "interrupted (%s): nothing was changed", context.Cause(ctx))
}

// subject returns the job's verb, its environment, and the name of its stack.
func subject(job config.Job) (verb policy.Verb, e environment.Environment, stackName string) {
	switch job := job.(type) {
	case config.Deploy:
		return policy.Deploy, job.Environment, job.StackName
	case config.Destroy:
		return policy.Destroy, job.Environment, job.StackName
	case config.Sweep:
		return policy.Sweep, environment.Environment{Service: job.Service}, ""
	case config.Promote:
		return policy.Promote, job.Environment, job.StackName
	case config.Rollback:
		return policy.Rollback, job.Environment, job.StackName
	case config.Overview:
		return policy.Status, environment.Environment{Service: job.Service}, ""
	case config.Doctor:
		return policy.Doctor, environment.Environment{Service: job.Service}, ""
	}
	return policy.Bootstrap, environment.Environment{Service: job.Common().Service}, job.Common().BaseStack
}

// call calls the job's verb with the clients that it uses.
func call(ctx context.Context, job config.Job, w *wiring, publisher *publish.Publisher) (report.Result, error) {
	switch job := job.(type) {
	case config.Deploy:
		return deploy(ctx, job, w.forDeploy(job.PullRequest, publisher.Run, publisher))
	case config.Destroy:
		return destroy(ctx, job, w.forDestroy(job.PullRequest, publisher.Run))
	case config.Sweep:
		return sweep(ctx, job, w.forSweep(publisher.Run, publisher))
	case config.Promote:
		return promote(ctx, job, w.forPromote(job.Deploy, publisher))
	case config.Rollback:
		return rollback(ctx, job, w.forPromote(job.Deploy, publisher))
	case config.Overview:
		return status(ctx, job, w.forStatus(publisher.Run))
	case config.Doctor:
		return examine(ctx, job, w.forDoctor(publisher.Run))
	case config.Bootstrap:
		return bootstrap(ctx, job, w.forBootstrap(publisher.Run))
	}
	return skipped(w.settings, environment.Environment{Service: w.settings.Service}, "", "there is nothing to do"), nil
}

// newRun is what is certain about a run before anything was asked.
func newRun(s config.Settings, e environment.Environment) report.Run {
	return report.Run{
		Environment: e, Repository: s.Repository, ServerURL: s.ServerURL, RunURL: s.RunURL,
		Region: s.Region, Commit: s.Trigger.Commit,
	}
}

// skipped returns the result of a run that does nothing.
func skipped(s config.Settings, e environment.Environment, stackName, reason string) *report.Deployment {
	result := &report.Deployment{Run: newRun(s, e), Stack: report.Stack{Name: stackName}}
	result.Ending, result.Reason = report.Skipped, reason
	return result
}

// conclude completes a result, once: how the run ended, why, and where the time went.
func conclude(ctx context.Context, result report.Result, err error, began time.Time, times *timeline.Recorder) {
	r := result.Common()
	r.Took, r.Phases, r.Bars = time.Since(began), times.Phases(), times.Bars()
	if err == nil {
		return
	}
	r.Ending, r.Status, r.Failure = report.Failed, "", failure(err)
	if ctx.Err() != nil {
		r.Ending = report.Interrupted
	}
}

// failure words an error for people: what failed, on what, why, and what to change.
func failure(err error) *report.Failure {
	f := &report.Failure{Message: message(err), Hint: strings.Join(hints(err), "; ")}
	if diagnosed, ok := errors.AsType[*rollout.Diagnosed](err); ok {
		found := diagnosed.Finding
		f.Summary, f.Message, f.Log, f.Hint, f.NextStep = found.Summary, found.Message, found.Log, found.Hint, diagnosed.NextStep
	}
	return f
}

// message returns the messages of all joined errors, one per line.
func message(err error) string {
	var lines []string
	for e := range hint.Each(err) {
		lines = append(lines, awsconfig.Message(e))
	}
	return strings.Join(lines, "\n")
}

// hints returns each error's own hints. An AWS error without a hint gets the general hint for its kind.
func hints(err error) (list []string) {
	for e := range hint.Each(err) {
		found := hint.Of(e)
		if general := awsconfig.Hint(e); len(found) == 0 && general != "" {
			found = []string{general}
		}
		list = append(list, found...)
	}
	return hint.Unique(list)
}
