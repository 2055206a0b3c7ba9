package logs

import (
	"strings"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// permissions are the actions of AWS's resource schema (handlers.*.permissions; pulumi-aws-native
// 43eed3b, 2026-08-07), without those for properties that a log group here does not have: keys, data
// protection, delivery, index policies.
//
// The ARNs are those of the Service Authorization Reference: calls about the tags are on the group's
// ARN, other calls on that with :* at its end, and DescribeLogGroups is on no particular group.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
func (l *Logs) permissions() cloudformation.Permissions {
	group := func(r *cloudformation.Resource) string { return l.account.ARN("logs", "log-group:"+l.nameOf(r)+":*") }
	bare := func(r *cloudformation.Resource) string { return strings.TrimSuffix(group(r), ":*") }
	groups := func(*cloudformation.Resource) string { return l.account.ARN("logs", "log-group::log-stream:") }
	describe := cloudformation.OnARN(groups, "logs:DescribeLogGroups")
	readPolicies := cloudformation.All(
		cloudformation.OnARN(group, "logs:GetDataProtectionPolicy", "logs:DescribeIndexPolicies"),
		cloudformation.Anywhere("logs:DescribeResourcePolicies"),
	)
	retention := cloudformation.OnARN(group, "logs:PutRetentionPolicy").For("RetentionInDays")
	return cloudformation.Permissions{
		ARN:    group,
		Create: cloudformation.OnARN(group, "logs:CreateLogGroup").WithTags(),
		Made:   cloudformation.All(describe, retention, readPolicies),
		Read:   cloudformation.All(describe, cloudformation.OnARN(bare, "logs:ListTagsForResource"), readPolicies),
		Update: cloudformation.All(
			describe,
			retention.IfChanged(),
			cloudformation.OnARN(group, "logs:DeleteRetentionPolicy").Without("RetentionInDays"),
			cloudformation.OnARN(bare, "logs:ListTagsForResource"),
			cloudformation.OnARN(group, "logs:GetDataProtectionPolicy"),
			cloudformation.Anywhere("logs:DescribeResourcePolicies"),
		),
		Delete:    cloudformation.All(describe, cloudformation.OnARN(group, "logs:DeleteLogGroup", "logs:DeleteDataProtectionPolicy")),
		Tag:       cloudformation.OnARN(bare, "logs:TagResource").WithTags(),
		Untag:     cloudformation.OnARN(bare, "logs:UntagResource"),
		KeepsKeys: true, // providers-logs 5cc1716, TagHelper.generateTagsToRemove
		Refuse:    cloudformation.RefuseAs(l.account, "CloudWatchLogs", 400),
	}
}

func (l *Logs) nameOf(r *cloudformation.Resource) string {
	if name := property.Text(r.Properties["LogGroupName"]); name != "" {
		return name
	}
	return r.GeneratedName(l.account, 512)
}
