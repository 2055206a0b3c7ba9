package command

import (
	"pr-stack/internal/config"
	"pr-stack/internal/rollout"
	"pr-stack/internal/runner"
)

// concealNoEcho hides the values that the user gave to NoEcho parameters. CloudFormation shows them
// nowhere, but the container that gets one may write it to its log. The runner is not told, since it
// would drop each output that has such a value in it.
func concealNoEcho(job config.Deploy, plan rollout.Plan, log *runner.Log) {
	e := job.Environment
	for _, name := range plan.NoEcho {
		value := job.ParameterOverrides[name]
		if config.IsPrivate(value, config.ShortestNoEcho, e.Service, e.Name, job.StackName, job.Commit) {
			log.Conceal(value)
		}
	}
}
