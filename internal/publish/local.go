package publish

import (
	"pr-stack/internal/report"
	"pr-stack/internal/runner"
)

// Local writes the result to the outputs, the summary and the end of the log, where workflows and
// people look. It is the last step of a run. It removes secrets from the summary and the log, but
// not from the outputs: GitHub drops an output that holds a secret.
func Local(log *runner.Log, result report.Result) {
	list, refused := report.Outputs(result)
	for _, name := range refused {
		log.Warning("output "+name+" is left out",
			"its value has a line break, which GitHub would read as another output")
	}
	outputs := make([]runner.Output, 0, len(list))
	for _, o := range list {
		if log.ContainsSecret(o.Value) {
			log.Warning("output "+o.Name+" may be lost",
				"it contains a value that is masked as a secret, and GitHub drops such outputs")
		}
		outputs = append(outputs, runner.Output(o))
	}
	log.Outputs(outputs)
	result = report.Redacted(result, log.Clean, log.Redact)
	log.Summary(log.Redact(report.Summary(result)))
	switch run := result.Common(); run.Ending {
	case report.Skipped:
		log.Notice("skipped", run.Reason)
	case report.Failed, report.Interrupted:
		if _, ok := result.(*report.Doctor); ok {
			log.Line("%s", report.Line(result))
		}
		for _, f := range report.Failures(result) {
			log.Error(f.Text(), f.Hint)
		}
	default:
		log.Line("%s", report.Line(result)) // below the groups, which GitHub folds
	}
}
