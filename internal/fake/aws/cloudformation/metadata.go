package cloudformation

import "time"

// metadataTypes are AWS::CDK::Metadata, which names the constructs of a CDK app. CloudFormation makes
// nothing of it and calls no service, so that nobody needs permissions for it.
// https://docs.aws.amazon.com/cdk/v2/guide/usage-data.html
func (c *Engine) metadataTypes() map[string]Type {
	return map[string]Type{"AWS::CDK::Metadata": Timed(c.account, time.Second, time.Second, func(r *Resource) {
		r.PhysicalID = c.account.UUID()
	})}
}
