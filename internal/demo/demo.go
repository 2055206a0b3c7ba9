package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/actiontest"
	"pr-stack/internal/fake/aws/scenario"
	"pr-stack/internal/runner/runnertest"
	"pr-stack/internal/timeline"
)

const (
	service      = "hello-world"
	firstCommit  = "0ffb9c2d1e3a4b5c6d7e8f90a1b2c3d4e5f60718"
	secondCommit = "1b2c3d4e5f607182930a4b5c6d7e8f90a1b2c3d4"
	thirdCommit  = "2c3d4e5f60718293a04b5c6d7e8f90a1b2c3d4e5"
)

// demo is one run of the demo.
type demo struct {
	*actiontest.Env
	account *account
	app     app
	out     io.Writer
	home    string // the action's home folder
	scale   float64
	pages   string // folder for job summaries and comments
	steps   int
	entry   entry
	url     string // of the environment, from the last deployment
}

type options struct {
	story string // lifecycle or promote
	by    string // what promotions move
	scale float64
	keep  bool
	fail  string // the name of a scenario, or ""
	entry entry
	out   string // a folder for job summaries and comments; if "", a new one
}

func run(ctx context.Context, out io.Writer, o options) (err error) {
	if _, ok := scenario.Find(o.fail); o.fail != "" && !ok {
		return fmt.Errorf("-fail: there is no case %q; -fail=list names them", o.fail)
	}
	if err := errors.Join(o.entry.check(), o.checkStory()); err != nil {
		return err
	}
	root, err := actiontest.Root()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "pr-stack-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.out == "" {
		if o.out, err = os.MkdirTemp("", "pr-stack-pages-"); err != nil {
			return err
		}
	}
	env, account, err := newEnv(ctx, dir, o)
	if err != nil {
		return err
	}
	defer account.close()

	d := &demo{Env: env, account: account, scale: o.scale, out: out, home: dir, pages: o.out, entry: o.entry}
	began := time.Now()
	fmt.Fprintf(out, "pr-stack on an AWS account in memory, at %.0f times AWS's pace.\n", 1/o.scale)
	if d.app, err = prepare(ctx, out, root, env); err != nil {
		return err
	}
	defer fmt.Fprintf(out, "The job summaries and the comment, as Markdown for GitHub to show, are in %s.\n", o.out)
	if o.fail != "" {
		return d.failure(ctx, o.fail)
	}
	if o.story == promote {
		return d.production(ctx, o.by, began)
	}
	if err := d.lifecycle(ctx, o.keep); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nDone in %s: every answer came from the image that was deployed, and nothing of the pull request is left.\n", timeline.Duration(time.Since(began)))
	return nil
}

// lifecycle runs the action for each event of the pull request, from its opening to its close.
func (d *demo) lifecycle(ctx context.Context, keep bool) error {
	if err := d.bootstrap(ctx); err != nil {
		return err
	}
	d.title("Pull request 7 is opened")
	d.GitHub.Open(7, firstCommit)
	if err := d.deploy(ctx, "opened", firstCommit, "created"); err != nil {
		return err
	}
	d.comment()
	d.title("A new commit is pushed to it")
	d.GitHub.Push(7, secondCommit)
	if err := d.deploy(ctx, "synchronize", secondCommit, "updated"); err != nil {
		return err
	}
	d.title("The job is run again: the same commit")
	if err := d.deploy(ctx, "synchronize", secondCommit, "unchanged"); err != nil {
		return err
	}
	if err := d.badCommit(ctx); err != nil {
		return err
	}
	if keep {
		fmt.Fprintln(d.out, "\nIt stays up until you interrupt (Ctrl-C).")
		<-ctx.Done()
		ctx = context.WithoutCancel(ctx) // the interrupt only closes the pull request
	}

	d.title("The pull request is closed")
	d.GitHub.Close(7, true)
	closed, err := d.pullRequestStep(ctx, "closed", secondCommit)
	if err != nil {
		return err
	}
	if got := closed.Output("status"); got != "deleted" {
		return fmt.Errorf("closed: status is %q, want deleted", got)
	}
	d.comment()
	return d.checkCleanup(ctx)
}

func (d *demo) bootstrap(ctx context.Context) error {
	d.title("A person creates the base stack, once: bootstrap")
	event := actiontest.Event{Name: "workflow_dispatch", Payload: []byte("{}")}
	if d.entry.ingress == "shared" {
		d.AddZone()
	}
	_, err := d.step(ctx, event, "", append(d.entry.inputs(), "INPUT_COMMAND=bootstrap")...)
	return err
}

// badCommit deploys a commit whose code ends at once. The commit before stays up.
func (d *demo) badCommit(ctx context.Context) error {
	d.title("A commit is pushed whose code ends with an error")
	d.GitHub.Push(7, thirdCommit)
	broken, _ := scenario.Find("exit-1")
	d.SetBehavior(broken.Container)
	inputs, err := d.app.inputs(ctx, thirdCommit)
	if err != nil {
		return err
	}
	failed, err := d.pullRequestStep(ctx, "synchronize", thirdCommit, inputs...)
	d.SetBehavior(nil) // what is rolled back to is healthy
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err == nil:
		return errors.New("the action succeeded with code that ends at once")
	case !errors.Is(err, errStep):
		return err
	}
	d.comment()
	switch url := failed.Output("url"); {
	case d.entry.architecture == "lambda": // Lambda replaces a function by code that does not start
		return nil
	case url != "":
		return d.request(ctx, url, secondCommit)
	case d.entry.ingress == "api":
		return d.rolledBack(ctx, d.url)
	}
	return nil
}

