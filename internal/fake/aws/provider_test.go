package aws_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	fakeaws "pr-stack/internal/fake/aws"
)

const ground = `
Resources:
  Provider:
    Type: AWS::IAM::OIDCProvider
    DeletionPolicy: Retain
    Properties: {Url: https://token.actions.githubusercontent.com, ClientIdList: [sts.amazonaws.com]}
  May:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Action: "cloudformation:*", Resource: "*"}
  Role:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [!Ref May]
      PermissionsBoundary: arn:aws:iam::123456789012:policy/bounds
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Principal: {Federated: !GetAtt Provider.Arn}
          Action: sts:AssumeRoleWithWebIdentity
          Condition:
            StringEquals:
              token.actions.githubusercontent.com:aud: sts.amazonaws.com
              token.actions.githubusercontent.com:sub: ["repo:octo/hello:pull_request", "repo:octo@1/hello@2:pull_request"]
Outputs:
  Arn: {Value: !GetAtt Role.Arn}
`

// A stack with a provider and a role is all that a job needs to sign in: within the role's policies and
// its boundary.
func TestStack_in_which_a_job_signs_in(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := fakeaws.New(fakeaws.Options{})
		if _, err := a.AddManagedPolicy("bounds", `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "cloudformation:Describe*", "Resource": "*"}}`); err != nil {
			t.Fatal(err)
		}
		stacks := cloudformation.NewFromConfig(a.Config())
		deploy := func(name string) string {
			body := ground
			_, err := stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &body, Capabilities: []types.Capability{types.CapabilityCapabilityIam}})
			if err != nil {
				t.Fatal(err)
			}
			<-time.After(2 * time.Minute)
			answer, err := stacks.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
			if err != nil || len(answer.Stacks[0].Outputs) == 0 {
				events, _ := stacks.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &name})
				for _, e := range events.StackEvents {
					if reason := aws.ToString(e.ResourceStatusReason); strings.Contains(reason, "already exists") {
						return reason
					}
				}
				t.Fatalf("stack %s: %v, %+v", name, err, answer)
			}
			return *answer.Stacks[0].Outputs[0].OutputValue
		}
		arn := deploy("one")
		for subject, want := range map[string]string{
			"repo:octo/hello:pull_request": "", "repo:octo@1/hello@2:pull_request": "", "repo:octo/hello:ref:refs/heads/main": "AccessDenied",
		} {
			_, err := sts.NewFromConfig(a.Config()).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
				RoleArn: &arn, RoleSessionName: aws.String("ab"), WebIdentityToken: aws.String(token(claims(issuer, subject, "sts.amazonaws.com"))),
			})
			if got := answer(err); (want == "") != (err == nil) || !strings.Contains(got, want) {
				t.Errorf("%s: %v, want %q", subject, err, want)
			}
		}
		allowed := func(action string) bool { return a.Simulate(arn, action, "*", nil) }
		if !allowed("cloudformation:DescribeStacks") || allowed("cloudformation:DeleteStack") || allowed("ecs:DescribeServices") {
			t.Error("the role may do something else than both its policy and its boundary allow")
		}
		list, err := iam.NewFromConfig(a.Config()).ListOpenIDConnectProviders(t.Context(), &iam.ListOpenIDConnectProvidersInput{})
		if err != nil || len(list.OpenIDConnectProviderList) != 1 {
			t.Fatalf("ListOpenIDConnectProviders = %v, %v", list, err)
		}
		found, err := iam.NewFromConfig(a.Config()).GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: list.OpenIDConnectProviderList[0].Arn})
		if err != nil || aws.ToString(found.Url) != "token.actions.githubusercontent.com" || len(found.ClientIDList) != 1 {
			t.Errorf("GetOpenIDConnectProvider = %v, %v", found, err)
		}
		if got := deploy("two"); !strings.Contains(got, "Provider with url https://token.actions.githubusercontent.com already exists.") {
			t.Errorf("a second provider: %s", got)
		}
	})
}
