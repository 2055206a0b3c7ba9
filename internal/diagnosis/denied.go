package diagnosis

import (
	"regexp"
	"strings"
)

// deniedWords matches AWS's words for a permission that is missing. If it is a permission to tag,
// CloudFormation adds words of its own, and not every service names the action
// (cloudfront-authorization-at-edge#260, aws-cdk#21571).
const deniedWords = `(?i)not authorized|AccessDenied|access denied|UnauthorizedOperation|permissions? error|unauthorized ?tagging`

var (
	tagging = regexp.MustCompile(`(?i)tagging operation|unauthorizedTagging|operation '(?:un)?tag`)

	// actionNames match an action with its service. The second form is that of the older handlers of EC2
	// (convox/rack#2142).
	actionNames = []*regexp.Regexp{
		regexp.MustCompile(`perform: ([\w-]+):([\w*]+)`),
		regexp.MustCompile(`\bAPI: ([\w-]+):(\w+)`),
		regexp.MustCompile(`permission to call ([\w-]+):(\w+)`), // of CloudFormation itself (aws-cdk#20959)
	}
	operationName = regexp.MustCompile(`(?i)denied for operation '(\w+)'`)
)

// deniedAction returns the action that AWS denied, such as ecr:UntagResource, or "" if AWS does not name
// it.
func deniedAction(f Facts) string {
	words := f.Resource.Reason + " " + f.Reason
	for _, name := range actionNames {
		if found := name.FindStringSubmatch(words); found != nil {
			return found[1] + ":" + capitalized(found[2])
		}
	}
	found, prefix := operationName.FindStringSubmatch(words), iamPrefix(f.Resource.Type)
	if found == nil || prefix == "" {
		return ""
	}
	return prefix + ":" + capitalized(found[1])
}

// capitalized returns an action as IAM documents it: DeleteTags for deleteTags.
func capitalized(action string) string { return strings.ToUpper(action[:1]) + action[1:] }

// iamPrefixes are the services whose actions have another prefix than their resource types.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var iamPrefixes = map[string]string{
	"ApiGatewayV2": "apigateway", "ApplicationAutoScaling": "application-autoscaling", "CertificateManager": "acm",
	"Cognito": "cognito-idp", "EFS": "elasticfilesystem", "ElasticLoadBalancingV2": "elasticloadbalancing",
	"KinesisFirehose": "firehose", "MSK": "kafka", "OpenSearchService": "es", "StepFunctions": "states",
}

// iamPrefix returns the prefix of the actions on a resource type: ecr for AWS::ECR::Repository.
func iamPrefix(resourceType string) string {
	parts := strings.Split(resourceType, "::")
	if len(parts) != 3 || parts[0] != "AWS" {
		return ""
	}
	if prefix := iamPrefixes[parts[1]]; prefix != "" {
		return prefix
	}
	return strings.ToLower(parts[1])
}

func deniedSummary(f Facts) string {
	switch action := deniedAction(f); {
	case action != "":
		return "AWS did not allow " + action
	case tagging.MatchString(f.Resource.Reason + " " + f.Reason):
		return "AWS did not allow a change of a resource's tags"
	}
	return "AWS denied permission"
}

func deniedHint(f Facts) string {
	what, prefix, words := "the permission", iamPrefix(f.Resource.Type), f.Resource.Reason+" "+f.Reason
	switch action := deniedAction(f); {
	case strings.Contains(words, "explicit deny"):
		return "a statement of the policy that AWS names denies it, which no permission outweighs: change that statement, " +
			"or what the template asks for"
	case action != "":
		what = action
	case tagging.MatchString(words) && prefix != "":
		what = "the actions of " + prefix + " that add and remove tags"
	case tagging.MatchString(words):
		what = "the actions that add and remove tags"
	}
	return "grant " + what + " to the role of this job, or to role-arn if that is set; " +
		"the roles that bootstrap makes have what the templates fargate and lambda need (README.md, Permissions)"
}
