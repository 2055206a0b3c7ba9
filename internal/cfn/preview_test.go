package cfn_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
)

// previewed returns a preview, a line for each change.
func previewed(p cfn.Preview) string {
	line := fmt.Sprintf("new: %v, unknown: %v, differs: %v", p.New, p.Unknown, p.Differs)
	for _, c := range p.Changes {
		line += fmt.Sprintf("\n%s %s %s %v", c.Action, c.LogicalID, c.Replacement, c.Because)
		if c.Kept {
			line += " kept"
		}
	}
	return line
}

func (w *env) wantPreview(t *testing.T, d cfn.Deployment, want string) {
	t.Helper()
	before, _ := w.client.Describe(t.Context(), name)
	got, err := w.client.Preview(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, previewed(got)); diff != "" {
		t.Errorf("preview (-want +got):\n%s", diff)
	}
	after, _ := w.client.Describe(t.Context(), name)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the preview changed the stack:\n%s", diff)
	}
}

func TestPreview(t *testing.T) {
	inBubble(t, fakeaws.Options{PageSize: 1}, func(t *testing.T, w *env) {
		d := deployment(network)
		w.wantPreview(t, d, "new: true, unknown: false, differs: true")
		w.deploy(t, d, cfn.Created)
		w.wantPreview(t, d, "new: false, unknown: false, differs: false")

		d.Template.Body = strings.NewReplacer("10.0.0.0/16", "10.1.0.0/16", "  Logs:", "  New:").Replace(network)
		w.wantPreview(t, d, "new: false, unknown: false, differs: true\n"+
			"Remove Logs  []\nModify Network replaced [CidrBlock]\nAdd New  []\nModify Subnet replaced [VpcId]")

		d.Template.Body = network + "  More: {Value: x}\n"
		w.wantPreview(t, d, "new: false, unknown: false, differs: true")
		if left := w.Calls(); left[len(left)-2].Operation != "DeleteChangeSet" {
			t.Errorf("the last call but one is %s, want that the change set is deleted", left[len(left)-2].Operation)
		}
	})
}

// What uses an attribute of a changed resource is not replaced unless that resource is.
func TestPreview_decides_what_CloudFormation_leaves_open(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		d := deployment(`
Resources:
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, VpcId: vpc-1}}
  Rule: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !GetAtt Group.GroupId, IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0}}
`)
		w.deploy(t, d, cfn.Created)
		d.Tags = map[string]string{"owner": "them"}
		w.wantPreview(t, d, "new: false, unknown: false, differs: true\nModify Group  [Tags]\nModify Rule  [GroupId]")
		d.Template.Body = strings.Replace(d.Template.Body, "x, VpcId", "y, VpcId", 1)
		w.wantPreview(t, d, "new: false, unknown: false, differs: true\nModify Group replaced [GroupDescription Tags]\nModify Rule replaced [GroupId]")
	})
}

// A preview says what Deploy does first with a stack that cannot be updated as it is.
func TestPreview_of_a_stack_in_need(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		d := deployment(network)
		w.deploy(t, d, cfn.Created)
		for status, want := range map[string]string{
			"ROLLBACK_COMPLETE":      "new: true, unknown: false, differs: true",
			"UPDATE_ROLLBACK_FAILED": "new: false, unknown: true, differs: true",
		} {
			w.SetStatus(name, status, "")
			w.wantPreview(t, d, want)
		}
	})
}

// An update that another run began and that cannot succeed is not waited for: that could take hours.
func TestPreview_of_a_stack_whose_operation_cannot_succeed(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		d := deployment(network)
		w.deploy(t, d, cfn.Created)
		w.FailResource(name, "Logs", fakeaws.Failure{Operation: "UPDATE", Never: true, Times: 1})
		body := network
		if _, err := w.api.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: new(name), TemplateBody: &body,
			Parameters: []types.Parameter{{ParameterKey: new("Retention"), ParameterValue: new("30")}}}); err != nil {
			t.Fatal(err)
		}
		d.Watch = &watch{check: func() error { return errors.New("its container exits with code 1") }}
		began := time.Now()
		w.wantPreview(t, d, "new: false, unknown: true, differs: true")
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("the preview took %s", took)
		}
	})
}

func TestPreview_asks_whether_it_may(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		d := deployment(network)
		w.deploy(t, d, cfn.Created)
		not := errors.New("not ours")
		d.Allow = func(context.Context, cfn.Stack) error { return not }
		if _, err := w.client.Preview(t.Context(), d); !errors.Is(err, not) {
			t.Errorf("Preview = %v, want %v", err, not)
		}
	})
}

// CloudFormation is busy, and does not find the change set at first.
func TestPreview_goes_on(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		d := deployment(network)
		w.deploy(t, d, cfn.Created)
		w.Inject(fakeaws.Fault{Operation: "DescribeChangeSet", Times: 2, Status: 404, Code: "ChangeSetNotFound", Message: "ChangeSet [x] does not exist"})
		w.Inject(fakeaws.Fault{Operation: "DescribeChangeSet", Times: 30, Code: "Throttling", Message: "Rate exceeded"})
		w.wantPreview(t, d, "new: false, unknown: false, differs: false")
	})
}

func TestPreview_that_fails(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		d := deployment(network)
		w.deploy(t, d, cfn.Created)
		_, err := w.client.Preview(t.Context(), deployment("Resources: {}"))
		if err == nil || !strings.HasPrefix(err.Error(), "work out the changes of stack hello-pr-7: Template format error:") {
			t.Errorf("Preview = %v", err)
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Second, errors.New("enough"))
		defer cancel()
		d.Template.Body = strings.ReplaceAll(network, "10.0", "10.1")
		if _, err := w.client.Preview(ctx, d); err == nil || err.Error() != "enough" {
			t.Errorf("an interrupted Preview = %v", err)
		}
		if calls := w.Calls(); calls[len(calls)-1].Operation != "DeleteChangeSet" {
			t.Errorf("the last call is %s, want that the change set is deleted", calls[len(calls)-1].Operation)
		}
	})
}
