package aws_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	fakeaws "pr-stack/internal/fake/aws"
)

const issuer = "https://token.actions.githubusercontent.com"

// trustGitHub lets the workflows of one repository assume a role.
const trustGitHub = `{"Version": "2012-10-17", "Statement": {
	"Effect": "Allow",
	"Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
	"Action": "sts:AssumeRoleWithWebIdentity",
	"Condition": {
		"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
		"StringLike": {"token.actions.githubusercontent.com:sub": "repo:octo/hello:*"}
	}}}`

// token returns a JWT with these claims, as GitHub issues them, that is valid for five minutes.
func token(claims string) string {
	text := fmt.Sprintf(`{"exp": %d, %s}`, time.Now().Add(5*time.Minute).Unix(), claims)
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(text)) + ".c2lnbmVk"
}

func claims(issuer, subject, audience string) string {
	return fmt.Sprintf(`"iss": %q, "sub": %q, "aud": %q`, issuer, subject, audience)
}

func identity(t *testing.T, config aws.Config) string {
	t.Helper()
	who, err := sts.NewFromConfig(config).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		return answer(err)
	}
	return *who.Arn
}

func TestGetCallerIdentity_needs_no_permission(t *testing.T) {
	a := fakeaws.New(fakeaws.Options{})
	if got, want := identity(t, as(t, a)), "arn:aws:sts::123456789012:assumed-role/deployer/GitHubActions"; got != want {
		t.Errorf("a session of a role is %s, want %s", got, want)
	}
	if got, want := identity(t, a.Config()), "arn:aws:sts::123456789012:assumed-role/pr-stack/GitHubActions"; got != want {
		t.Errorf("the administrator is %s, want %s", got, want)
	}
	if got := identity(t, a.ConfigAs("arn:aws:iam::123456789012:role/none")); !strings.Contains(got, "cannot be found") {
		t.Errorf("a session of no role is %s, want an error", got)
	}
	arn, err := a.AddRole("gone", trustEveryone)
	if err != nil {
		t.Fatal(err)
	}
	config := a.ConfigAs(arn)
	a.RemoveRole("gone")
	if got, want := identity(t, config), "InvalidClientTokenId 403 The security token included in the request is invalid."; got != want {
		t.Errorf("a session of a role that is gone is %s, want %s", got, want)
	}
}

func TestAssumeRoleWithWebIdentity(t *testing.T) {
	const role = "arn:aws:iam::123456789012:role/preview"
	const refused = "AccessDenied 403 Not authorized to perform sts:AssumeRoleWithWebIdentity"
	for _, test := range []struct {
		name, role, claims string
		want               string
	}{
		{"its subject", role, claims(issuer, "repo:octo/hello:pull_request", "sts.amazonaws.com"), "no error"},
		{"a list of audiences", role, `"iss": "` + issuer + `", "sub": "repo:octo/hello:pull_request", "aud": ["x", "sts.amazonaws.com"]`, "no error"},
		{"another repository", role, claims(issuer, "repo:octo/hello-world:pull_request", "sts.amazonaws.com"), refused},
		{"another role", role + "-x", claims(issuer, "repo:octo/hello:pull_request", "sts.amazonaws.com"), refused},
		{"another audience of the provider", role, claims(issuer, "repo:octo/hello:pull_request", "other"), refused},
		{"an audience that the provider lacks", role, claims(issuer, "repo:octo/hello:pull_request", "https://github.com/octo"),
			"InvalidIdentityToken 400 Incorrect token audience"},
		{"a provider that the account lacks", role, claims("https://gitlab.com", "repo:octo/hello:pull_request", "sts.amazonaws.com"),
			"InvalidIdentityToken 400 No OpenIDConnect provider found in your account for https://gitlab.com"},
		{"expired", role, claims(issuer, "repo:octo/hello:pull_request", "sts.amazonaws.com") + `, "exp": 1`, "ExpiredTokenException 400 Token expired: " +
			"current date/time 946684800 must be before the expiration date/time 1"},
		{"no JWT", role, "", "InvalidIdentityToken 400 The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"},
	} {
		synctest.Test(t, func(t *testing.T) { // whose time begins at 2000-01-01
			a := fakeaws.New(fakeaws.Options{})
			a.AddOIDCProvider(issuer, "sts.amazonaws.com", "other")
			if _, err := a.AddRole("preview", trustGitHub); err != nil {
				t.Fatal(err)
			}
			config := a.Config()
			config.Credentials = aws.AnonymousCredentials{}
			with := token(test.claims)
			_, err := sts.NewFromConfig(config).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
				RoleArn: &test.role, RoleSessionName: aws.String("run-1"), WebIdentityToken: &with,
			})
			if got := answer(err); got != test.want {
				t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
			}
		})
	}
}

