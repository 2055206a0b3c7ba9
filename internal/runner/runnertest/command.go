package runnertest

import (
	"slices"
	"strings"
)

// Command is one workflow command, ::name key=value,key=value::message.
type Command struct {
	Name       string
	Properties map[string]string
	Message    string
}

// names are the commands that the runner knows. A line with any other name is text.
// https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs
var names = []string{
	"add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice",
	"remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
}

var (
	unescapeMessage  = strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%")
	unescapeProperty = strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
)

// parseCommand reads one line. It reports false if the runner would show the line as text.
func parseCommand(line string) (Command, bool) {
	rest, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "::")
	if !ok {
		return Command{}, false
	}
	head, message, ok := strings.Cut(rest, "::")
	if !ok {
		return Command{}, false
	}
	name, list, _ := strings.Cut(head, " ")
	if !slices.Contains(names, name) {
		return Command{}, false
	}
	command := Command{Name: name, Properties: map[string]string{}, Message: unescapeMessage.Replace(message)}
	for pair := range strings.SplitSeq(list, ",") {
		if key, value, ok := strings.Cut(strings.TrimSpace(pair), "="); ok {
			command.Properties[key] = unescapeProperty.Replace(value)
		}
	}
	return command, true
}

// reader reads a log line by line. Between ::stop-commands::TOKEN and ::TOKEN:: every line is text.
type reader struct {
	token string // "" while commands are read
}

// command returns the command in a line and true, or false if the line is text. For the line ::TOKEN::
// that ends a stop-commands, it returns a command without a name.
func (r *reader) command(line string) (Command, bool) {
	if r.token != "" {
		if strings.TrimSpace(line) != "::"+r.token+"::" {
			return Command{}, false
		}
		r.token = ""
		return Command{}, true
	}
	command, ok := parseCommand(line)
	if ok && command.Name == "stop-commands" {
		r.token = command.Message
	}
	return command, ok
}

// Commands returns the commands of a log that the runner would carry out, in their order.
func Commands(log string) (list []Command) {
	var r reader
	for line := range strings.Lines(log) {
		if command, ok := r.command(strings.TrimRight(line, "\r\n")); ok && command.Name != "" {
			list = append(list, command)
		}
	}
	return list
}

// Annotations returns the messages of a log's commands of one level: error, warning or notice.
func Annotations(log, level string) (messages []string) {
	for _, command := range Commands(log) {
		if command.Name == level {
			messages = append(messages, command.Message)
		}
	}
	return messages
}
