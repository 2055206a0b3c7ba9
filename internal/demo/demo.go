package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"pr-stack/internal/command"
	"pr-stack/internal/fake/aws/scenario"
	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/report"
)

const (
	service      = "hello-world"
	firstCommit  = "0ffb9c2d1e3a4b5c6d7e8f90a1b2c3d4e5f60718"
	secondCommit = "1b2c3d4e5f607182930a4b5c6d7e8f90a1b2c3d4"
)

// play is one run of the demo.
type play struct {
	out     io.Writer
	account *account
	github  *fakegithub.GitHub
	app     app
	runner  *runner
	dir     string // everything that is written
	root    string // of the checkout
	keep    string // options.out

	boundary map[string]string // the base stack's outputs
}

type options struct {
	scale float64
	keep  bool
	fail  string // the name of a mishap, or ""
	out   string // a folder for what the steps leave behind; "" is a new one
}

func demo(ctx context.Context, out io.Writer, o options) (err error) {
	if _, ok := scenario.Find(o.fail); o.fail != "" && !ok {
		return fmt.Errorf("-fail: there is no case %q; -fail=list names them", o.fail)
	}
	root, err := checkout()
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
	account, err := newAccount(ctx, o.scale)
	if err != nil {
		return err
	}
	defer account.close()

	p := &play{out: out, account: account, github: fakegithub.New("octo-org/" + service), keep: o.out, runner: &runner{out: out, dir: dir}, dir: dir, root: root}
	began := time.Now()
	fmt.Fprintf(out, "pr-stack on an AWS account in memory, at %.0f times AWS's pace.\n", 1/o.scale)
	if p.app, err = prepare(ctx, out, root, dir, account); err != nil {
		return err
	}
	defer fmt.Fprintf(out, "The job summaries and the comment, as Markdown for GitHub to show, are in %s.\n", o.out)
	if o.fail != "" {
		return p.mishap(ctx, o.fail)
	}
	if err := p.acts(ctx, o.keep); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nDone in %s: every answer came from the image that was deployed, and nothing is left.\n", report.Duration(time.Since(began)))
	return nil
}

// acts are the pull request's life.
func (p *play) acts(ctx context.Context, keep bool) error {
	if err := p.bootstrap(ctx); err != nil {
		return err
	}
	p.title("Pull request 7 is opened")
	p.github.Open(7, firstCommit)
	if err := p.deploy(ctx, "opened", firstCommit, "created"); err != nil {
		return err
	}
	p.comment()
	p.title("A new commit is pushed to it")
	p.github.Push(7, secondCommit)
	if err := p.deploy(ctx, "synchronize", secondCommit, "updated"); err != nil {
		return err
	}
	p.title("The job is run again: the same commit")
	if err := p.deploy(ctx, "synchronize", secondCommit, "unchanged"); err != nil {
		return err
	}
	if keep {
		fmt.Fprintln(p.out, "\nIt stays up until you interrupt (Ctrl-C).")
		<-ctx.Done()
		ctx = context.WithoutCancel(ctx) // the interrupt is what closes the pull request
	}

	p.title("The pull request is closed")
	p.github.Close(7, true)
	closed, err := p.act(ctx, "pull_request", p.event("closed", secondCommit), nil)
	if err != nil {
		return err
	}
	if got := closed.outputs["status"]; got != "deleted" {
		return fmt.Errorf("closed: status is %q, want deleted", got)
	}
	p.comment()
	return p.nothingLeft(ctx)
}

func (p *play) bootstrap(ctx context.Context) error {
	p.title("A person creates the base stack, once: bootstrap")
	bootstrap, err := p.act(ctx, "workflow_dispatch", nil, map[string]string{"INPUT_COMMAND": "bootstrap"})
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(bootstrap.outputs["stack-outputs"]), &p.boundary); err != nil {
		return fmt.Errorf("bootstrap: read the output stack-outputs: %w", err)
	}
	return nil
}

