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
	// Version 2, without what it allows of Network Load Balancers. Later ones are not recorded.
	"arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers": `{
		"Version": "2012-10-17",
		"Statement": [
			{
				"Effect": "Allow",
				"Action": [
					"elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules",
					"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth"
				],
				"Resource": "*"
			},
			{
				"Effect": "Allow",
				"Action": ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
				"Resource": "arn:aws:elasticloadbalancing:*:*:targetgroup/*/*"
			},
			{
				"Effect": "Allow",
				"Action": "elasticloadbalancing:ModifyListener",
				"Resource": "arn:aws:elasticloadbalancing:*:*:listener/app/*/*/*"
			},
			{
				"Effect": "Allow",
				"Action": "elasticloadbalancing:ModifyRule",
				"Resource": "arn:aws:elasticloadbalancing:*:*:listener-rule/app/*/*/*/*"
			}
		]
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

// PutPolicy creates a managed policy of the account, or changes it, at once also for the roles that have
// it, and returns its ARN.
func (i *Identity) PutPolicy(path, name, text string) (arn string, err error) {
	policy, err := iam.Parse(text)
	if err != nil {
		return "", fmt.Errorf("policy %s: %w", name, err)
	}
	arn = "arn:aws:iam::" + i.account.ID + ":policy" + cmp.Or(path, "/") + name
	if i.policies[arn] == nil {
		i.policies[arn] = &iam.Policy{}
	}
	*i.policies[arn] = *policy
	return arn, nil
}

// RemovePolicy deletes a managed policy of the account.
func (i *Identity) RemovePolicy(arn string) { delete(i.policies, arn) }

// managedPolicy returns a policy of the account or of AWS.
func (i *Identity) managedPolicy(arn string) (*iam.Policy, error) {
	if own := i.policies[arn]; own != nil {
		return own, nil
	}
	text, known := managedPolicies[arn]
	if !known {
		return nil, wire.Reason(fmt.Sprintf("Policy %s does not exist or is not attachable.", arn))
	}
	return iam.Parse(text)
}
