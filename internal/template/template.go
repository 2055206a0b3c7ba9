// Package template holds the CloudFormation templates that come with pr-stack, and the contract
// that every template follows: which value each parameter gets, and which output is the URL. It is
// pure except for ReadFile. It does not parse templates: CloudFormation reports what one declares.
package template

import (
	_ "embed"
	"maps"
)

var (
	// Base is the base stack's template. Each output has the name of the parameter that gets its value.
	//
	//go:embed base.yaml
	Base string

	// Fargate is the default template of a service stack: an ECS service, and how requests reach it. It
	// needs no capability.
	//
	//go:embed fargate.yaml
	Fargate string

	// Lambda is the template of a service stack that is a Lambda function, by default behind its own
	// load balancer. It needs no capability, and a base stack that offers functions.
	//
	//go:embed lambda.yaml
	Lambda string
)

// BucketOutput is the base stack's output with the name of the bucket for templates that are larger than
// MaxSize.
const BucketOutput = "TemplateBucketName"

// ByName returns the built-in template of that name, or "" if there is none.
func ByName(name string) string {
	return map[string]string{"fargate": Fargate, "lambda": Lambda}[name]
}

// The names of parameters that a stack is recognised by: what it is asked to be.
const (
	ImageParameter       = "ImageUri"    // the image to run
	CommitParameter      = "Commit"      // the full SHA of the code in it; also an output
	BuildInputsParameter = "BuildInputs" // a digest of what it was built from; also an output
	// BuiltCommitParameter is the commit that was checked out when the image was built; also an output. On
	// pull_request that is GitHub's merge of the pull request with its base, and not Commit.
	BuiltCommitParameter = "BuiltCommit"
)

// The names of what one-off tasks need of a template.
const (
	OneOffImageParameter  = "OneOffImageUri"          // the image of the task definition for one-off tasks; "": none
	OneOffOutput          = "OneOffTaskDefinitionArn" // that task definition
	SeededByParameter     = "SeededBy"                // the commit whose code seeded the environment; also an output
	DesiredCountParameter = "DesiredCount"            // how many tasks the service runs

	ArchitectureParameter       = "CpuArchitecture"       // that images are built for
	OneOffArchitectureParameter = "OneOffCpuArchitecture" // the same, of OneOffImageUri
)

// IsPrepared reports whether a stack with these parameters was created for one-off tasks, and runs no
// service yet.
func IsPrepared(parameters map[string]string) bool {
	return parameters[OneOffImageParameter] != "" && parameters[DesiredCountParameter] == "0"
}

// Commit returns the commit that a stack with these parameters and outputs was brought to, or "" if
// its template declares neither. During an update, CloudFormation shows the new parameters from the
// beginning, and the new outputs at the end; after a rollback both are the old ones.
func Commit(parameters, outputs map[string]string) string {
	if commit := outputs[CommitParameter]; commit != "" {
		return commit
	}
	return parameters[CommitParameter]
}

// permanent begins the name of each output of the base stack that permanent environments get in place
// of the one whose name follows.
const permanent = "Permanent"

// ownOfPermanent are the outputs that permanent environments have of their own.
var ownOfPermanent = []string{
	"RepositoryName", "RepositoryUri", "TaskExecutionRoleArn", "TaskRoleArn", "FunctionRoleArn", "InfrastructureRoleArn",
}

// BaseValues returns the base stack's outputs as an environment gets them. One that belongs to no pull
// request, such as production, gets the image repository and the roles that no pull request's
// environment uses. Shared are the outputs that it has to share because an older base stack has none
// of its own. Environments of pull requests are not given the permanent ones by any name.
func BaseValues(outputs map[string]string, isPermanent bool) (values map[string]string, shared []string) {
	values = maps.Clone(outputs)
	for _, name := range ownOfPermanent {
		own, found := outputs[permanent+name]
		delete(values, permanent+name)
		switch {
		case isPermanent && found:
			values[name] = own
		case isPermanent && outputs[name] != "":
			shared = append(shared, name)
		}
	}
	return values, shared
}

// URL returns the URL of a stack with these outputs: the output Url, else the load balancer's name
// in LoadBalancerDNSName, by HTTP. A stack may have neither. The run requests whatever the output Url
// names: the template is this repository's own, and only the status of the answer is shown.
func URL(outputs map[string]string) (url string, ok bool) {
	if url := outputs["Url"]; url != "" {
		return url, true
	}
	if host := outputs["LoadBalancerDNSName"]; host != "" {
		return "http://" + host, true
	}
	return "", false
}
