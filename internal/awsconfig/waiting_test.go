package awsconfig

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"
)

// The SDK repeats a call for more than a minute, and a call that is not answered never ends by itself.
func TestSignIn_clients_say_what_they_wait_for(t *testing.T) {
	const throttled = `<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`
	for name, test := range map[string]struct {
		server
		want []string
	}{
		"AWS throttles": {server{status: 400, body: throttled}, []string{
			"  waiting for CloudFormation to answer DescribeStacks: Throttling: Rate exceeded (30s)",
			"  waiting for CloudFormation to answer DescribeStacks: Throttling: Rate exceeded (1m0s)",
		}},
		"AWS does not answer": {server{hangs: true}, []string{
			"  waiting for CloudFormation to answer DescribeStacks: no answer yet (30s)",
			"  waiting for CloudFormation to answer DescribeStacks: no answer yet (1m0s)",
		}},
		"AWS answers": {server{status: 200, body: "<DescribeStacksResponse><DescribeStacksResult/></DescribeStacksResponse>"}, nil},
	} {
		inBubble(t, name, func(t *testing.T) {
			var lines []string
			config, err := SignIn(t.Context(), Options{
				Mask: func(string) {},
				Logf: func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) },
				Load: func(context.Context, string) (aws.Config, error) {
					return aws.Config{
						HTTPClient: test.server, Region: "eu-north-1",
						Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
					}, nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 70*time.Second)
			defer cancel()
			_, _ = cloudformation.NewFromConfig(config).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{})
			<-time.After(5 * time.Minute) // nothing is logged after the call
			synctest.Wait()
			if diff := cmp.Diff(test.want, lines); diff != "" {
				t.Errorf("the log (-want +got):\n%s", diff)
			}
		})
	}
}
