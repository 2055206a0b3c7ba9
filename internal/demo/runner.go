package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// runner stands where GitHub's runner does: it gives a step its environment, reads the commands in its output, and shows
// the rest as the log page would.
type runner struct {
	out   io.Writer
	dir   string // of the runner's own files
	steps int
	masks []string
	mute  sync.Mutex
}

// step is what one step left behind.
type step struct {
	exitCode int
	outputs  map[string]string
	summary  string
}

// run runs one step. It is given the step's environment and where it writes its output.
func (r *runner) run(environ map[string]string, main func(environ []string, stdout io.Writer) int) (step, error) {
	r.steps++
	outputs := filepath.Join(r.dir, fmt.Sprintf("output-%d", r.steps))
	summary := filepath.Join(r.dir, fmt.Sprintf("summary-%d.md", r.steps))
	for _, path := range []string{outputs, summary} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return step{}, err
		}
	}
	list := []string{"GITHUB_ACTIONS=true", "GITHUB_OUTPUT=" + outputs, "GITHUB_STEP_SUMMARY=" + summary}
	for name, value := range environ {
		list = append(list, name+"="+value)
	}

	stdout, lines := io.Pipe()
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		r.show(stdout)
	}()
	result := step{exitCode: main(list, lines)}
	lines.Close()
	<-shown

	written, err := os.ReadFile(outputs)
	if err != nil {
		return step{}, err
	}
	text, err := os.ReadFile(summary)
	result.outputs, result.summary = parseOutputs(string(written)), string(text)
	return result, err
}

// parseOutputs reads the file that outputs go to: name<<delimiter, the value's lines, the delimiter.
func parseOutputs(text string) map[string]string {
	outputs := map[string]string{}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		name, delimiter, ok := strings.Cut(lines[i], "<<")
		if !ok {
			continue
		}
		var value []string
		for i++; i < len(lines) && lines[i] != delimiter; i++ {
			value = append(value, lines[i])
		}
		outputs[name] = strings.Join(value, "\n")
	}
	return outputs
}

// show writes a step's output as the log page shows it: groups unfolded, annotations in words, secrets as ***.
func (r *runner) show(stdout io.Reader) {
	indent, stopped := "", ""
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		name, value, isCommand := parseCommand(line)
		switch {
		case stopped != "" && line == "::"+stopped+"::":
			stopped = ""
		case stopped != "" || !isCommand:
			r.print(indent + line)
		case name == "stop-commands":
			stopped = value
		case name == "add-mask":
			r.mute.Lock()
			r.masks = append(r.masks, value)
			r.mute.Unlock()
		case name == "group":
			r.print("▾ " + value)
			indent = "  "
		case name == "endgroup":
			indent = ""
		case name == "error", name == "warning", name == "notice":
			for i, part := range strings.Split(value, "\n") {
				if i == 0 {
					part = strings.ToUpper(name[:1]) + name[1:] + ": " + part
				}
				r.print(indent + part)
			}
		}
	}
	_, _ = io.Copy(io.Discard, stdout) // a line too long for the page must not block the step
}

func (r *runner) print(line string) {
	r.mute.Lock()
	defer r.mute.Unlock()
	for _, secret := range r.masks {
		line = strings.ReplaceAll(line, secret, "***")
	}
	fmt.Fprintln(r.out, "  │ "+line)
}

// parseCommand takes ::name key=value::message apart.
func parseCommand(line string) (name, message string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimLeft(line, " "), "::")
	if !ok {
		return "", "", false
	}
	head, message, ok := strings.Cut(rest, "::")
	name, _, _ = strings.Cut(head, " ")
	return name, strings.NewReplacer("%0A", "\n", "%0D", "\r", "%25", "%").Replace(message), ok
}
