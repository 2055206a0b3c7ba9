package diagnosis

// templateCases are for what users' own templates ask of CloudFormation, and the template fargate does not.
var templateCases = []cause{
	{
		"parameter store", reason(`Unable to fetch parameters \[`), always("A parameter is not in Parameter Store"), resourceMessage,
		always("create it in Parameter Store (Systems Manager), or name another one in parameter-overrides. The one below /cdk-bootstrap " +
			"comes from `cdk bootstrap`; a template of the CDK does without it if its synthesizer has generateBootstrapVersionRule: false"),
	},
	{
		"nested template", reason(`TemplateURL must (?:be a supported URL|be an Amazon S3 URL|reference a valid S3 object)|not a valid S3 domain`),
		always("The template of a nested stack is not in S3"), resourceMessage,
		always("run `aws cloudformation package` before this step: it puts the files of nested stacks into a bucket, and writes a template " +
			"with their addresses, to be given as template"),
	},
	{
		"unreadable template", reason(`S3 error: `), always("CloudFormation could not read a template in S3"), resourceMessage,
		always("check that the file is there, and grant s3:GetObject on it to the role of this job, or to role-arn if that is set"),
	},
	{
		"no export", reason(`No export named`), always("No stack exports the value that the template imports"), resourceMessage,
		always("export it from a stack of this account and region, or take an output of the base stack, which becomes the parameter of its name"),
	},
	{
		"bucket not empty", reason(`bucket you tried to delete is not empty`), always("A bucket has objects, so it cannot be deleted"), resourceMessage,
		always("empty the bucket and run the job again"),
	},
}
