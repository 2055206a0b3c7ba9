package cfn_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
)

// The outer stack's events say only that the nested stack failed. The nested stack's events have the
// cause.
func TestDeploy_finds_the_cause_in_a_nested_stack(t *testing.T) {
	const parent = `
Resources:
  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "https://s3/middle.yaml"}}
`
	const middle = `
Resources:
  Innermost: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "https://s3/network.yaml", Parameters: {Retention: 9}}}
`
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		w.PutTemplate("https://s3/middle.yaml", middle)
		w.PutTemplate("https://s3/network.yaml", network)
		w.deploy(t, deployment(parent), cfn.Created)
		if err := w.client.Delete(t.Context(), cfn.Deletion{ID: name}); err != nil {
			t.Fatal(err)
		}

		w.FailResource(name+"-Inner-*", "Network", fakeaws.Failure{Operation: "CREATE", Reason: "The maximum number of VPCs has been reached.", After: 2 * time.Second})
		_, _, err := w.client.Deploy(t.Context(), deployment(parent))
		want := "create stack hello-pr-7: Network (AWS::EC2::VPC): The maximum number of VPCs has been reached."
		if err == nil || err.Error() != want {
			t.Errorf("Deploy = %v\nwant %s", err, want)
		}
	})
}

func TestDeploy_gives_a_hooks_own_words(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		w.FailHook(name, "Network", "Octo::Compliance::Hook", "networks are made elsewhere")
		_, _, err := w.client.Deploy(t.Context(), deployment(network))
		want := "create stack hello-pr-7: Network (AWS::EC2::VPC): The following hook(s) failed: [Octo::Compliance::Hook]: Hook failed with message: networks are made elsewhere"
		if err == nil || err.Error() != want {
			t.Errorf("Deploy = %v\nwant %s", err, want)
		}
	})
}

// A validation fails before any resource has an event, and the stack's own event says only that a
// validation failed.
func TestDeploy_asks_what_a_validation_found(t *testing.T) {
	for _, updating := range []bool{false, true} {
		inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
			d := deployment(network)
			verb := "create"
			if updating {
				w.deploy(t, d, cfn.Created)
				d.Parameters = map[string]string{"Retention": "14"}
				verb = "update"
			}
			w.FailValidation(name, "Network", "ResourceExistenceCheck", "Resource of type 'AWS::EC2::VPC' with identifier 'x' already exists.")
			_, _, err := w.client.Deploy(t.Context(), d)
			want := verb + " stack hello-pr-7: Network (AWS::EC2::VPC): Resource of type 'AWS::EC2::VPC' with identifier 'x' already exists."
			if err == nil || err.Error() != want {
				t.Errorf("Deploy = %v\nwant %s", err, want)
			}
		})
	}
	// An older IAM policy does not grant DescribeEvents: then the error has the stack's own reason.
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		w.FailValidation(name, "Network", "ResourceExistenceCheck", "x")
		w.Inject(fakeaws.Fault{Operation: "DescribeEvents", Code: "AccessDenied", Status: 403, Message: "no"})
		_, _, err := w.client.Deploy(t.Context(), deployment(network))
		if err == nil || !strings.Contains(err.Error(), "validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]") {
			t.Errorf("Deploy = %v, want the stack's own reason", err)
		}
	})
}

// The stack is deleted by hand while it is created. Deploy creates it again.
func TestDeploy_of_a_stack_that_is_deleted_meanwhile(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		done := make(chan error)
		go func() {
			_, _, err := w.client.Deploy(t.Context(), deployment(network))
			done <- err
		}()
		<-time.After(5 * time.Second)
		other := &cfn.Client{API: w.api}
		if err := other.Delete(t.Context(), cfn.Deletion{ID: name}); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Errorf("Deploy = %v, want it to create the stack again", err)
		}
		if _, err := w.client.Describe(t.Context(), name); errors.Is(err, cfn.ErrNotFound) {
			t.Error("there is no stack")
		}
	})
}

// A read may show the stack as it was before the last call, or before the operation's last event.
func TestDeploy_believes_no_stale_read(t *testing.T) {
	stale := func() time.Duration { return 4 * time.Second }
	inBubble(t, fakeaws.Options{Staleness: stale, Scale: 0.05}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		if stack.Outputs["Network"] == "" {
			t.Errorf("outputs = %v, want those of the stack that is complete", stack.Outputs)
		}
		d := deployment(network)
		d.Parameters = map[string]string{"Retention": "14"}
		if stack := w.deploy(t, d, cfn.Updated); stack.Status != "UPDATE_COMPLETE" {
			t.Errorf("the stack is in %s", stack.Status)
		}
		w.FailResource(name, "Logs", fakeaws.Failure{Operation: "UPDATE", Reason: "No.", Times: 1})
		d.Parameters = map[string]string{"Retention": "30"}
		if _, _, err := w.client.Deploy(t.Context(), d); err == nil {
			t.Error("an update that failed was taken for one that went well")
		}
		w.deploy(t, d, cfn.Updated)
		if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID}); err != nil {
			t.Error(err)
		}
	})
}
