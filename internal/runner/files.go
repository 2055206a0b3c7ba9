package runner

import "fmt"

// Output is one output of the action.
type Output struct {
	Name, Value string
}

// Outputs hands outputs to the steps that follow; outside GitHub it shows those that are not empty. A
// value must hold no line break: the file would take the next line for another output.
func (l *Log) Outputs(outputs []Output) {
	if l.actions == nil || l.getenv("GITHUB_OUTPUT") == "" {
		for _, o := range outputs {
			if o.Value != "" && o.Value != "{}" { // what is known
				l.Line("%s=%s", o.Name, o.Value)
			}
		}
		return
	}
	l.writeFile("outputs", func() {
		for _, o := range outputs {
			l.actions.SetOutput(o.Name, o.Value)
		}
	})
}

// Summary adds to the job's summary page; outside GitHub there is none.
func (l *Log) Summary(markdown string) {
	if l.actions == nil || l.getenv("GITHUB_STEP_SUMMARY") == "" {
		return
	}
	l.writeFile("the job summary", func() { l.actions.AddStepSummary(markdown) })
}

// writeFile turns go-githubactions' panic, by which it says that a file could not be written, into a
// warning: the work is done by then, and a full disk must not hide it.
func (l *Log) writeFile(what string, write func()) {
	defer func() {
		if reason := recover(); reason != nil {
			l.Warning("cannot write "+what, fmt.Sprint(reason))
		}
	}()
	write()
}
