// Package dynamodb is DynamoDB's tables as CloudFormation makes them. They hold no items.
package dynamodb

import (
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
)

// Types returns tables.
func Types(a *account.Account) map[string]cloudformation.Type {
	table := cloudformation.Timed(a, 31*time.Second, 12*time.Second, func(r *cloudformation.Resource) {
		r.PhysicalID = nameOf(a, r)
		r.Attributes["Arn"] = a.ARN("dynamodb", "table/"+r.PhysicalID)
	})
	// createOnlyProperties of AWS's schema (pulumi-aws-native, aws-dynamodb-table.json). Whether a change
	// of the keys replaces a table is documented with each property.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-table.html
	table.Replaces = cloudformation.AnyChanged("TableName", "ImportSourceSpecification", "KeySchema", "LocalSecondaryIndexes")
	table.Required = []string{"KeySchema"}
	table.Taggable, table.Retag = true, 5*time.Second // not recorded
	table.Permissions = permissions(a)
	return map[string]cloudformation.Type{"AWS::DynamoDB::Table": table}
}

func nameOf(a *account.Account, r *cloudformation.Resource) string {
	if name := property.Text(r.Properties["TableName"]); name != "" {
		return name
	}
	return r.GeneratedName(a, 255)
}

// permissions are the actions of AWS's resource schema (pulumi-aws-native, aws-dynamodb-table.json,
// handlers.*.permissions), without those for imports, streams and keys of KMS.
func permissions(a *account.Account) cloudformation.Permissions {
	arn := func(r *cloudformation.Resource) string { return a.ARN("dynamodb", "table/"+nameOf(a, r)) }
	on := func(actions ...string) cloudformation.Needs { return cloudformation.OnARN(arn, actions...) }
	more := cloudformation.All(
		on("dynamodb:UpdateTimeToLive", "dynamodb:DescribeTimeToLive").For("TimeToLiveSpecification"),
		on("dynamodb:UpdateContinuousBackups").For("PointInTimeRecoverySpecification"),
	)
	return cloudformation.Permissions{
		ARN:    arn,
		Create: on("dynamodb:CreateTable").WithTags(),
		Made:   cloudformation.All(on("dynamodb:DescribeTable"), more),
		Read: on("dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeContributorInsights",
			"dynamodb:DescribeKinesisStreamingDestination", "dynamodb:ListTagsOfResource", "dynamodb:GetResourcePolicy"),
		Update: cloudformation.All(on("dynamodb:DescribeTable"), on("dynamodb:UpdateTable").IfChanged(), more),
		Delete: on("dynamodb:DeleteTable", "dynamodb:DescribeTable"),
		Tag:    on("dynamodb:TagResource").WithTags(),
		Untag:  on("dynamodb:UntagResource"),
		Refuse: cloudformation.RefuseAs(a, "DynamoDb", 400),
	}
}
