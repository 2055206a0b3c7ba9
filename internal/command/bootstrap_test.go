package command_test

import (
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"pr-stack/internal/actiontest"
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
		const service = "other"
		printed := e.run("opened", oneCommit, "INPUT_COMMAND=bootstrap", "GITHUB_REPOSITORY=", "INPUT_SERVICE="+service)
		printed.want(t, 0, "created", "")
		var outputs map[string]string
		e.check(json.Unmarshal([]byte(printed.Output("stack-outputs")), &outputs))
		roles, err := permissions.Roles(permissions.Base{Service: service, StackID: printed.Output("stack-id"), Outputs: outputs})
		e.check(err)
		for _, role := range roles {
			parts := []permissions.Policy{role.Policy}
			if role.Policy.Size() > permissions.MaxSize {
				parts = role.Policy.Split()
			}
			for _, part := range parts {
				if !strings.Contains(printed.Log(), part.JSON()) || !strings.Contains(printed.Summary(), part.JSON()) {
					t.Errorf("the log or the summary lacks the policy of %s:\n%s", role.Name, part.JSON())
				}
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
					ManagedPolicyArns []map[string]string
					PolicyDocument    permissions.Policy // of a managed policy
				}
			}
		}
		e.check(json.Unmarshal([]byte(aws.ToString(answer.TemplateBody)), &made))
		for _, role := range e.proved(again.Output("stack-id")) {
			properties := made.Resources[strings.ToUpper(role.Name[:1])+role.Name[1:]+"Role"].Properties
			var got []permissions.Statement
			for _, inline := range properties.Policies {
				got = append(got, inline.PolicyDocument.Statement...)
			}
			for _, managed := range properties.ManagedPolicyArns {
				got = append(got, made.Resources[managed["Ref"]].Properties.PolicyDocument.Statement...)
			}
			if !reflect.DeepEqual(got, role.Policy.Statement) {
				t.Errorf("the role %s has the statements %v, want those of the proved policy alone", role.Name, got)
			}
		}
	})
}

// terminal is a person at a terminal, who does something and then answers.
type terminal func() string

func (f terminal) Read(p []byte) (int, error) { return copy(p, f()), nil }

// asked starts bootstrap, with a person at a terminal.
func (e *env) asked(person io.Reader, environ ...string) *actiontest.Run {
	e.t.Helper()
	run, err := e.Start(e.t.Context(), actiontest.Step{
		Event: actiontest.Event{Name: "workflow_dispatch", Payload: []byte("{}")}, Terminal: person,
		Environ: append([]string{"INPUT_COMMAND=bootstrap", "INPUT_YES=false"}, environ...),
	})
	e.check(err)
	return run
}

// What was shown is what is done. If somebody changes the stack while a person reads, nothing is.
func TestBootstrap_does_what_it_has_shown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{})
		run := e.asked(terminal(func() string {
			e.check(e.SetTags(t.Context(), actiontest.BaseStack, map[string]string{"pr-stack:base": "hello-world", "by": "another"}))
			<-time.After(5 * time.Minute)
			return "yes\n"
		}), "INPUT_TAGS=by=me")
		<-run.Done
		if errors := run.Errors(); run.ExitCode != 1 || len(errors) != 1 || !strings.Contains(errors[0], "was changed by another run, or by hand, after its changes were shown") {
			t.Errorf("exit code %d, %q", run.ExitCode, errors)
		}
		stack, err := e.Stack(t.Context(), actiontest.BaseStack)
		e.check(err)
		if stack.Tags["by"] != "another" {
			t.Errorf("tags = %v, want those of the other", stack.Tags)
		}
	})
}

// A person may leave without an answer.
func TestBootstrap_is_interrupted_while_it_asks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{})
		reader, writer := io.Pipe()
		run := e.asked(reader, "INPUT_TAGS=by=me")
		<-time.After(10 * time.Minute)
		select {
		case <-run.Done:
			t.Error("the run has ended without an answer")
		default:
		}
		run.Cancel()
		<-run.Done
		e.check(writer.Close()) // with the process, the terminal is gone, too
		if errors := run.Errors(); run.ExitCode != 1 || len(errors) != 1 || !strings.Contains(errors[0], "interrupted (interrupt signal received): stack hello-world-base is in CREATE_COMPLETE") {
			t.Errorf("exit code %d, %q", run.ExitCode, errors)
		}
	})
}