// The SDK's own provider, which the action's users get from configure-aws-credentials.
func TestWebIdentity_sessions_expire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := fakeaws.New(fakeaws.Options{})
		a.AddOIDCProvider(issuer, "sts.amazonaws.com")
		arn, err := a.AddRole("preview", trustGitHub, policy(allow("*", "ecs:ListClusters")))
		if err != nil {
			t.Fatal(err)
		}
		answered, err := sts.NewFromConfig(a.Config()).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: &arn, RoleSessionName: aws.String("run-1"), DurationSeconds: aws.Int32(900),
			WebIdentityToken: aws.String(token(claims(issuer, "repo:octo/hello:pull_request", "sts.amazonaws.com"))),
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := time.Until(*answered.Credentials.Expiration), 15*time.Minute; got != want {
			t.Errorf("the session ends in %v, want %v", got, want)
		}
		given := answered.Credentials
		config := a.Config()
		config.Credentials = credentials.NewStaticCredentialsProvider(*given.AccessKeyId, *given.SecretAccessKey, *given.SessionToken)
		if got, want := identity(t, config), "arn:aws:sts::123456789012:assumed-role/preview/run-1"; got != want {
			t.Errorf("the session is %s, want %s", got, want)
		}
		<-time.After(15 * time.Minute)
		if got, want := identity(t, config), "ExpiredToken 403 The security token included in the request is expired"; got != want {
			t.Errorf("after 15 minutes: %s, want %s", got, want)
		}
		_, err = ecs.NewFromConfig(config).ListClusters(t.Context(), &ecs.ListClustersInput{})
		if got, want := answer(err), "ExpiredTokenException 400 The security token included in the request is expired"; got != want {
			t.Errorf("after 15 minutes: %s, want %s", got, want)
		}
	})
}

