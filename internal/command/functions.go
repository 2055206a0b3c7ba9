package command

import (
	"strings"

	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/permissions"
)

// ofBase returns pr-stack's own values for the parameters of the base stack.
func ofBase(job config.Bootstrap) map[string]string {
	values := map[string]string{"Service": job.Service, "PreviewFunctions": previewFunctions(job.Service)}
	if job.Lambda {
		values["Lambda"] = "true"
	}
	return values
}

// previewFunctions returns patterns of the ARNs of the functions of a service's pull requests, joined by
// commas.
func previewFunctions(service string) string {
	names := permissions.FunctionNames(environment.PullRequestStacks(service))
	for i, name := range names {
		names[i] = "arn:*:lambda:*:*:function:" + name
	}
	return strings.Join(names, ",")
}
