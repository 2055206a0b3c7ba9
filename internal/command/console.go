package command

import (
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/sethvargo/go-githubactions"

	"pr-stack/internal/report"
)

// console is the job's log and the runner's file commands. On a laptop it is plain text. It is safe for concurrent use.
//
// The runner reads commands from standard output, and much of what is shown here was written by others: a build's
// output, a stack's reasons, a container's log. So nothing reaches standard output but through this file.
type console struct {
	mu      sync.Mutex
	out     io.Writer
	getenv  func(string) string
	actions *githubactions.Action // nil on a laptop
	masked  []string
	stopped string // the word that makes the runner look for commands again; "" while it does
}

func newConsole(p Process) *console {
	environ := map[string]string{}
	for _, pair := range p.Environ {
		name, value, _ := strings.Cut(pair, "=")
		environ[name] = value
	}
	getenv := func(name string) string { return environ[name] }
	c := &console{out: p.Stdout, getenv: getenv}
	if getenv("GITHUB_ACTIONS") == "true" {
		c.actions = githubactions.New(githubactions.WithWriter(p.Stdout), githubactions.WithGetenv(getenv))
	}
	return c
}

// line writes one line, whatever the arguments hold.
func (c *console) line(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for text := range strings.Lines(fmt.Sprintf(format, args...)) {
		fmt.Fprintln(c.out, inert(strings.TrimRight(text, "\r\n")))
	}
}

// inert makes a line one that the runner does not take for a command: ::set-env:: at its start, ##[error] anywhere.
// https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
func inert(line string) string {
	line = strings.ReplaceAll(line, "\r", " ")
	line = strings.ReplaceAll(line, "##[", "## [")
	if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "::") {
		return ": " + trimmed
	}
	return line
}

// group begins a part of the log that a reader can fold; endGroup ends it.
func (c *console) group(title string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.actions == nil {
		fmt.Fprintln(c.out, title)
		return
	}
	c.actions.Group(title)
}

func (c *console) endGroup() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.actions != nil {
		c.actions.EndGroup()
	}
}

// mask hides a value from here on. While the runner looks for no commands it would show it instead, so it is made to
// look for this one.
func (c *console) mask(secret string) {
	if secret == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.masked = append(c.masked, secret)
	if c.actions == nil {
		return
	}
	if c.stopped != "" {
		c.resume()
		defer c.stop()
	}
	c.actions.AddMask(secret)
}

// stop makes the runner take what follows for text, until a word that nobody can guess.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#stopping-and-starting-workflow-commands
func (c *console) stop() {
	c.stopped = rand.Text()
	fmt.Fprintf(c.out, "::stop-commands::%s\n", c.stopped)
}

func (c *console) resume() {
	fmt.Fprintf(c.out, "::%s::\n", c.stopped)
	c.stopped = ""
}

func (c *console) notice(title, message string)  { c.annotate("notice", title, message) }
func (c *console) warning(title, message string) { c.annotate("warning", title, message) }

// failure shows why the command failed, the hint on a line of its own.
func (c *console) failure(f *report.Failure) {
	message := f.Message
	if f.Hint != "" {
		message += "\nhint: " + f.Hint
	}
	c.annotate("error", "", message)
}

// annotate shows a message in the log and, on GitHub, beside the job.
func (c *console) annotate(level, title, message string) {
	if c.actions == nil {
		if title != "" {
			message = title + ": " + message
		}
		c.line("%s: %s", level, message)
		return
	}
	message = strings.ReplaceAll(message, "##[", "## [")
	c.mu.Lock()
	defer c.mu.Unlock()
	command := &githubactions.Command{Name: level, Message: message}
	if title != "" {
		command.Properties = githubactions.CommandProperties{"title": title}
	}
	c.actions.IssueCommand(command)
}

// conceal takes what is masked out of a text that goes elsewhere than to the log, where the runner does so itself.
func (c *console) conceal(text string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, secret := range c.masked {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}

// redact conceals what is masked in a failure, which may quote anybody.
func (c *console) redact(f *report.Failure) *report.Failure {
	f.Message, f.Hint = c.conceal(f.Message), c.conceal(f.Hint)
	return f
}

// hides tells whether a value holds something that is masked. The runner drops such an output without a word.
func (c *console) hides(value string) bool {
	return c.actions != nil && slices.ContainsFunc(c.masked, func(secret string) bool { return strings.Contains(value, secret) })
}

// outputs hands the outputs to the steps that follow.
func (c *console) outputs(outputs []report.Output) {
	if c.actions == nil || c.getenv("GITHUB_OUTPUT") == "" {
		for _, o := range outputs {
			if o.Value != "" {
				c.line("%s=%s", o.Name, o.Value)
			}
		}
		return
	}
	c.fileCommand("outputs", func() {
		for _, o := range outputs {
			c.actions.SetOutput(o.Name, o.Value)
		}
	})
}

// summary adds to the job's summary page; on a laptop there is none.
func (c *console) summary(markdown string) {
	if c.actions == nil || c.getenv("GITHUB_STEP_SUMMARY") == "" {
		return
	}
	c.fileCommand("the job summary", func() { c.actions.AddStepSummary(markdown) })
}

// fileCommand turns go-githubactions' panic, with which it tells that a file could not be written, into a warning: the
// work is done by then, and a full disk must not hide it.
func (c *console) fileCommand(what string, write func()) {
	defer func() {
		if reason := recover(); reason != nil {
			c.warning("cannot write "+what, fmt.Sprint(reason))
		}
	}()
	write()
}

// quote returns a writer for somebody else's output, in which the runner looks for no command. Close it to go on.
func (c *console) quote() io.WriteCloser { return &quoted{console: c} }
