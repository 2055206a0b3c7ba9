package permissions_test

import (
	"strings"
	"testing"

	"pr-stack/internal/permissions"
)

// In China and in GovCloud, ARNs begin with another partition than aws.
func TestPolicies_are_of_the_base_stacks_partition(t *testing.T) {
	const prefix = "arn:aws-cn:"
	outputs := map[string]string{"VpcId": "vpc-1", "PublicSubnetIds": "subnet-1,subnet-2", "ClusterName": "c"}
	for _, kind := range []string{"", "Permanent"} {
		outputs[kind+"RepositoryName"] = "r"
		outputs[kind+"TaskExecutionRoleArn"], outputs[kind+"TaskRoleArn"] = prefix+"iam::1:role/e", prefix+"iam::1:role/t"
	}
	roles, err := permissions.Roles(permissions.Base{
		Service: "hello", StackID: prefix + "cloudformation:cn-north-1:1:stack/hello-base/x", Outputs: outputs,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range roles {
		for _, s := range role.Policy.Statement {
			for _, resource := range s.Resource {
				if resource != "*" && !strings.HasPrefix(resource, prefix) {
					t.Errorf("%s, %s: %s is of another partition", role.Name, s.Sid, resource)
				}
			}
		}
		if strings.Contains(role.Policy.JSON(), "arn:aws:") {
			t.Errorf("the policy %s has an ARN of another partition", role.Name)
		}
	}
}