func TestAssumeRole(t *testing.T) {
	const target = "arn:aws:iam::123456789012:role/target"
	trust := func(principal string) string {
		return strings.Replace(trustEveryone, "arn:aws:iam::123456789012:root", principal, 1)
	}
	const refused = "AccessDenied 403 " + user + "sts:AssumeRole on resource: " + target
	deny := policy(`{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}`)
	may := policy(allow(target, "sts:AssumeRole"))
	for _, test := range []struct {
		name, trust string
		policies    []string
		seconds     int32
		want        string
	}{
		{"trusted by role", trust("arn:aws:iam::123456789012:role/deployer"), nil, 0, "no error"},
		{"trusted by session", trust("arn:aws:sts::123456789012:assumed-role/deployer/GitHubActions"), nil, 0, "no error"},
		{"trusted by role, and denied", trust("arn:aws:iam::123456789012:role/deployer"), []string{deny}, 0, refused},
		{"trusted by account, and allowed", trustEveryone, []string{may}, 0, "no error"},
		{"trusted by account's number, and allowed", trust("123456789012"), []string{may}, 0, "no error"},
		{"trusted by account, and not allowed", trustEveryone, nil, 0, refused},
		{"not trusted", trust("arn:aws:iam::123456789012:role/other"), []string{may}, 0, refused},
		{"for two hours", trustEveryone, []string{may}, 7200, "ValidationError 400 The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
		{"for a minute", trustEveryone, []string{may}, 60, "ValidationError 400 1 validation error detected: Value '60' at 'durationSeconds' " +
			"failed to satisfy constraint: Member must have value greater than or equal to 900"},
	} {
		a := fakeaws.New(fakeaws.Options{})
		if _, err := a.AddRole("target", test.trust); err != nil {
			t.Fatal(err)
		}
		in := &sts.AssumeRoleInput{RoleArn: aws.String(target), RoleSessionName: aws.String("s-1")}
		if test.seconds > 0 {
			in.DurationSeconds = &test.seconds
		}
		_, err := sts.NewFromConfig(as(t, a, test.policies...)).AssumeRole(t.Context(), in)
		if got := answer(err); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

const roles = `
Resources:
  Deployer:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - { Effect: Allow, Principal: { AWS: !Ref AWS::AccountId }, Action: sts:AssumeRole }
      Policies:
        - { PolicyName: a, PolicyDocument: { Version: "2012-10-17", Statement: { Effect: Allow, Action: ACTION, Resource: "*" } } }
  More:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: more
      Roles: [!Ref Deployer]
      PolicyDocument: { Version: "2012-10-17", Statement: { Effect: Allow, Action: ecr:DescribeRepositories, Resource: "*" } }
Outputs:
  Arn: { Value: !GetAtt Deployer.Arn }
`

func TestRoles_of_templates_can_be_assumed(t *testing.T) {
	onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client) {
		body := strings.Replace(roles, "ACTION", "ecs:ListClusters", 1)
		if _, err := c.CreateStack(t.Context(), &cloudformation.CreateStackInput{
			StackName: aws.String("roles"), TemplateBody: &body, Capabilities: []types.Capability{types.CapabilityCapabilityIam},
		}); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		stacks, err := c.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("roles")})
		if err != nil || len(stacks.Stacks[0].Outputs) != 1 {
			t.Fatalf("the stack has no output: %v, %v", err, stacks)
		}
		config := a.Config()
		config.Credentials = stscreds.NewAssumeRoleProvider(sts.NewFromConfig(config), *stacks.Stacks[0].Outputs[0].OutputValue)
		list := func() string {
			_, err := ecs.NewFromConfig(config).ListClusters(t.Context(), &ecs.ListClustersInput{})
			return strings.SplitN(answer(err), " ", 2)[0]
		}
		if got := list(); got != "no" {
			t.Errorf("with the role, ListClusters = %s, want no error", got)
		}
		body = strings.Replace(roles, "ACTION", "ecs:ListServices", 1)
		if _, err := c.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
			StackName: aws.String("roles"), TemplateBody: &body, Capabilities: []types.Capability{types.CapabilityCapabilityIam},
		}); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		if got := list(); got != "AccessDeniedException" {
			t.Errorf("with another policy, ListClusters = %s, want AccessDeniedException", got)
		}
		if _, err := c.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("roles")}); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		if got := list(); got != "AccessDenied" {
			t.Errorf("without the role, AssumeRole = %s, want AccessDenied", got)
		}
	})
}

func TestRoles_of_templates_with_policies_that_are_not_known_fail(t *testing.T) {
	for name, test := range map[string]struct{ old, new, want string }{
		"condition key":    {`Resource: "*" } } }`, `Resource: "*", Condition: { StringEquals: { "aws:SourceVpc": x } } } } }`, "does not know the condition key"},
		"no trust":         {`Version: "2012-10-17"` + "\n        Statement:", "Version: \"2012\"\n        Statement:", "Version"},
		"managed policy":   {"Policies:\n", "ManagedPolicyArns: [\"arn:aws:iam::aws:policy/X\"]\n      Policies:\n", "does not exist or is not attachable"},
		"boundary":         {"Policies:\n", "PermissionsBoundary: arn:aws:iam::aws:policy/X\n      Policies:\n", "does not exist or is not attachable"},
		"policy of a role": {"Roles: [!Ref Deployer]", "Roles: [nobody]", "The role with name nobody cannot be found."},
	} {
		onCloudFormation(t, fakeaws.Options{}, func(t *testing.T, a *fakeaws.AWS, c *cloudformation.Client) {
			body := strings.Replace(roles, "ACTION", "ecs:ListClusters", 1)
			changed := strings.Replace(body, test.old, test.new, 1)
			if body == changed {
				t.Fatalf("%s: the template lacks %q", name, test.old)
			}
			if _, err := c.CreateStack(t.Context(), &cloudformation.CreateStackInput{
				StackName: aws.String("roles"), TemplateBody: &changed, Capabilities: []types.Capability{types.CapabilityCapabilityIam},
			}); err != nil {
				t.Fatal(err)
			}
			<-time.After(2 * time.Minute)
			var timeline strings.Builder
			a.Timeline(&timeline, "roles")
			if !strings.Contains(timeline.String(), test.want) || !strings.Contains(timeline.String(), "ROLLBACK_COMPLETE") {
				t.Errorf("%s: the stack's timeline lacks %q or ROLLBACK_COMPLETE:\n%s", name, test.want, timeline.String())
			}
		})
	}
}