// rolledBack waits until the rollback has started the code of the commit before again: without a load
// balancer, ECS has stopped it, and an HTTP API goes on for half a minute to ask tasks that are gone.
func (d *demo) rolledBack(ctx context.Context, url string) error {
	for range 60 {
		if _, answer, err := d.Get(ctx, url); err == nil && strings.Contains(answer, secondCommit[:12]) {
			break
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(2 * time.Second):
		}
	}
	return d.request(ctx, url, secondCommit)
}

// deploy deploys a commit and requests the URL, as the next step of a workflow would.
func (d *demo) deploy(ctx context.Context, action, commit, status string) error {
	inputs, err := d.app.inputs(ctx, commit)
	if err != nil {
		return err
	}
	deployed, err := d.pullRequestStep(ctx, action, commit, inputs...)
	if err != nil {
		return err
	}
	if got := deployed.Output("status"); got != status {
		return fmt.Errorf("%s: status is %q, want %s", action, got, status)
	}
	if d.url = deployed.Output("url"); d.url != "" {
		return d.request(ctx, d.url, commit)
	}
	return nil
}

// request requests the URL of an environment, which must be of a commit.
func (d *demo) request(ctx context.Context, url, commit string) error {
	_, answer, err := d.Get(ctx, url)
	if err != nil {
		return err
	}
	answer = strings.TrimSpace(answer)
	fmt.Fprintf(d.out, "  $ curl %s\n  %s\n", url, answer)
	if !strings.Contains(answer, commit[:12]) {
		return fmt.Errorf("%s answers %q, want the code of commit %s", url, answer, commit[:12])
	}
	return nil
}

// errStep means that a step failed.
var errStep = errors.New("the action failed")

// pullRequestStep runs the action for an event of the pull request, with the commit as its head.
func (d *demo) pullRequestStep(ctx context.Context, action, commit string, inputs ...string) (*actiontest.Run, error) {
	event, err := actiontest.ReadEvent("pull_request."+action, commit)
	if err != nil {
		return nil, err
	}
	return d.step(ctx, event, commit, append(inputs, d.entry.template()...)...)
}

// step runs the action once, as a step of a workflow that has checked the commit out, and shows its
// log. If the step fails, the error wraps errStep.
func (d *demo) step(ctx context.Context, event actiontest.Event, commit string, inputs ...string) (*actiontest.Run, error) {
	return d.play(ctx, d.page(d.out), event, commit, inputs...)
}

// page shows a log. Its parts with the policies are folded, because they are long; they are in the job
// summary as well. So are those whose titles begin in one of these ways.
func (d *demo) page(out io.Writer, folded ...string) *runnertest.Page {
	folded = append(folded, "IAM policy")
	return &runnertest.Page{Out: out, Prefix: "  │ ", Folded: func(title string) bool {
		return slices.ContainsFunc(folded, func(begin string) bool { return strings.HasPrefix(title, begin) })
	}}
}

// play is step with another log.
func (d *demo) play(ctx context.Context, log io.WriteCloser, event actiontest.Event, commit string, inputs ...string) (*actiontest.Run, error) {
	d.steps++
	number := d.steps
	run, err := d.Run(ctx, actiontest.Step{Event: event, Commit: commit, Log: log, Environ: append([]string{
		"GITHUB_SHA=" + firstCommit,
		"INPUT_GITHUB-TOKEN=ghs_demo",
		"HOME=" + d.home,
		"DOCKER_HOST=" + os.Getenv("DOCKER_HOST"),
	}, inputs...)})
	if err != nil {
		return nil, err
	}
	_ = log.Close() // a page cannot fail
	if err := d.save(fmt.Sprintf("summary-%d.md", number), run.Summary()); err != nil {
		return run, err
	}
	if run.ExitCode != 0 {
		return run, fmt.Errorf("%w: exit code %d", errStep, run.ExitCode)
	}
	return run, nil
}

// comment shows and saves the current comment on the pull request.
func (d *demo) comment() { d.commentOn(7) }

func (d *demo) commentOn(number int) {
	for _, body := range d.GitHub.Comments(number) {
		fmt.Fprintln(d.out, "\n  The comment on the pull request:")
		for line := range strings.Lines(body) {
			fmt.Fprint(d.out, "  │ "+line)
		}
		if err := d.save(fmt.Sprintf("comment-%d.md", d.steps), body); err != nil {
			fmt.Fprintln(d.out, err)
		}
	}
}

// save writes a job summary or a comment to a file in the folder pages.
func (d *demo) save(name, text string) error {
	if err := os.MkdirAll(d.pages, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.pages, name), []byte(text), 0o600)
}

func (d *demo) title(words string) { fmt.Fprintf(d.out, "\n%s\n", words) }