// deploy plays a deployment and asks the URL, as the next step of a workflow would.
func (p *play) deploy(ctx context.Context, action, commit, status string) error {
	inputs, err := p.app.inputs(p.boundary["RepositoryName"], commit)
	if err != nil {
		return err
	}
	deployed, err := p.act(ctx, "pull_request", p.event(action, commit), inputs)
	if err != nil {
		return err
	}
	if got := deployed.outputs["status"]; got != status {
		return fmt.Errorf("%s: status is %q, want %s", action, got, status)
	}
	answer, err := ask(ctx, deployed.outputs["url"])
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "  $ curl %s\n  %s\n", deployed.outputs["url"], answer)
	if !strings.Contains(answer, commit[:12]) {
		return fmt.Errorf("%s answers %q, want the code of commit %s", deployed.outputs["url"], answer, commit[:12])
	}
	return nil
}

// act runs the action once, as a step of a workflow, and fails if the step does.
func (p *play) act(ctx context.Context, event string, payload []byte, inputs map[string]string) (step, error) {
	path := filepath.Join(p.dir, "event.json")
	if payload == nil {
		payload = []byte("{}")
	}
	if err := os.WriteFile(path, payload, 0o600); err != nil {
		return step{}, err
	}
	environ := map[string]string{
		"GITHUB_EVENT_NAME":  event,
		"GITHUB_EVENT_PATH":  path,
		"GITHUB_REPOSITORY":  "octo-org/" + service,
		"GITHUB_SHA":         firstCommit,
		"GITHUB_WORKSPACE":   p.app.workspace,
		"GITHUB_SERVER_URL":  "https://github.com",
		"GITHUB_RUN_ID":      "1",
		"INPUT_AWS-REGION":   "eu-north-1",
		"INPUT_GITHUB-TOKEN": "ghs_demo",
		"HOME":               p.dir,
		"DOCKER_HOST":        os.Getenv("DOCKER_HOST"),
	}
	maps.Copy(environ, inputs)
	result, err := p.runner.run(environ, func(environ []string, stdout io.Writer) int {
		return command.Main(ctx, command.Process{Environ: environ, Dir: p.app.workspace, Stdout: stdout, AWS: p.account.sdk, GitHub: p.github})
	})
	if err == nil {
		err = p.save(fmt.Sprintf("summary-%d.md", p.runner.steps), result.summary)
	}
	if err == nil && result.exitCode != 0 {
		err = fmt.Errorf("the action ended with exit code %d", result.exitCode)
	}
	return result, err
}

// event is GitHub's payload for the pull request, with the commit as its head.
func (p *play) event(action, commit string) []byte {
	payload, err := os.ReadFile(filepath.Join(p.root, "testdata", "event", "pull_request."+action+".json"))
	if err != nil {
		return nil // the action says that it is missing
	}
	var fields map[string]any
	if err := json.Unmarshal(payload, &fields); err != nil {
		return payload
	}
	fields["pull_request"].(map[string]any)["head"].(map[string]any)["sha"] = commit
	payload, _ = json.Marshal(fields)
	return payload
}

// comment shows the comment on the pull request as it is now.
func (p *play) comment() {
	for _, body := range p.github.Comments(7) {
		fmt.Fprintln(p.out, "\n  The comment on the pull request:")
		for line := range strings.Lines(body) {
			fmt.Fprint(p.out, "  │ "+line)
		}
		if err := p.save(fmt.Sprintf("comment-%d.md", p.runner.steps), body); err != nil {
			fmt.Fprintln(p.out, err)
		}
	}
}

// save keeps what a step left behind.
func (p *play) save(name, text string) error {
	if err := os.MkdirAll(p.keep, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.keep, name), []byte(text), 0o600)
}

func (p *play) title(words string) { fmt.Fprintf(p.out, "\n%s\n", words) }

func ask(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	return string(bytes.TrimSpace(body)), err
}

// checkout finds the root of the source, from any folder in it.
func checkout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "testdata", "hello-world-app")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("run it from a checkout of pr-stack, which has the app to deploy in testdata/hello-world-app")
		}
		dir = parent
	}
}
