package aws_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	fakeaws "pr-stack/internal/fake/aws"
)

const small = `
Parameters: {Cidr: {Type: String, Default: 10.0.0.0/16}}
Resources:
  Network: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Cidr}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Network}}
  Logs: {Type: AWS::Logs::LogGroup}
`

// onCloudFormation runs a test with the SDK's own client, without its retries.
func onCloudFormation(t *testing.T, options fakeaws.Options, test func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		account := fakeaws.New(options)
		once := func(o *cloudformation.Options) { o.Retryer = aws.NopRetryer{} }
		test(t, account, cloudformation.NewFromConfig(account.Config(), once))
	})
}

func TestFaults(t *testing.T) {
	onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client) {
		ask := func() error {
			_, err := c.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
			return err
		}
		a.Inject(fakeaws.Fault{Operation: "DescribeStacks", Skip: 1, Every: 2, Times: 2, Code: "Throttling", Message: "Rate exceeded"})
		var outcomes []bool
		for range 7 {
			outcomes = append(outcomes, ask() == nil)
		}
		if got, want := fmt.Sprint(outcomes), "[true true false true false true true]"; got != want {
			t.Errorf("with every second call failing, twice, after the first: %s, want %s", got, want)
		}

		a.Inject(fakeaws.Fault{Operation: "DescribeStacks", Times: 1, Break: true})
		if err := ask(); err == nil {
			t.Error("a broken connection gave an answer")
		}
		a.Inject(fakeaws.Fault{Operation: "DescribeStacks", Times: 1, Delay: time.Minute})
		began := time.Now()
		if err := ask(); err != nil || time.Since(began) != time.Minute {
			t.Errorf("a late answer came after %v, %v, want 1m0s", time.Since(began), err)
		}

		a.Inject(fakeaws.Fault{Operation: "CreateStack", Times: 1, Lost: true})
		if _, err := c.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(small)}); err == nil {
			t.Error("a lost answer arrived")
		}
		if _, err := c.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("s")}); err != nil {
			t.Errorf("the call whose answer was lost had no effect: %v", err)
		}
	})
}

func TestRateLimit_refills_as_time_passes(t *testing.T) {
	onCloudFormation(t, fakeaws.Options{Rate: fakeaws.RateLimit{PerSecond: 2, Burst: 3}}, func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client) {
		rejected := func(calls int) (n int) {
			for range calls {
				if _, err := c.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}); err != nil {
					n++
				}
			}
			return n
		}
		if got := rejected(10); got != 7 {
			t.Errorf("of 10 calls at once %d were throttled, want all but the burst of 3", got)
		}
		<-time.After(time.Second)
		if got := rejected(10); got != 8 {
			t.Errorf("a second later %d of 10 were throttled, want all but 2", got)
		}
		throttled := 0
		for _, call := range a.Calls() {
			if call.Error == "Throttling" {
				throttled++
			}
		}
		if throttled != 15 {
			t.Errorf("Calls has %d throttled calls, want 15", throttled)
		}
	})
}

func TestCredentials(t *testing.T) {
	for key, want := range map[string][2]string{ // in the query protocol, and in JSON
		"EXPIRED": {"ExpiredToken", "ExpiredTokenException"},
		"UNKNOWN": {"InvalidClientTokenId", "UnrecognizedClientException"},
	} {
		config := fakeaws.New(fakeaws.Options{}).Config()
		config.Credentials = credentials.NewStaticCredentialsProvider(key, "secret", "")
		_, query := sts.NewFromConfig(config).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		_, json := ecs.NewFromConfig(config).ListClusters(t.Context(), &ecs.ListClustersInput{})
		for i, err := range []error{query, json} {
			var api smithy.APIError
			if !errors.As(err, &api) || api.ErrorCode() != want[i] {
				t.Errorf("with %s credentials: %v, want %s", key, err, want[i])
			}
		}
	}
}

func TestUnknown_operations_are_rejected_by_name(t *testing.T) {
	onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, _ *fakeaws.AWS, c *cloudformation.Client) {
		_, err := c.DetectStackDrift(t.Context(), &cloudformation.DetectStackDriftInput{StackName: aws.String("s")})
		if err == nil || !strings.Contains(err.Error(), "the fake has no operation DetectStackDrift of cloudformation") {
			t.Errorf("DetectStackDrift = %v, want it rejected by name", err)
		}
	})
}
