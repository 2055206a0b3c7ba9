package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	fakeaws "pr-stack/internal/fake/aws"
)

// Right after CreateStack the calls that read may not know the stack yet.
func TestCreateLag(t *testing.T) {
	run(t, fakeaws.Options{CreateLag: 10 * time.Second}, func(s tester) {
		created, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(unused)})
		if err != nil {
			s.Fatal(err)
		}
		read := func() (errs [3]error) {
			_, errs[0] = s.cfn.DescribeStackEvents(s.Context(), &cloudformation.DescribeStackEventsInput{StackName: created.StackId})
			_, errs[1] = s.cfn.ListStackResources(s.Context(), &cloudformation.ListStackResourcesInput{StackName: created.StackId})
			_, errs[2] = s.cfn.DescribeStacks(s.Context(), &cloudformation.DescribeStacksInput{StackName: created.StackId})
			return errs
		}
		for i, err := range read() {
			want := fmt.Sprintf("Stack with id %s does not exist", *created.StackId)
			if i == 0 {
				want = fmt.Sprintf("Stack [%s] does not exist", *created.StackId)
			}
			if err == nil || !strings.HasSuffix(err.Error(), "ValidationError: "+want) {
				s.Errorf("right after CreateStack: %v, want %s", err, want)
			}
		}
		if all, err := s.cfn.DescribeStacks(s.Context(), &cloudformation.DescribeStacksInput{}); err != nil || len(all.Stacks) > 0 {
			s.Errorf("DescribeStacks without a name = %v, %v, want none", all, err)
		}
		<-time.After(10 * time.Second)
		for _, err := range read() {
			if err != nil {
				s.Errorf("ten seconds later: %v", err)
			}
		}
	})
}

func TestStrictTokens(t *testing.T) {
	for strict, want := range map[bool]string{false: "", true: "TokenAlreadyExistsException"} {
		run(t, fakeaws.Options{StrictTokens: strict}, func(s tester) {
			create := func() error {
				_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{
					StackName: aws.String("s"), TemplateBody: aws.String(unused), ClientRequestToken: aws.String("t"),
				})
				return err
			}
			if err := create(); err != nil {
				s.Fatal(err)
			}
			if err := create(); (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
				s.Errorf("strict %v, the second call: %v, want %q", strict, err, want)
			}
			<-time.After(time.Minute)
			if err := create(); err != nil {
				s.Errorf("strict %v, after the operation: %v, want none", strict, err)
			}
		})
	}
}
