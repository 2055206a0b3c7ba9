package command_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/rogpeppe/go-internal/testscript"

	"pr-stack/internal/actiontest"
)

// answer sets what a person at the terminal answers in the runs that follow.
func (s *script) answer(_ *testscript.TestScript, args []string) {
	s.terminal = func() *strings.Reader { return strings.NewReader(args[0] + "\n") }
	if args[0] == "nobody" {
		s.terminal = nil
	}
}

// olderBase makes the base stack as pr-stack did before environments had a choice of ingresses.
func (s *script) olderBase(ts *testscript.TestScript, _ []string) {
	body, err := os.ReadFile("testdata/base-2026-11.yaml")
	ts.Check(err)
	s.createBase(ts, string(body))
}

// createBase creates the base stack from another template than the one of now.
func (s *script) createBase(ts *testscript.TestScript, body string) {
	_, err := s.CloudFormation().CreateStack(context.Background(), &cloudformation.CreateStackInput{
		StackName: aws.String(actiontest.BaseStack), TemplateBody: &body,
		Parameters:   []types.Parameter{{ParameterKey: aws.String("Service"), ParameterValue: aws.String("hello-world")}},
		Tags:         []types.Tag{{Key: aws.String("pr-stack:base"), Value: aws.String("hello-world")}},
		Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	})
	ts.Check(err)
	<-time.After(20 * time.Minute) // in the bubble
}

// resources lists what a stack holds.
func (s *script) resources(ts *testscript.TestScript, args []string) {
	fmt.Fprint(ts.Stdout(), s.held(ts, args[0]))
}

// still checks that a stack holds all that it held before.
func (s *script) still(ts *testscript.TestScript, args []string) {
	now := s.held(ts, args[0])
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		if !strings.Contains("\n"+now, "\n"+line) {
			ts.Fatalf("stack %s no longer holds %s", args[0], line)
		}
	}
}

func (s *script) held(ts *testscript.TestScript, stack string) (list string) {
	answer, err := s.CloudFormation().ListStackResources(context.Background(), &cloudformation.ListStackResourcesInput{StackName: &stack})
	ts.Check(err)
	for _, r := range answer.StackResourceSummaries {
		list += *r.LogicalResourceId + " " + aws.ToString(r.PhysicalResourceId) + "\n"
	}
	return list
}

// stackOutput sets $VALUE to an output of a stack.
func (s *script) stackOutput(ts *testscript.TestScript, args []string) {
	stack, err := s.Stack(context.Background(), args[0])
	ts.Check(err)
	if stack.Outputs[args[1]] == "" {
		ts.Fatalf("stack %s has no output %s", args[0], args[1])
	}
	ts.Setenv("VALUE", stack.Outputs[args[1]])
}

// managedPolicy makes a managed policy that allows all but an action.
func (s *script) managedPolicy(ts *testscript.TestScript, args []string) {
	arn, err := s.AWS.AddManagedPolicy(args[0], `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "`+args[1]+`", "Resource": "*"}]}`)
	ts.Check(err)
	ts.Setenv("VALUE", arn)
}
