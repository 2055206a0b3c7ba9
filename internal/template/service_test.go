package template_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/template"
)

func TestService_templates_have_no_IAM_resource(t *testing.T) {
	for _, body := range []string{template.Fargate, template.Lambda} {
		for name, r := range section(t, body, "Resources") {
			if strings.HasPrefix(fmt.Sprint(r["Type"]), "AWS::IAM::") {
				t.Errorf("resource %s is of type %v, want none of AWS::IAM: a pull request must not need a capability",
					name, r["Type"])
			}
		}
	}
}

// Both service templates get the same values, so a parameter of the same name means the same.
func TestLambda_has_the_parameters_of_fargate(t *testing.T) {
	fargate := section(t, template.Fargate, "Parameters")
	own := []string{"FunctionRoleArn", "TimeoutInSeconds", "Memory"}
	for name, p := range section(t, template.Lambda, "Parameters") {
		if slices.Contains(own, name) {
			continue
		}
		if diff := cmp.Diff(without(fargate[name], "Description"), without(p, "Description")); diff != "" {
			t.Errorf("%s differs from that of fargate (-fargate +lambda):\n%s", name, diff)
		}
	}
}

func without(m map[string]any, key string) map[string]any {
	m = maps.Clone(m)
	delete(m, key)
	return m
}
