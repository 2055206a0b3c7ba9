package doctor

import (
	"slices"
	"testing"

	"pr-stack/internal/template"
)

// The templates are read without CloudFormation, so that nothing of the account is needed.
func TestReadTemplates(t *testing.T) {
	got := ReadTemplates(template.Base, template.Fargate)
	want := []string{"ClusterName", "PublicSubnetIds", "RepositoryName", "TaskExecutionRoleArn", "TaskRoleArn", "VpcId"}
	if !slices.Equal(got.Required, want) {
		t.Errorf("every environment needs %q, want %q", got.Required, want)
	}
	if !slices.Contains(got.Outputs, "PermanentRepositoryName") {
		t.Errorf("the base stack has the outputs %q, want PermanentRepositoryName among them", got.Outputs)
	}
}

// An HTTP API calls a function without a VPC link, so a base stack of functions alone can be deployed to.
func TestBase_ingress_api_of_functions(t *testing.T) {
	for role, want := range map[string]string{"": "missing", "arn:aws:iam::123456789012:role/functions": "warning"} {
		b := Base{Bootstrap: "bootstrap", Ingress: "api", Stack: &Stack{Outputs: map[string]string{"FunctionRoleArn": role}}}
		if got := b.ingress(); len(got) != 1 || string(got[0].Found) != want {
			t.Errorf("with the role %q, ingress = %+v, want %s", role, got, want)
		}
	}
}
