package cloudformation

// nestedPermissions are those of AWS::CloudFormation::Stack. A nested stack is created with the
// rights of whoever creates its parent.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
//
// It is inferred that these are the API's own calls, with the parent's tags, so that TagResource has the
// call in its context as it has for any other stack.
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
		Update: All(OnARN(arn, "cloudformation:UpdateStack").WithTags(), OnARN(arn, "cloudformation:DescribeStacks")),
		Delete: OnARN(arn, "cloudformation:DeleteStack", "cloudformation:DescribeStacks"),
		Tag:    OnARN(arn, "cloudformation:TagResource").WithTags().ContextOf("cloudformation:CreateAction", createAction),
		Untag:  OnARN(arn, "cloudformation:UntagResource").ContextOf("cloudformation:CreateAction", createAction),
		Refuse: RefuseAs(c.account, "CloudFormation", 403),
	}
}

// createAction returns the call that makes or changes a nested stack.
func createAction(r *Resource) string {
	if r.PhysicalID == "" {
		return "CreateStack"
	}
	return "UpdateStack"
}
