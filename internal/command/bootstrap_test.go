package command_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/permissions"
)

// proved returns the policies that the runs of the tests have.
func (e *env) proved(stackID string) []permissions.Role {
	e.t.Helper()
	base := permissions.Base{Service: "hello-world", StackID: stackID}
	var err error
	base.Outputs, err = e.BaseOutputs(e.t.Context())
	e.check(err)
	roles, err := permissions.Roles(base)
	e.check(err)
	return roles
}

// Without a repository, what the runs of these tests may do is what a person reads in the log and in the
// summary.
func TestBootstrap_prints_the_policies_of_roles_that_it_cannot_make(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{})
		service := strings.Repeat("x", 3)
		printed := e.run("opened", oneCommit, "INPUT_COMMAND=bootstrap", "GITHUB_REPOSITORY=", "INPUT_SERVICE="+service)
		printed.want(t, 0, "created", "")
		var outputs map[string]string
		e.check(json.Unmarshal([]byte(printed.Output("stack-outputs")), &outputs))
		roles, err := permissions.Roles(permissions.Base{Service: service, StackID: printed.Output("stack-id"), Outputs: outputs})
		e.check(err)
		for _, role := range roles {
			if !strings.Contains(printed.Log(), role.Policy.JSON()) || !strings.Contains(printed.Summary(), role.Policy.JSON()) {
				t.Errorf("the log or the summary lacks the policy of %s:\n%s", role.Name, role.Policy.JSON())
			}
		}
	})
}

// The roles that bootstrap makes may do exactly what the proved policies say.
func TestBootstrap_makes_roles_with_the_proved_policies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{})
		again := e.run("opened", oneCommit, "INPUT_COMMAND=bootstrap")
		again.want(t, 0, "unchanged", "")
		answer, err := e.CloudFormation().GetTemplate(t.Context(), &cloudformation.GetTemplateInput{StackName: aws.String("hello-world-base-roles")})
		e.check(err)
		var made struct {
			Resources map[string]struct {
				Properties struct {
					Policies          []struct{ PolicyDocument permissions.Policy }
					ManagedPolicyArns []any
				}
			}
		}
		e.check(json.Unmarshal([]byte(aws.ToString(answer.TemplateBody)), &made))
		for _, role := range e.proved(again.Output("stack-id")) {
			properties := made.Resources[strings.ToUpper(role.Name[:1])+role.Name[1:]+"Role"].Properties
			if len(properties.Policies) != 1 || len(properties.ManagedPolicyArns) > 0 || !reflect.DeepEqual(properties.Policies[0].PolicyDocument, role.Policy) {
				t.Errorf("the role %s has %v, want the proved policy alone", role.Name, properties)
			}
		}
	})
}
