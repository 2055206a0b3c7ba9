package ecr

import (
	"fmt"
	"strings"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
)

// permissions are the actions of AWS's resource schema (handlers.*.permissions; pulumi-aws-native
// 43eed3b, 2026-08-07), without those for keys of KMS. The ARNs are those of the Service
// Authorization Reference.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
func (e *ECR) permissions() cloudformation.Permissions {
	arn := func(r *cloudformation.Resource) string { return e.account.ARN("ecr", "repository/"+e.nameOf(r)) }
	on := func(actions ...string) cloudformation.Needs { return cloudformation.OnARN(arn, actions...) }
	policies := cloudformation.All(
		on("ecr:PutLifecyclePolicy").For("LifecyclePolicy"),
		on("ecr:SetRepositoryPolicy").For("RepositoryPolicyText"),
	)
	return cloudformation.Permissions{
		ARN:    arn,
		Create: on("ecr:CreateRepository").WithTags(),
		Made:   policies,
		Read:   on("ecr:DescribeRepositories", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy", "ecr:ListTagsForResource"),
		Update: cloudformation.All(
			on("ecr:DescribeRepositories"),
			policies,
			on("ecr:DeleteLifecyclePolicy").Without("LifecyclePolicy"),
			on("ecr:DeleteRepositoryPolicy").Without("RepositoryPolicyText"),
			on("ecr:PutImageScanningConfiguration").For("ImageScanningConfiguration"),
			on("ecr:PutImageTagMutability").For("ImageTagMutability"),
		),
		Delete: on("ecr:DeleteRepository"),
		Tag:    on("ecr:TagResource").WithTags(),
		Untag:  on("ecr:UntagResource"),
		Refuse: e.refuse,
	}
}

// refuse returns a denial in the words of ECR's handler (aws-cdk#21571): without the caller and the
// resource.
func (e *ECR) refuse(d *account.Denied, _ bool) error {
	operation := strings.TrimPrefix(d.Access.Action, "ecr:")
	return cloudformation.HandlerError(e.account, fmt.Sprintf("Access denied for operation '%s'.", operation), "AccessDenied")
}

func (e *ECR) nameOf(r *cloudformation.Resource) string {
	if name := property.Text(r.Properties["RepositoryName"]); name != "" {
		return name
	}
	return strings.ToLower(r.GeneratedName(e.account, 256))
}
