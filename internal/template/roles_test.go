package template_test

import (
	"strings"
	"testing"

	"pr-stack/internal/permissions"
)

// rolesTemplates returns the templates of the roles' stack: with inline policies, and with managed ones.
func rolesTemplates(t *testing.T) (list []string) {
	t.Helper()
	outputs := map[string]string{"VpcId": "vpc-1", "PublicSubnetIds": "subnet-1,subnet-2", "ClusterName": "c"}
	for _, kind := range []string{"", "Permanent"} {
		outputs[kind+"RepositoryName"] = "r"
		outputs[kind+"TaskExecutionRoleArn"], outputs[kind+"TaskRoleArn"] = "arn:aws:iam::1:role/e", "arn:aws:iam::1:role/t"
	}
	for _, service := range []string{"hello", strings.Repeat("n", 100)} {
		body, err := permissions.Stack(permissions.Base{
			Service: service, StackID: "arn:aws:cloudformation:eu-north-1:1:stack/" + service + "-base/x", Outputs: outputs,
		}, permissions.Trust{Host: "token.actions.githubusercontent.com", Repositories: []string{"octo-org/hello"}, Branch: "main"})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, body)
	}
	return list
}

func TestRoles_conform_to_the_schemas_of_AWS(t *testing.T) {
	all, managed := readSchemas(t), false
	for _, body := range rolesTemplates(t) {
		managed = managed || strings.Contains(body, "AWS::IAM::ManagedPolicy")
		for _, fault := range conform(t, all, body) {
			t.Errorf("the roles' template: %s", fault)
		}
	}
	if !managed {
		t.Error("none has managed policies, want one")
	}
}
