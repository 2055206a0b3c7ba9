// Package command carries out pr-stack's commands, one file each. It is the only package that knows all the others: it
// translates between the words of the edges (AWS's, Docker's) and those of the domain, and it reports.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"pr-stack/internal/config"
	"pr-stack/internal/report"
)

// Process is all that the action sees of the machine it runs on.
type Process struct {
	Args    []string // without the program's name
	Environ []string
	Dir     string // the working folder; "" asks the operating system
	Stdout  io.Writer

	// AWS replaces the SDK's own way to find its configuration, HTTP what the URL is asked through, and GitHub what its API
	// is. Nil for each is the real thing.
	AWS    func(ctx context.Context, region string) (aws.Config, error)
	HTTP   http.RoundTripper
	GitHub http.RoundTripper
}

// Main carries out one command and returns the exit code: 0 if what was asked for holds, 1 if not. When ctx is done it
// stops where it is, says where things stand, writes the outputs that are known, and returns within seven seconds: the
// runner kills it after ten.
func Main(ctx context.Context, p Process) int {
	log := newConsole(p)
	from := config.Source{Args: p.Args, Environ: p.Environ, Dir: p.Dir}
	c, err := config.Load(from)
	if errors.Is(err, flag.ErrHelp) {
		log.line("%s", config.Usage())
		return 0
	}
	if err == nil && c.Head != nil {
		c, err = locate(ctx, p, from, c)
	}
	if err != nil {
		log.failures(err)
		return 1
	}
	for _, secret := range c.Secrets() {
		log.mask(secret)
	}

	result, err := run(ctx, p, c, log)
	publish(log, conclude(c, log, result, err))
	if err != nil {
		return 1
	}
	return 0
}

// commands is what each command does. It returns what is known also when it fails.
var commands = map[config.Command]func(context.Context, *edges) (report.Result, error){
	config.Deploy:    deploy,
	config.Destroy:   destroy,
	config.Sweep:     sweep,
	config.Bootstrap: bootstrap,
}

func run(ctx context.Context, p Process, c config.Config, log *console) (report.Result, error) {
	if c.Command == config.Skip {
		return report.Result{Status: report.Skipped, Reason: c.SkipReason, Environment: c.Environment}, nil
	}
	e, err := connect(ctx, p, c, log)
	if errors.Is(err, errNoCredentials) && c.Stranger != "" {
		return skipped(c, "the pull request is from %s, whose runs get no credentials from GitHub; to see it deployed, look it through and push it to a branch of this repository, or deploy its image from a second workflow, as README.md shows for forks", c.Stranger), nil
	}
	if err != nil {
		return known(c), err
	}
	if c.Fork && c.Stranger != "" && c.Command == config.Deploy && !c.AllowForks {
		return skipped(c, "the pull request is from a fork, and this run has credentials of AWS, which its code could use; build it without them and deploy its image on workflow_run, as README.md shows, or set allow-forks"), nil
	}
	if err := e.mayBuild(ctx); err != nil {
		return known(c), err
	}
	t := &teller{edges: e}
	t.begin(ctx)
	result, err := commands[c.Command](ctx, e)
	if err != nil && ctx.Err() != nil {
		// The user or the runner ended it: not what the edge at hand made of that is the news, but where things stand.
		err = e.interrupted(ctx, &result)
		result.Interrupted = true
	}
	t.end(ctx, conclude(c, log, result, err))
	return result, err
}

// conclude makes of what a command returned what people read.
func conclude(c config.Config, log *console, result report.Result, err error) report.Result {
	result.Command = string(c.Command)
	if err != nil {
		result.Status = ""
		result.Failure = log.redact(explain(err))
	}
	return result
}

// known is what is certain before anything was asked.
func known(c config.Config) report.Result {
	return report.Result{Environment: c.Environment, Commit: c.Commit, StackName: c.StackName, Region: c.Region}
}

// skipped is the result of a run that is nobody's to make.
func skipped(c config.Config, reason string, args ...any) report.Result {
	result := known(c)
	result.Status, result.Reason = report.Skipped, fmt.Sprintf(reason, args...)
	return result
}

// interrupted says where the stack stands, which needs a call after ctx is done; the runner leaves time for a short one.
func (e *edges) interrupted(ctx context.Context, result *report.Result) error {
	cause := context.Cause(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	name := result.StackName
	stack, err := e.stacks.Describe(ctx, name)
	switch {
	case name == "":
		return &explained{message: fmt.Sprintf("interrupted (%s)", cause), hint: "run it again"}
	case notFound(err):
		return &explained{message: fmt.Sprintf("interrupted (%s): there is no stack %s", cause, name), hint: "run the job again; nothing was left behind"}
	case err != nil:
		return &explained{message: fmt.Sprintf("interrupted (%s): the state of stack %s could not be read in time", cause, name), hint: goesOn}
	}
	result.StackID, result.StackOutputs = stack.ID, stack.Outputs
	message := fmt.Sprintf("interrupted (%s): stack %s is in %s", cause, name, stack.Status)
	if strings.HasSuffix(string(stack.Status), "_IN_PROGRESS") {
		message += ", and CloudFormation goes on with it"
	}
	return &explained{message: message, hint: goesOn}
}

const goesOn = "run the job again to continue from there, or close the pull request to have the stack deleted"

// publish writes what came of the command to where a workflow and a person look. It is the last thing that happens.
func publish(log *console, result report.Result) {
	outputs, refused := report.Outputs(result)
	for _, name := range refused {
		log.warning("output "+name+" is left out", "its value has a line break, which GitHub would read as another output")
	}
	for _, o := range outputs {
		if log.hides(o.Value) {
			log.warning("output "+o.Name+" may be lost", "it holds a value that is masked as a secret, and GitHub drops such outputs")
		}
	}
	log.outputs(outputs)
	log.summary(report.Summary(result))
	if result.Failure == nil && result.Status != report.Skipped {
		log.line("%s", report.Line(result)) // below the groups, which GitHub folds
	}
	switch {
	case result.Failure != nil:
		log.failure(result.Failure)
	case result.Status == report.Skipped:
		log.notice("skipped", result.Reason)
	}
}
