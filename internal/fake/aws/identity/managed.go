package identity

import (
	"cmp"
	"fmt"

	"pr-stack/internal/fake/aws/iam"
	"pr-stack/internal/fake/aws/internal/wire"
)

// managedPolicies are the policies of AWS that roles of the fake may have.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
var managedPolicies = map[string]string{
	"arn:aws:iam::aws:policy/AdministratorAccess": `{
		"Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }]
	}`,
	"arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy": `{
		"Version": "2012-10-17",
		"Statement": [{
			"Effect": "Allow",
			"Action": [
				"ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer",
				"ecr:BatchGetImage", "logs:CreateLogStream", "logs:PutLogEvents"
			],
			"Resource": "*"
		}]
	}`,
}

// AddPolicy creates a managed policy of the account, and returns its ARN.
func (i *Identity) AddPolicy(name, text string) (arn string, err error) {
	arn = "arn:aws:iam::" + i.account.ID + ":policy/" + name
	if i.managed == nil {
		i.managed = map[string]string{}
	}
	i.managed[arn] = text
	_, err = iam.Parse(text)
	return arn, err
}

func (i *Identity) managedPolicy(arn string) (*iam.Policy, error) {
	text := cmp.Or(managedPolicies[arn], i.managed[arn])
	if text == "" {
		return nil, wire.Reason(fmt.Sprintf("Policy %s does not exist or is not attachable.", arn))
	}
	return iam.Parse(text)
}
