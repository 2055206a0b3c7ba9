// Package runnertest reads what a step writes for GitHub's runner, as the runner does: the file of
// outputs, the workflow commands in the log, and the log as GitHub's log page shows it. It is for
// tests and the demo. It imports none of our packages, so that it cannot share a mistake with the code
// that writes.
package runnertest

import "strings"

// Outputs parses the file GITHUB_OUTPUT: name=value, or name<<delimiter, the value's lines and the
// delimiter.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-output-parameter
func Outputs(text string) map[string]string {
	outputs := map[string]string{}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		head, value, plain := strings.Cut(lines[i], "=")
		name, delimiter, heredoc := strings.Cut(lines[i], "<<")
		switch {
		case plain && (!heredoc || len(head) < len(name)):
			outputs[head] = value
		case heredoc:
			var value []string
			for i++; i < len(lines) && lines[i] != delimiter; i++ {
				value = append(value, lines[i])
			}
			outputs[name] = strings.Join(value, "\n")
		}
	}
	return outputs
}
