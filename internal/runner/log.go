// Package runner speaks the protocol of the machine that runs the job: its log with groups and
// annotations, masks, and the files that outputs and the job summary go to. Outside GitHub it is
// plain text. Its callers decide what is written, and when.
//
// The runner reads commands from standard output, and much of what is shown there was written by
// others: a build's output, a stack's reasons, a container's log. So everything that is written to
// standard output must go through this package.
package runner

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/sethvargo/go-githubactions"

	"pr-stack/internal/plain"
)

// Log is the job's log. It is safe for concurrent use.
type Log struct {
	mu      sync.Mutex
	out     io.Writer
	getenv  func(string) string
	actions *githubactions.Action // nil outside GitHub
	secrets secrets
	stopped string // the word that makes the runner look for commands again; "" if not stopped
}

// New returns a log that writes to out. The environment says whether this is a job on GitHub
// (GITHUB_ACTIONS), and where the job's files are (GITHUB_OUTPUT, GITHUB_STEP_SUMMARY).
func New(out io.Writer, environ []string) *Log {
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	getenv := func(name string) string { return values[name] }
	l := &Log{out: out, getenv: getenv}
	if getenv("GITHUB_ACTIONS") == "true" {
		l.actions = githubactions.New(githubactions.WithWriter(out), githubactions.WithGetenv(getenv))
	}
	return l
}

// Line writes a line, or several if the arguments hold line breaks. The runner reads none of these
// lines as a command.
func (l *Log) Line(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for text := range strings.Lines(l.shown(fmt.Sprintf(format, args...))) {
		fmt.Fprintln(l.out, escape(strings.TrimRight(text, "\n")))
	}
}

// Prompt writes a question without a line break, after which a person answers.
func (l *Log) Prompt(question string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprint(l.out, escape(l.shown(question)))
}

// shown returns the text as the log may show it. On GitHub the runner masks secrets, too, but it
// does not know all of them.
func (l *Log) shown(text string) string { return l.secrets.redact(plain.Text(text)) }

// escape changes a line that the runner would take for a command: ::set-env:: at its start,
// ##[error] anywhere.
// https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
func escape(line string) string {
	line = bracket.ReplaceAllString(line, "## [")
	if colons.MatchString(line) {
		return ": " + strings.TrimSpace(line)
	}
	return line
}

// The runner compares texts by the rules of a culture, which ignore marks, such as the one that makes an
// emoji of a character.
var (
	bracket = regexp.MustCompile(`#[\p{M}\p{Cf}]*#[\p{M}\p{Cf}]*\[`)
	colons  = regexp.MustCompile(`^[\s\p{Z}\p{M}\p{Cf}]*:[\p{M}\p{Cf}]*:`)
)

// Group begins a part of the log that a reader can fold; EndGroup ends it. Groups do not nest.
func (l *Log) Group(title string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	title = l.shown(title)
	if l.actions == nil {
		fmt.Fprintln(l.out, title)
		return
	}
	l.actions.Group(title)
}

// EndGroup ends the group.
func (l *Log) EndGroup() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.actions != nil {
		l.actions.EndGroup()
	}
}

// Notice, Warning and Error show a message in the log and, on GitHub, beside the job. A title may
// be empty; a hint is shown on its own line.
func (l *Log) Notice(title, message string)  { l.annotate("notice", title, message) }
func (l *Log) Warning(title, message string) { l.annotate("warning", title, message) }

// Error shows why the job failed, and what to change.
func (l *Log) Error(message, hint string) {
	if hint != "" {
		message += "\nhint: " + hint
	}
	l.annotate("error", "", message)
}

func (l *Log) annotate(level, title, message string) {
	if l.actions == nil {
		if title != "" {
			message = title + ": " + message
		}
		l.Line("%s: %s", level, message)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	command := &githubactions.Command{Name: level, Message: bracket.ReplaceAllString(l.shown(message), "## [")}
	if title != "" {
		command.Properties = githubactions.CommandProperties{"title": l.shown(title)}
	}
	l.actions.IssueCommand(command)
}

// Debug shows a line only on GitHub, in runs with debug logging.
func (l *Log) Debug(format string, args ...any) {
	if l.actions == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped == "" { // while commands are stopped, every run would show the line as text
		l.actions.Debugf("%s", l.shown(fmt.Sprintf(format, args...)))
	}
}
