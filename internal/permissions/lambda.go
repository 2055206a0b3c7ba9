package permissions

import (
	"slices"
	"strings"
)

// maxStackInName is how many characters of the stack's name are in the name of the template's function.
// CloudFormation generates names of at most 64 characters for functions: STACK-Function-RANDOM.
const maxStackInName = 42

// FunctionNames returns patterns of the names that CloudFormation generates for functions in stacks whose
// names match these patterns, which end in *. CloudFormation cuts a long stack name off, so a pattern has
// only its beginning.
func FunctionNames(stacks []string) (patterns []string) {
	for _, name := range stacks {
		name = strings.TrimSuffix(singleHyphens(name), "*")
		patterns = append(patterns, name[:min(len(name), maxStackInName)]+"*")
	}
	slices.Sort(patterns)
	return slices.Compact(patterns)
}

// functionARNs returns the ARNs of the stacks' functions. If the service's name is long, its environments
// cannot be told apart by these names, so each statement that changes something also requires the tags. The
// tags alone are not enough: the policy of the repository for permanent environments decides by a function's
// name whether Lambda may pull from it.
func (s scope) functionARNs() (list []string) {
	for _, name := range FunctionNames(s.stacks) {
		list = append(list, s.arn("lambda", "function:"+name))
	}
	return list
}

// functions are the statements for functions. There are none if the base stack does not offer functions.
//
// A target group names the function that it calls. No policy of the role can limit which function: only the
// function's own policy can, and that of the template lets every target group of the account call it.
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
