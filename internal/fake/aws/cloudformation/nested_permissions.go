package cloudformation

// nestedPermissions are those of AWS::CloudFormation::Stack. A nested stack is created with the
// rights of whoever creates its parent.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
func (c *Engine) nestedPermissions() Permissions {
	arn := func(r *Resource) string {
		if r.PhysicalID != "" {
			return r.PhysicalID
		}
		return c.account.ARN("cloudformation", "stack/"+r.GeneratedName(c.account, 128)+"/*")
	}
	return Permissions{
		ARN:    arn,
		Create: OnARN(arn, "cloudformation:CreateStack").WithTags(),
		Made:   OnARN(arn, "cloudformation:DescribeStacks"),
		Read:   OnARN(arn, "cloudformation:DescribeStacks"),
		Update: OnARN(arn, "cloudformation:UpdateStack", "cloudformation:DescribeStacks"),
		Delete: OnARN(arn, "cloudformation:DeleteStack", "cloudformation:DescribeStacks"),
		Tag:    OnARN(arn, "cloudformation:TagResource").WithTags(),
		Untag:  OnARN(arn, "cloudformation:UntagResource"),
		Refuse: RefuseAs(c.account, "CloudFormation", 403),
	}
}
