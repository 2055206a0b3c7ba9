package aws_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	fakeaws "pr-stack/internal/fake/aws"
)

func put(t *testing.T, api *ssm.Client, input ssm.PutParameterInput) error {
	t.Helper()
	if input.Name == nil {
		input.Name = aws.String("/a/b")
	}
	if input.Value == nil {
		input.Value = aws.String("x")
	}
	_, err := api.PutParameter(t.Context(), &input)
	return err
}

func TestPutParameter_is_refused(t *testing.T) {
	const exists = "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."
	tags := []types.Tag{{Key: aws.String("team"), Value: aws.String("a")}}
	for name, test := range map[string]struct {
		input         ssm.PutParameterInput
		code, message string // "" is success
	}{
		"exists":         {ssm.PutParameterInput{Type: types.ParameterTypeString}, "ParameterAlreadyExists", exists},
		"overwrites":     {ssm.PutParameterInput{Overwrite: aws.Bool(true)}, "", ""},
		"no type":        {ssm.PutParameterInput{Name: aws.String("/new")}, "ValidationException", "A parameter type is required"},
		"tags":           {ssm.PutParameterInput{Name: aws.String("/new"), Type: types.ParameterTypeString, Tags: tags}, "", ""},
		"tags overwrite": {ssm.PutParameterInput{Overwrite: aws.Bool(true), Tags: tags}, "ValidationException", "tags and overwrite can't be used together"},
		"fits":           {ssm.PutParameterInput{Overwrite: aws.Bool(true), Value: aws.String(strings.Repeat("x", 4096))}, "", ""},
		"too long": {ssm.PutParameterInput{Overwrite: aws.Bool(true), Value: aws.String(strings.Repeat("x", 4097))}, "ValidationException",
			"Standard tier parameters support a maximum parameter value of 4096 characters."},
		"advanced": {ssm.PutParameterInput{Overwrite: aws.Bool(true), Tier: types.ParameterTierAdvanced, Value: aws.String(strings.Repeat("x", 4097))}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := fakeaws.New(fakeaws.Options{})
			a.PutParameter("/a/b", "first")
			err := put(t, ssm.NewFromConfig(a.Config()), test.input)
			api, refused := errors.AsType[smithy.APIError](err)
			switch {
			case refused != (test.code != ""), err != nil && !refused:
				t.Errorf("PutParameter = %v, want %q", err, test.code)
			case refused && (api.ErrorCode() != test.code || !strings.Contains(api.ErrorMessage(), test.message)):
				t.Errorf("PutParameter = %v, want %s: %s", err, test.code, test.message)
			}
		})
	}
}

func TestParameters_have_their_history(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := ssm.NewFromConfig(fakeaws.New(fakeaws.Options{}).Config())
		for range 103 {
			if err := put(t, api, ssm.PutParameterInput{Overwrite: aws.Bool(true), Type: types.ParameterTypeString}); err != nil {
				t.Fatal(err)
			}
		}
		var versions []int64
		pages := ssm.NewGetParameterHistoryPaginator(api, &ssm.GetParameterHistoryInput{Name: aws.String("/a/b")})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil || len(page.Parameters) != 50 {
				t.Fatalf("a page of %d versions, %v, want 50", len(page.Parameters), err)
			}
			for _, p := range page.Parameters {
				versions = append(versions, p.Version)
			}
		}
		if len(versions) != 100 || versions[0] != 4 || versions[99] != 103 || !slices.IsSorted(versions) {
			t.Errorf("versions = %v, want 4 to 103", versions)
		}
		// Versions of a parameter that is made again begin with 1.
		if _, err := api.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: aws.String("/a/b")}); err != nil {
			t.Fatal(err)
		}
		_, err := api.GetParameterHistory(t.Context(), &ssm.GetParameterHistoryInput{Name: aws.String("/a/b")})
		if missing := (*types.ParameterNotFound)(nil); !errors.As(err, &missing) {
			t.Errorf("GetParameterHistory = %v, want ParameterNotFound", err)
		}
		_, err = api.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: aws.String("/a/b")})
		if missing := (*types.ParameterNotFound)(nil); !errors.As(err, &missing) {
			t.Errorf("DeleteParameter = %v, want ParameterNotFound", err)
		}
		if err := put(t, api, ssm.PutParameterInput{Type: types.ParameterTypeString}); err != nil {
			t.Fatal(err)
		}
		got, err := api.GetParameterHistory(t.Context(), &ssm.GetParameterHistoryInput{Name: aws.String("/a/b")})
		if err != nil || len(got.Parameters) != 1 || got.Parameters[0].Version != 1 || aws.ToString(got.Parameters[0].LastModifiedUser) == "" {
			t.Errorf("GetParameterHistory = %+v, %v, want version 1", got, err)
		}
	})
}

