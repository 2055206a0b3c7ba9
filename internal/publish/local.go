package publish

import (
	"pr-stack/internal/report"
	"pr-stack/internal/runner"
)

// Local writes the result to the outputs, the summary and the end of the log, where workflows and
// people look. It is the last step of a run. It removes secrets from the summary, the log and the output
// environments, but not from other outputs: GitHub drops an output that holds a secret.
func Local(log *runner.Log, result report.Result) {
	list, refused := report.Outputs(result)
	for _, name := range refused {
		log.Warning("output "+name+" is left out",
			"its value has a line break, which GitHub would read as another output")
	}
	outputs := make([]runner.Output, 0, len(list))
	for _, o := range list {
		if overview, ok := result.(*report.Overview); ok && o.Name == "environments" {
			// GitHub would drop all of it for the number of the account, which is in ARNs.
			o.Value = report.Redacted(overview, log.Clean, log.Redact).(*report.Overview).JSON()
		}
		if log.ContainsSecret(o.Value) {
			log.Warning("output "+o.Name+" may be lost",
				"it contains a value that is masked as a secret, and GitHub drops such outputs")
		}
		outputs = append(outputs, runner.Output(o))
	}
	if overview, ok := result.(*report.Overview); !ok || !overview.AsJSON || !log.ShowsOutputs() {
		log.Outputs(outputs)
	}
	result = report.Redacted(result, log.Clean, log.Redact)
	log.Summary(log.Redact(report.Summary(result)))
	switch run := result.Common(); run.Ending {
	case report.Skipped:
		log.Notice("skipped", report.SkipReason(result))
	case report.Failed, report.Interrupted:
		switch result.(type) {
		case *report.Doctor, *report.Promotion: // what is live is no part of why it failed
			log.Line("%s", report.Line(result))
		}
		for _, f := range report.Failures(result) {
			log.Error(f.Text(), f.Hint)
		}
	default:
		if o, ok := result.(*report.Overview); ok && overview(log, o) {
			return
		}
		log.Line("%s", report.Line(result)) // below the groups, which GitHub folds
	}
}

// overview writes the environments to the log, and reports whether they are all that it is to show.
func overview(log *runner.Log, o *report.Overview) (alone bool) {
	if o.AsJSON {
		log.Line("%s", o.JSON())
		return true
	}
	for _, line := range o.Lines() {
		log.Line("%s", line)
	}
	return false
}
