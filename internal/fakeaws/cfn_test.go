package fakeaws_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"pr-stack/internal/fakeaws"
)

const small = `
Parameters: {Cidr: {Type: String, Default: 10.0.0.0/16}}
Resources:
  Network: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Cidr}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Network}}
  Logs: {Type: AWS::Logs::LogGroup}
`

// onCloudFormation tells a story with the SDK's own client, which does not ask again.
func onCloudFormation(t *testing.T, options fakeaws.Options, story func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		account := fakeaws.New(options)
		once := func(o *cloudformation.Options) { o.Retryer = aws.NopRetryer{} }
		story(t, account, cloudformation.NewFromConfig(account.Config(), once))
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

// The wording of CloudFormation's answers, as LocalStack's snapshot tests recorded them from AWS.
func TestCloudFormation_wording(t *testing.T) {
	type in = cloudformation.CreateStackInput
	create := func(c *cloudformation.Client, i *in) error {
		i.StackName = aws.String("t")
		_, err := c.CreateStack(context.Background(), i)
		return err
	}
	update := func(c *cloudformation.Client, body string, values ...types.Parameter) error {
		_, err := c.UpdateStack(context.Background(), &cloudformation.UpdateStackInput{StackName: aws.String("s"), TemplateBody: &body, Parameters: values})
		return err
	}
	role := "Resources: {R: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}}"
	for name, test := range map[string]struct {
		call func(a *fakeaws.AWS, c *cloudformation.Client, id string) error
		code string
		want string // ID stands for the stack's
	}{
		"describe what is not there": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			_, err := c.DescribeStacks(context.Background(), &cloudformation.DescribeStacksInput{StackName: aws.String("x")})
			return err
		}, "ValidationError", "Stack with id x does not exist"},
		"events of what is not there": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			_, err := c.DescribeStackEvents(context.Background(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("x")})
			return err
		}, "ValidationError", "Stack [x] does not exist"},
		"a name that is taken": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			_, err := c.CreateStack(context.Background(), &in{StackName: aws.String("s"), TemplateBody: aws.String(small)})
			return err
		}, "AlreadyExistsException", "Stack [s] already exists"},
		"nothing to do": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error { return update(c, small) }, "ValidationError", "No updates are to be performed."},
		"a state that forbids it": {func(a *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			a.SetStatus("s", "ROLLBACK_COMPLETE", "")
			return update(c, small)
		}, "ValidationError", "Stack:ID is in ROLLBACK_COMPLETE state and can not be updated."},
		"an update that failed and was left": {func(a *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			a.SetStatus("s", "UPDATE_FAILED", "")
			return update(c, small)
		}, "ValidationError", "This stack is currently in a non-terminal [UPDATE_FAILED] state. To update the stack from this state, please use the disable-rollback parameter with update-stack API. To rollback to the last known good state, use the rollback-stack API"},
		"delete while updating": {func(a *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			a.SetStatus("s", "UPDATE_IN_PROGRESS", "")
			_, err := c.DeleteStack(context.Background(), &cloudformation.DeleteStackInput{StackName: aws.String("s")})
			return err
		}, "ValidationError", "Stack [s] cannot be deleted while in status UPDATE_IN_PROGRESS"},
		"delete what is protected": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			_, err := c.UpdateTerminationProtection(context.Background(), &cloudformation.UpdateTerminationProtectionInput{StackName: aws.String("s"), EnableTerminationProtection: aws.Bool(true)})
			if err != nil {
				return err
			}
			_, err = c.DeleteStack(context.Background(), &cloudformation.DeleteStackInput{StackName: aws.String("s")})
			return err
		}, "ValidationError", "Stack [s] cannot be deleted while TerminationProtection is enabled"},
		"cancel what does not run": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			_, err := c.CancelUpdateStack(context.Background(), &cloudformation.CancelUpdateStackInput{StackName: aws.String("s")})
			return err
		}, "ValidationError", "CancelUpdateStack cannot be called from current stack status"},
		"capabilities": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: &role})
		},
			"InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]"},
		"no JSON": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("{\n  \"Resources\": ")})
		},
			"ValidationError", "Template format error: JSON not well-formed. (line 2, column 16)"},
		"no YAML": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("a: b: c")})
		},
			"ValidationError", "Template format error: YAML not well-formed."},
		"no resources": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("Resources: {}")})
		},
			"ValidationError", "Template format error: At least one Resources member must be defined."},
		"no type": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("Resources: {A: {}}")})
		},
			"ValidationError", "Template format error: [/Resources/A] Every Resources object must contain a Type member."},
		"unresolved in resources": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("Resources: {A: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref X}}}")})
		}, "ValidationError", "Template format error: Unresolved resource dependencies [X] in the Resources block of the template"},
		"unresolved in outputs": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("Resources: {A: {Type: AWS::EC2::VPC}}\nOutputs: {B: {Value: !Ref X}}")})
		}, "ValidationError", "Unresolved resource dependencies [X] in the Outputs block of the template"},
		"parameters without values": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String("Parameters: {B: {Type: String}, A: {Type: String}}\nResources: {V: {Type: AWS::EC2::VPC}}")})
		}, "ValidationError", "Parameters: [A, B] must have values"},
		"a role": {func(_ *fakeaws.AWS, c *cloudformation.Client, _ string) error {
			return create(c, &in{TemplateBody: aws.String(small), RoleARN: aws.String("arn:aws:iam::123456789012:role/not-assumable")})
		}, "ValidationError", "Role ARN is invalid or cannot be assumed"},
	} {
		t.Run(name, func(t *testing.T) {
			onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client) {
				id := createSmall(t, c, nil)
				<-time.After(time.Minute)
				err := test.call(a, c, id)
				var api smithy.APIError
				want := strings.ReplaceAll(test.want, "ID", id)
				if !errors.As(err, &api) || api.ErrorCode() != test.code || api.ErrorMessage() != want {
					t.Errorf("got %v\nwant %s: %s", err, test.code, want)
				}
			})
		})
	}
}

