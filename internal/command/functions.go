package command

import (
	"strings"

	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
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

// checkFunctions returns an error if the template lambda is asked for, and the base stack has no role for
// functions.
func checkFunctions(job config.Deploy, base map[string]string) error {
	const role = "FunctionRoleArn"
	if job.Template.Name != "lambda" || base[role] != "" || job.ParameterOverrides[role] != "" {
		return nil
	}
	return hint.New("run bootstrap again with template: lambda", "deploy template lambda: base stack %s has no output %s",
		job.BaseStack, role)
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
