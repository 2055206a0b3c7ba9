package runner

import "fmt"

// Output is one output of the action.
type Output struct {
	Name, Value string
}

// Outputs passes outputs to the steps that follow; outside GitHub it shows those that are not empty
// and not {}. A value must hold no line break: in the file, the next line could become another output.
func (l *Log) Outputs(outputs []Output) {
	if l.ShowsOutputs() {
		for _, o := range outputs {
			if o.Value != "" && o.Value != "{}" { // show only known values
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

// ShowsOutputs reports whether Outputs shows outputs in the log, because nothing reads them.
func (l *Log) ShowsOutputs() bool { return l.actions == nil || l.getenv("GITHUB_OUTPUT") == "" }

// Summary adds to the job's summary page; outside GitHub there is none.
func (l *Log) Summary(markdown string) {
	if l.actions == nil || l.getenv("GITHUB_STEP_SUMMARY") == "" {
		return
	}
	l.writeFile("the job summary", func() { l.actions.AddStepSummary(markdown) })
}

// writeFile calls write and turns its panic into a warning. go-githubactions panics if it cannot
// write a file; by then the work of the run is done, and a full disk must not hide that.
func (l *Log) writeFile(what string, write func()) {
	defer func() {
		if reason := recover(); reason != nil {
			l.Warning("cannot write "+what, fmt.Sprint(reason))
		}
	}()
	write()
}
