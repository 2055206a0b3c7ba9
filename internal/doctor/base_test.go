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
