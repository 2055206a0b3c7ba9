package command

import (
	"strings"

	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
	"pr-stack/internal/permissions"
)

// functionRole is the base stack's output with the role of functions, and the parameter that gets it.
const functionRole = "FunctionRoleArn"

// functionParameters returns pr-stack's own values of the base stack's parameters about functions.
func functionParameters(job config.Bootstrap) map[string]string {
	values := map[string]string{"PreviewFunctions": previewFunctions(job.Service)}
	if job.Lambda {
		values["Lambda"] = "true"
	}
	return values
}

// checkFunctions returns an error if the template is lambda and the base stack has no role for functions.
func checkFunctions(job config.Deploy, base map[string]string) error {
	if job.Template.Name != "lambda" || base[functionRole] != "" || job.ParameterOverrides[functionRole] != "" {
		return nil
	}
	return hint.New("run bootstrap again with template: lambda", "deploy template lambda: base stack %s has no output %s",
		job.BaseStack, functionRole)
}

// callsFunction reports whether an HTTP API of the environment may call a function. That needs no VPC link
// of the base stack, only the role of functions.
func callsFunction(job config.Deploy, ingress config.Ingress, base map[string]string) bool {
	return ingress == config.HTTPAPI && job.Template.Name != "fargate" && base[functionRole] != ""
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