func TestParameters_by_name_and_by_path(t *testing.T) {
	a := fakeaws.New(fakeaws.Options{PageSize: 1})
	for _, name := range []string{"/a/b", "/a/c", "/a/d/e", "/ab", "f"} {
		a.PutParameter(name, name)
	}
	api := ssm.NewFromConfig(a.Config())
	for recursive, want := range map[bool]string{false: "/a/b /a/c", true: "/a/b /a/c /a/d/e"} {
		var names []string
		pages := ssm.NewGetParametersByPathPaginator(api, &ssm.GetParametersByPathInput{Path: aws.String("/a"), Recursive: &recursive})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range page.Parameters {
				names = append(names, aws.ToString(p.Name))
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("below /a, recursive %v: %s, want %s", recursive, got, want)
		}
	}
	got, err := api.GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{"f", "g"}})
	if err != nil || len(got.Parameters) != 1 || strings.Join(got.InvalidParameters, " ") != "g" {
		t.Errorf("GetParameters = %+v, %v, want f, and g invalid", got, err)
	}
	if arn := aws.ToString(got.Parameters[0].ARN); arn != "arn:aws:ssm:eu-north-1:123456789012:parameter/f" {
		t.Errorf("the ARN is %s", arn)
	}
}

// CloudFormation and the API have the same parameters.
func TestParameters_of_a_stack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := fakeaws.New(fakeaws.Options{})
		_, err := cloudformation.NewFromConfig(a.Config()).CreateStack(t.Context(), &cloudformation.CreateStackInput{
			StackName: aws.String("s"), TemplateBody: aws.String("Resources: {P: {Type: AWS::SSM::Parameter, Properties: {Name: /a/b, Type: String, Value: v}}}"),
		})
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		got, err := ssm.NewFromConfig(a.Config()).GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/a/b")})
		if err != nil || aws.ToString(got.Parameter.Value) != "v" || got.Parameter.Version != 1 {
			t.Errorf("GetParameter = %+v, %v, want v, version 1", got, err)
		}
	})
}

func TestParameters_need_permissions(t *testing.T) {
	const (
		trust  = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}`
		policy = `{"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Action": "ssm:PutParameter", "Resource": "arn:aws:ssm:eu-north-1:123456789012:parameter/a/*",
				"Condition": {"StringEquals": {"aws:RequestTag/team": "a"}}},
			{"Effect": "Allow", "Action": "ssm:AddTagsToResource", "Resource": "*"},
			{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}}]}`
	)
	a := fakeaws.New(fakeaws.Options{})
	arn, err := a.AddRole("r", trust, policy)
	if err != nil {
		t.Fatal(err)
	}
	api := ssm.NewFromConfig(a.ConfigAs(arn))
	tags := func(team string) []types.Tag { return []types.Tag{{Key: aws.String("team"), Value: &team}} }
	for name, test := range map[string]struct {
		input ssm.PutParameterInput
		want  string // "" is success
	}{
		"its own":     {ssm.PutParameterInput{Name: aws.String("/a/own"), Tags: tags("a")}, ""},
		"another tag": {ssm.PutParameterInput{Name: aws.String("/a/other"), Tags: tags("b")}, "ssm:PutParameter on resource: arn:aws:ssm:eu-north-1:123456789012:parameter/a/other"},
		"no tag":      {ssm.PutParameterInput{Name: aws.String("/a/none")}, "ssm:PutParameter"},
		"elsewhere":   {ssm.PutParameterInput{Name: aws.String("/b/own"), Tags: tags("a")}, "ssm:PutParameter"},
	} {
		test.input.Type = types.ParameterTypeString
		if err := put(t, api, test.input); (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), "not authorized to perform: "+test.want) {
			t.Errorf("%s: PutParameter = %v, want %q", name, err, test.want)
		}
	}
	a.PutParameter("/a/bare", "x")
	for name, allowed := range map[string]bool{"/a/own": true, "/a/bare": false} {
		if _, err := api.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &name}); (err == nil) != allowed {
			t.Errorf("GetParameter %s = %v, want allowed %v", name, err, allowed)
		}
	}
}
