package permissions

// templates: an own template that is larger than a call may be is put into the base stack's bucket, under
// the stack's name, and CloudFormation reads it there with the caller's rights. An older base stack has no
// bucket. The name of a bucket has no account: once somebody has deleted the bucket, anyone may have one of
// that name, and would then read templates, and put others in their place.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
func (s scope) templates() []Statement {
	if s.bucket == "" {
		return nil
	}
	var keys []string
	for _, name := range s.stacks {
		keys = append(keys, "arn:"+s.partition+":s3:::"+s.bucket+"/"+name+"/*")
	}
	return []Statement{allow("Templates", on("s3", "PutObject", "GetObject"), keys,
		Condition{"StringEquals": {"aws:ResourceAccount": {s.account}}})}
}