func TestCloudFormation_body_that_is_too_long(t *testing.T) {
	onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, _ *fakeaws.AWS, c *cloudformation.Client) {
		body := small + "#" + strings.Repeat("x", 51201)
		_, err := c.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("t"), TemplateBody: &body})
		if err == nil || !strings.HasSuffix(err.Error(), "at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200") {
			t.Error("CreateStack took a body of more than 51200 bytes, or refused it in other words")
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

func TestCloudFormation_an_update_that_is_cancelled_is_rolled_back(t *testing.T) {
	onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, _ *fakeaws.AWS, c *cloudformation.Client) {
		id := createSmall(t, c, nil)
		<-time.After(time.Minute)
		updateSmall(t, c)
		<-time.After(5 * time.Second)
		if _, err := c.CancelUpdateStack(t.Context(), &cloudformation.CancelUpdateStackInput{StackName: &id}); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		answer, err := c.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &id})
		if err != nil || answer.Stacks[0].StackStatus != types.StackStatusUpdateRollbackComplete {
			t.Errorf("DescribeStacks = %v, %v, want UPDATE_ROLLBACK_COMPLETE", answer, err)
		}
	})
}

// Replacement and cleanup, failure and rollback, in the order and words of recorded stacks.
func TestCloudFormation_timelines(t *testing.T) {
	for name, story := range map[string]func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client){
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
				story(t, a, c)
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
					t.Errorf("%s comes after an older event: they are newest first", *e.EventId)
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
			t.Errorf("the same call made another stack: %s", again)
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
			t.Errorf("DescribeStacks(ID) = %v, %v, want it deleted, and when", answer, err)
		}
		if again := createSmall(t, c, nil); again == old {
			t.Error("a stack of the same name has the same ID")
		}
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
			t.Errorf("with one call in two struck, twice, after the first: %s, want %s", got, want)
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
		refused := func(calls int) (n int) {
			for range calls {
				if _, err := c.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}); err != nil {
					n++
				}
			}
			return n
		}
		if got := refused(10); got != 7 {
			t.Errorf("of 10 calls at once %d were refused, want all but the burst of 3", got)
		}
		<-time.After(time.Second)
		if got := refused(10); got != 8 {
			t.Errorf("a second later %d of 10 were refused, want all but 2", got)
		}
		throttled := 0
		for _, call := range a.Calls() {
			if call.Error == "Throttling" {
				throttled++
			}
		}
		if throttled != 15 {
			t.Errorf("Calls has %d throttled ones, want 15", throttled)
		}
	})
}

func TestCredentials(t *testing.T) {
	for key, want := range map[string][2]string{ // by the query protocol, and by JSON
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

func TestUnknown_operations_are_refused_by_name(t *testing.T) {
	onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, _ *fakeaws.AWS, c *cloudformation.Client) {
		_, err := c.DetectStackDrift(t.Context(), &cloudformation.DetectStackDriftInput{StackName: aws.String("s")})
		if err == nil || !strings.Contains(err.Error(), "fakeaws has no operation DetectStackDrift of cloudformation") {
			t.Errorf("DetectStackDrift = %v, want it refused by name", err)
		}
	})
}
