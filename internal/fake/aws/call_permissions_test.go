package aws

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// An operation without an entry would be allowed to everyone.
func TestPermissions_of_every_operation(t *testing.T) {
	a := New(Options{})
	for service, operations := range a.operations {
		names := map[string]bool{}
		for name := range operations.Query {
			names[name] = true
		}
		for name := range operations.JSON {
			names[name] = true
		}
		for name := range operations.XML {
			names[name] = true
		}
		for name := range operations.Objects {
			names[name] = true
		}
		if len(names) == 0 {
			t.Errorf("%s has no operations", service)
		}
		for name := range names {
			if a.permissions[service][name] == nil {
				t.Errorf("%s of %s has no entry in the table of permissions", name, service)
			}
		}
		for name := range a.permissions[service] {
			if !names[name] {
				t.Errorf("the table of permissions of %s has %s, which is no operation", service, name)
			}
		}
	}
}

const onlyTagged = `{"Version": "2012-10-17", "Statement": {
	"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/app": "hello"}}}}`

// The account finds a resource's tags by its ARN.
func TestPermissions_by_the_resources_tags(t *testing.T) {
	a := New(Options{})
	a.account.TagsOf = func(arn string) map[string]string {
		if strings.Contains(arn, "hello") {
			return map[string]string{"app": "hello"}
		}
		return nil
	}
	arn, err := a.AddRole("r", `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}`, onlyTagged)
	if err != nil {
		t.Fatal(err)
	}
	config := a.ConfigAs(arn)
	config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	calls := map[string]func(name string) error{
		"DescribeServices": func(name string) error {
			_, err := ecs.NewFromConfig(config).DescribeServices(t.Context(), &ecs.DescribeServicesInput{Services: []string{name}})
			return err
		},
		"DescribeImages": func(name string) error {
			_, err := ecr.NewFromConfig(config).DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: &name})
			return err
		},
		"DescribeLogStreams": func(name string) error {
			_, err := cloudwatchlogs.NewFromConfig(config).DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: &name})
			return err
		},
	}
	for operation, call := range calls {
		for name, denied := range map[string]bool{"hello": false, "bye": true} {
			if err := call(name); denied != (err != nil && strings.Contains(err.Error(), "is not authorized to perform")) {
				t.Errorf("%s of %s = %v, denied should be %v", operation, name, err, denied)
			}
			if a.account.Caller != nil {
				t.Errorf("after %s the account still has a caller", operation)
			}
		}
	}
}
