package command_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/rogpeppe/go-internal/testscript"
)

func (s *story) image(ts *testscript.TestScript, args []string) {
	image, err := random.Image(64, 1)
	ts.Check(err)
	ts.Setenv("REPOSITORY", s.repository(ts))
	digest, err := s.account.PushImage(s.repository(ts), args[0], image)
	ts.Check(err)
	ts.Setenv("DIGEST", digest)
}

// repository is that of the base stack.
func (s *story) repository(ts *testscript.TestScript) string {
	base := "hello-world-base"
	answer, err := cloudformation.NewFromConfig(s.account.Config()).DescribeStacks(context.Background(), &cloudformation.DescribeStacksInput{StackName: &base})
	ts.Check(err)
	for _, o := range answer.Stacks[0].Outputs {
		if *o.OutputKey == "RepositoryName" {
			return *o.OutputValue
		}
	}
	ts.Fatalf("the base stack has no repository")
	return ""
}

func (s *story) create(ts *testscript.TestScript, args []string) {
	body := "Resources: {Logs: {Type: AWS::Logs::LogGroup}}"
	_, err := cloudformation.NewFromConfig(s.account.Config()).CreateStack(context.Background(),
		&cloudformation.CreateStackInput{StackName: &args[0], TemplateBody: &body})
	ts.Check(err)
	<-time.After(time.Minute) // in the bubble
}

func (s *story) protect(ts *testscript.TestScript, args []string) {
	_, err := cloudformation.NewFromConfig(s.account.Config()).UpdateTerminationProtection(context.Background(),
		&cloudformation.UpdateTerminationProtectionInput{StackName: &args[0], EnableTerminationProtection: aws.Bool(true)})
	ts.Check(err)
}

func (s *story) tag(ts *testscript.TestScript, args []string) {
	api := cloudformation.NewFromConfig(s.account.Config())
	answer, err := api.DescribeStacks(context.Background(), &cloudformation.DescribeStacksInput{StackName: &args[0]})
	ts.Check(err)
	stack := answer.Stacks[0]
	key, value, _ := strings.Cut(args[1], "=")
	tags := []types.Tag{{Key: &key, Value: &value}}
	for _, tag := range stack.Tags {
		if *tag.Key != key {
			tags = append(tags, tag)
		}
	}
	_, err = api.UpdateStack(context.Background(), &cloudformation.UpdateStackInput{
		StackName: &args[0], UsePreviousTemplate: aws.Bool(true), Parameters: stack.Parameters, Tags: tags,
	})
	ts.Check(err)
	<-time.After(time.Minute)
}

func (s *story) stacks(ts *testscript.TestScript, _ []string) {
	pages := cloudformation.NewDescribeStacksPaginator(cloudformation.NewFromConfig(s.account.Config()), &cloudformation.DescribeStacksInput{})
	var lines []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		ts.Check(err)
		for _, stack := range page.Stacks {
			var tags []string
			for _, tag := range stack.Tags {
				tags = append(tags, *tag.Key+"="+*tag.Value)
			}
			slices.Sort(tags)
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", *stack.StackName, stack.StackStatus, strings.Join(tags, " "))))
		}
	}
	slices.Sort(lines)
	fmt.Fprintln(ts.Stdout(), strings.Join(lines, "\n"))
}

func (s *story) images(ts *testscript.TestScript, _ []string) {
	repository := s.repository(ts)
	pages := ecr.NewListImagesPaginator(ecr.NewFromConfig(s.account.Config()), &ecr.ListImagesInput{RepositoryName: &repository})
	var tags []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		ts.Check(err)
		for _, id := range page.ImageIds {
			tags = append(tags, aws.ToString(id.ImageTag))
		}
	}
	slices.Sort(tags)
	fmt.Fprintln(ts.Stdout(), strings.Join(tags, "\n"))
}

func (s *story) curl(ts *testscript.TestScript, args []string) {
	response, err := (&http.Client{Transport: s.account}).Get(args[0])
	ts.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s %s\n", response.Status, body)
}
