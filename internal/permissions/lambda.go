package permissions

import (
	"slices"
	"strings"
)

// maxStackInName is how much of its stack's name the name of the template's function has at most.
// CloudFormation makes names of functions of 64 characters: STACK-Function-RANDOM.
const maxStackInName = 42

// FunctionNames returns patterns of the names that CloudFormation generates for functions in stacks whose
// names match these patterns, which end in *. Of a long name, as of a function with a long logical ID, only
// the beginning is left.
func FunctionNames(stacks []string) (patterns []string) {
	for _, name := range stacks {
		for strings.Contains(name, "--") {
			name = strings.ReplaceAll(name, "--", "-")
		}
		name = strings.TrimSuffix(name, "*")
		patterns = append(patterns, name[:min(len(name), maxStackInName)]+"*")
	}
	slices.Sort(patterns)
	return slices.Compact(patterns)
}

// functionARNs returns the ARNs of the stacks' functions. The names alone do not tell environments of a
// service with a long name apart, so each statement that changes something wants the tags as well. The
// tags alone are not enough: by a function's name, the policy of the repository for permanent
// environments decides whether Lambda may pull from it.
func (s scope) functionARNs() (list []string) {
	for _, name := range FunctionNames(s.stacks) {
		list = append(list, s.arn("lambda", "function:"+name))
	}
	return list
}

// functions are the statements for functions. There are none if the base stack does not offer functions.
//
// A target group names the function that it calls, and nothing can limit which: that is up to the policy of
// each function. The template's lets every target group of the account call it.
func (s scope) functions() []Statement {
	if s.functionRole == "" {
		return nil
	}
	return []Statement{
		allow("ReadFunctions", on("lambda", "GetFunction", "GetFunctionCodeSigningConfig", "GetFunctionRecursionConfig",
			"GetFunctionScalingConfig", "GetPolicy", "GetRuntimeManagementConfig"), s.functionARNs(), nil),
		allow("ReadFunctionLogs", on("logs", "FilterLogEvents"), s.logGroups(), nil),
		allow("CreateFunctions", on("lambda", "CreateFunction", "TagResource"), s.functionARNs(), throughCloudFormation(s.tagged(requestTag))),
		allow("Functions", on("lambda", "UpdateFunctionCode", "UpdateFunctionConfiguration", "DeleteFunction", "UntagResource",
			"AddPermission", "RemovePermission"), s.functionARNs(), throughCloudFormation(s.tagged(resourceTag))),
		allow("RegisterFunctions", on("elasticloadbalancing", "RegisterTargets"), []string{s.arn("elasticloadbalancing", "targetgroup/*")},
			throughCloudFormation(s.tagged(resourceTag))),
		allow("PassFunctionRole", on("iam", "PassRole"), []string{s.functionRole},
			Condition{"StringEquals": {"iam:PassedToService": {"lambda.amazonaws.com"}}}),
	}
}

// deletedFunctions are the statements of a role that only deletes.
func (s scope) deletedFunctions() []Statement {
	if s.functionRole == "" {
		return nil
	}
	return []Statement{
		allow("ReadFunctions", on("lambda", "GetFunction"), s.functionARNs(), nil),
		allow("Functions", on("lambda", "DeleteFunction", "RemovePermission"), s.functionARNs(), throughCloudFormation(s.tagged(resourceTag))),
	}
}
