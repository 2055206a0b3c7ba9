package cloudformation_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

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

func createSmall(t *testing.T, c *cloudformation.Client, token *string) string {
	t.Helper()
	answer, err := c.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("s"), TemplateBody: aws.String(small), ClientRequestToken: token})
	if err != nil {
		t.Fatalf("CreateStack = %v", err)
	}
	return *answer.StackId
}

// golden compares with a file. UPDATE_GOLDEN=1 rewrites the file.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func TestCloudFormation_body_that_is_too_long(t *testing.T) {
	onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, _ *fakeaws.AWS, c *cloudformation.Client) {
		body := small + "#" + strings.Repeat("x", 51201)
		_, err := c.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("t"), TemplateBody: &body})
		if err == nil || !strings.HasSuffix(err.Error(), "at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200") {
			t.Error("CreateStack accepted a body of more than 51200 bytes, or rejected it with another message")
		}
	})
}

func TestCloudFormation_reason_of_a_failed_deletion_ends_in_a_blank(t *testing.T) {
	onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client) {
		id := createSmall(t, c, nil)
		<-time.After(time.Minute)
		a.FailResource("s", "Network", fakeaws.Failure{Operation: "DELETE", Reason: "No."})
		if _, err := c.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &id}); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		answer, err := c.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &id})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := aws.ToString(answer.Stacks[0].StackStatusReason), "The following resource(s) failed to delete: [Network]. "; got != want {
			t.Errorf("StackStatusReason = %q, want %q", got, want)
		}
	})
}

// Replacement and cleanup, failure and rollback, in the order and words of recorded stacks.
func TestCloudFormation_timelines(t *testing.T) {
	for name, test := range map[string]func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client){
		"replacement": func(t *testing.T, _ *fakeaws.AWS, c *cloudformation.Client) {
			createSmall(t, c, nil)
			<-time.After(time.Minute)
			updateSmall(t, c)
		},
		"create-fails": func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client) {
			a.FailResource("s", "Network", fakeaws.Failure{Operation: "CREATE", Reason: "The maximum number of VPCs has been reached.", After: time.Second})
			createSmall(t, c, nil)
		},
		"update-fails": func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client) {
			createSmall(t, c, nil)
			<-time.After(time.Minute)
			a.FailResource("s", "Subnet", fakeaws.Failure{Operation: "CREATE", Reason: "The CIDR is invalid.", After: time.Second})
			updateSmall(t, c)
		},
		"delete-fails": func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client) {
			id := createSmall(t, c, nil)
			<-time.After(time.Minute)
			a.FailResource("s", "Network", fakeaws.Failure{Operation: "DELETE", Reason: "The vpc 'vpc-1' has dependencies and cannot be deleted.", Times: 1})
			for range 2 {
				if _, err := c.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &id}); err != nil {
					t.Fatal(err)
				}
				<-time.After(time.Minute)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client) {
				test(t, a, c)
				<-time.After(5 * time.Minute)
				var timeline bytes.Buffer
				a.Timeline(&timeline, "s")
				golden(t, "testdata/"+name+".txt", timeline.String())
			})
		})
	}
}

func updateSmall(t *testing.T, c *cloudformation.Client) {
	t.Helper()
	_, err := c.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String("s"), TemplateBody: aws.String(small),
		Parameters: []types.Parameter{{ParameterKey: aws.String("Cidr"), ParameterValue: aws.String("10.1.0.0/16")}},
	})
	if err != nil {
		t.Fatalf("UpdateStack = %v", err)
	}
}

func TestCloudFormation_events_carry_their_operations_token(t *testing.T) {
	onCloudFormation(t, fakeaws.Options{PageSize: 3}, func(t *testing.T, _ *fakeaws.AWS, c *cloudformation.Client) {
		id := createSmall(t, c, aws.String("first"))
		<-time.After(time.Minute)
		if _, err := c.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &id, ClientRequestToken: aws.String("second")}); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		pages := cloudformation.NewDescribeStackEventsPaginator(c, &cloudformation.DescribeStackEventsInput{StackName: &id})
		var newest time.Time
		tokens := map[string]int{}
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatalf("events of a deleted stack, by its ID: %v", err)
			}
			if len(page.StackEvents) > 3 {
				t.Errorf("a page has %d events, want at most 3", len(page.StackEvents))
			}
			for _, e := range page.StackEvents {
				if newest.IsZero() {
					newest = *e.Timestamp
				}
				if e.Timestamp.After(newest) {
					t.Errorf("%s comes after an older event, want the newest first", *e.EventId)
				}
				tokens[*e.ClientRequestToken]++
			}
		}
		if tokens["first"] == 0 || tokens["second"] == 0 || len(tokens) != 2 {
			t.Errorf("tokens = %v, want those of the two operations", tokens)
		}
	})
}

func TestCloudFormation_the_same_token_again_is_the_same_call(t *testing.T) {
	onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, _ *fakeaws.AWS, c *cloudformation.Client) {
		first := createSmall(t, c, aws.String("token"))
		if again := createSmall(t, c, aws.String("token")); again != first {
			t.Errorf("the same call created another stack: %s", again)
		}
	})
}

func TestCloudFormation_a_deleted_stack_is_known_by_its_ID_alone(t *testing.T) {
	onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, _ *fakeaws.AWS, c *cloudformation.Client) {
		old := createSmall(t, c, nil)
		<-time.After(time.Minute)
		if _, err := c.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("s")}); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		if _, err := c.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("s")}); err == nil {
			t.Error("a deleted stack is found by its name")
		}
		answer, err := c.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &old})
		if err != nil || answer.Stacks[0].StackStatus != types.StackStatusDeleteComplete || answer.Stacks[0].DeletionTime == nil {
			t.Errorf("DescribeStacks(ID) = %v, %v, want it to be deleted, with a time", answer, err)
		}
		if again := createSmall(t, c, nil); again == old {
			t.Error("a stack of the same name has the same ID")
		}
	})
}
