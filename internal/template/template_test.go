package template_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"pr-stack/internal/template"
)

var templates = map[string]string{"base": template.Base, "fargate": template.Fargate, "lambda": template.Lambda}

func TestTemplates(t *testing.T) {
	for name, body := range templates {
		t.Run(name+"_fits_in_a_call", func(t *testing.T) {
			if len(body) > template.MaxSize {
				t.Errorf("len(%s) = %d, want at most %d", name, len(body), template.MaxSize)
			}
		})

		// CloudFormation does not support YAML aliases, and cfn-lint does not report them.
		// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
		t.Run(name+"_has_no_YAML_alias", func(t *testing.T) {
			var document yaml.Node
			if err := yaml.Unmarshal([]byte(body), &document); err != nil {
				t.Fatal(err)
			}
			for node := range nodes(&document) {
				if node.Kind == yaml.AliasNode || node.Anchor != "" {
					t.Errorf("line %d: %s%s, want no anchor and no alias", node.Line, node.Anchor, node.Value)
				}
			}
		})
	}
}

// A base stack's outputs and pr-stack's built-in values are enough for an environment: no override
// is needed.
func TestFargate_needs_only_base_outputs_and_builtin_values(t *testing.T) {
	var declared []template.Parameter
	for name, p := range section(t, template.Fargate, "Parameters") {
		_, hasDefault := p["Default"]
		declared = append(declared, template.Parameter{Name: name, HasDefault: hasDefault})
	}
	outputs := map[string]string{}
	for name := range section(t, template.Base, "Outputs") {
		outputs[name] = "from the base stack"
	}
	builtin := map[string]string{"Service": "s", "Environment": "e", "ImageUri": "i"}

	if _, err := template.Parameters(declared, outputs, builtin, nil); err != nil {
		t.Errorf("Parameters(fargate, base, builtin, nil) error = %v, want <nil>", err)
	}
}

// ECS is denied images with this tag when it starts a preview.
func TestBase_marks_the_images_of_permanent_environments(t *testing.T) {
	for name, want := range map[string]bool{"Repository": false, "PermanentRepository": true} {
		tags := fmt.Sprint(at(section(t, template.Base, "Resources"), name+".Properties.Tags"))
		if got := strings.Contains(tags, "Key:pr-stack:images Value:permanent"); got != want {
			t.Errorf("%s has the tags %s; marked: %t, want %t", name, tags, got, want)
		}
	}
}

// An image that something runs must never expire. ECR does not know what runs, so no rule may take an
// image that has a tag: pr-stack removes an image's tags only once its environment is gone.
func TestBase_expires_untagged_images_only(t *testing.T) {
	repositories := 0
	for name, r := range section(t, template.Base, "Resources") {
		if r["Type"] != "AWS::ECR::Repository" {
			continue
		}
		repositories++
		var policy struct {
			Rules []struct {
				Selection struct {
					TagStatus, CountType, CountUnit string
					CountNumber                     int
				}
			}
		}
		text, _ := at(map[string]map[string]any{name: r}, name+".Properties.LifecyclePolicy.LifecyclePolicyText").(string)
		if err := json.Unmarshal([]byte(text), &policy); err != nil || len(policy.Rules) == 0 {
			t.Fatalf("%s: the lifecycle policy is %q: %v", name, text, err)
		}
		for _, rule := range policy.Rules {
			if got := rule.Selection; got.TagStatus != "untagged" || got.CountType != "sinceImagePushed" || got.CountUnit != "days" || got.CountNumber < 7 {
				t.Errorf("%s: a rule takes %+v, want only what has been untagged for a week", name, got)
			}
		}
	}
	if repositories != 2 {
		t.Errorf("the base stack has %d repositories, want one for pull requests and one for permanent environments", repositories)
	}
}

func TestBaseValues(t *testing.T) {
	plain := map[string]string{"VpcId": "vpc-1", "RepositoryName": "a", "RepositoryUri": "host/a", "TaskRoleArn": "r", "TaskExecutionRoleArn": "e", "PermanentBucket": "b"}
	both := maps.Clone(plain)
	maps.Copy(both, map[string]string{
		"PermanentRepositoryName": "A", "PermanentRepositoryUri": "host/A", "PermanentTaskRoleArn": "R", "PermanentTaskExecutionRoleArn": "E",
	})
	own := map[string]string{"VpcId": "vpc-1", "RepositoryName": "A", "RepositoryUri": "host/A", "TaskRoleArn": "R", "TaskExecutionRoleArn": "E", "PermanentBucket": "b"}
	for name, test := range map[string]struct {
		outputs   map[string]string
		permanent bool
		want      map[string]string
		shared    string
	}{
		"a pull request's":              {both, false, plain, ""},
		"a permanent one's":             {both, true, own, ""},
		"a pull request's, older base":  {plain, false, plain, ""},
		"a permanent one's, older base": {plain, true, plain, "RepositoryName RepositoryUri TaskExecutionRoleArn TaskRoleArn"},
		"a base of the user's":          {map[string]string{"VpcId": "vpc-1"}, true, map[string]string{"VpcId": "vpc-1"}, ""},
	} {
		got, shared := template.BaseValues(test.outputs, test.permanent)
		if diff := cmp.Diff(test.want, got); diff != "" || strings.Join(shared, " ") != test.shared {
			t.Errorf("%s: BaseValues shares %q, want %q (-want +got):\n%s", name, shared, test.shared, diff)
		}
	}
}

// Each of the base stack's outputs of their own replaces another one.
func TestBase_has_what_permanent_environments_get(t *testing.T) {
	outputs := map[string]string{}
	for name := range section(t, template.Base, "Outputs") {
		outputs[name] = name
	}
	got, shared := template.BaseValues(outputs, true)
	for name, value := range got {
		if outputs["Permanent"+name] != "" && value != "Permanent"+name {
			t.Errorf("%s is %s, want Permanent%s", name, value, name)
		}
		if strings.HasPrefix(name, "Permanent") {
			t.Errorf("%s replaces nothing", name)
		}
	}
	if len(shared) != 0 {
		t.Errorf("shared: %q, want none", shared)
	}
}

func TestCommit(t *testing.T) {
	type m = map[string]string
	for _, test := range []struct {
		parameters, outputs m
		want                string
	}{
		{m{"Commit": "new"}, m{"Commit": "old"}, "old"}, // during an update
		{m{"Commit": "new"}, m{}, "new"},
		{m{}, m{}, ""},
	} {
		if got := template.Commit(test.parameters, test.outputs); got != test.want {
			t.Errorf("Commit(%v, %v) = %q, want %q", test.parameters, test.outputs, got, test.want)
		}
	}
}

// A named IAM resource needs CAPABILITY_NAMED_IAM; any other fixed name prevents a replacement,
// because the old resource still holds it.
func TestTemplates_leave_names_to_CloudFormation(t *testing.T) {
	required := map[string]bool{ // names that are required
		"Api": true, "VpcLinkOfApis": true, // which several may have
		"Authorizer": true, // which is unique in its API only
		"Namespace":  true, // of a base stack, and so only one
	}
	naming := []string{"RoleName", "PolicyName", "RepositoryName", "ServiceName", "ClusterName", "GroupName", "Name"}
	for template, body := range templates {
		for name, r := range section(t, body, "Resources") {
			properties, _ := r["Properties"].(map[string]any)
			for _, key := range slices.Sorted(maps.Keys(properties)) {
				if slices.Contains(naming, key) && !required[name] && r["Type"] != "AWS::Route53::RecordSet" { // a record is its name
					t.Errorf("%s: resource %s has %s: %v, want the name left to CloudFormation",
						template, name, key, properties[key])
				}
			}
		}
	}
}

// These values decide how long an environment takes to create, update and delete. The default of
// each is far slower.
func TestFargate_is_tuned_for_speed(t *testing.T) {
	resources := section(t, template.Fargate, "Resources")
	tests := []struct {
		path string
		want any
	}{
		{"TargetGroup.Properties.HealthCheckIntervalSeconds", 5},
		{"TargetGroup.Properties.HealthCheckTimeoutSeconds", 4},
		{"TargetGroup.Properties.HealthyThresholdCount", 2},
		{"TargetGroup.Properties.UnhealthyThresholdCount", 2},
		{"TargetGroup.Properties.Matcher.HttpCode", "200-399"},
		{"TargetGroup.Properties.TargetGroupAttributes", []any{
			map[string]any{"Key": "deregistration_delay.timeout_seconds", "Value": "5"},
		}},
		{"TaskDefinition.Properties.ContainerDefinitions.0.StopTimeout", []any{"IsApi", 15, 2}},
		{"EcsService.Metadata.After", []any{
			[]any{"IsDedicated", "Listener", ""}, []any{"HasOwnHttps", "HttpsListener", ""}, []any{"HasListenerRule", "ListenerRule", ""},
		}},
		{"EcsService.Properties.AvailabilityZoneRebalancing", "DISABLED"},
		{"EcsService.Properties.HealthCheckGracePeriodSeconds", []any{"HasLoadBalancer", "HealthCheckGracePeriodSeconds", "AWS::NoValue"}},
		{"EcsService.Properties.PropagateTags", "SERVICE"},
		{"EcsService.Properties.ForceNewDeployment", map[string]any{
			"EnableForceNewDeployment": true, "ForceNewDeploymentNonce": "CapacityProvider",
		}},
		{"EcsService.Properties.DeploymentConfiguration", map[string]any{
			"MinimumHealthyPercent": 100,
			"MaximumPercent":        200,
			"DeploymentCircuitBreaker": []any{"IsCanary", "AWS::NoValue", map[string]any{
				"Enable":                 true,
				"Rollback":               false,
				"ResetOnHealthyTask":     false,
				"ThresholdConfiguration": map[string]any{"Type": "COUNT", "Value": 2},
			}},
			"Strategy": []any{"IsCanary", "CANARY", "AWS::NoValue"},
			"CanaryConfiguration": []any{
				"IsCanary", map[string]any{"CanaryPercent": "CanaryPercent", "CanaryBakeTimeInMinutes": "CanaryBakeMinutes"}, "AWS::NoValue",
			},
			"BakeTimeInMinutes": []any{"IsCanary", "BakeMinutes", "AWS::NoValue"},
			"LifecycleHooks": []any{"IsCanary", []any{map[string]any{
				"TargetType":           "PAUSE",
				"LifecycleStages":      []any{"PRE_PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"},
				"TimeoutConfiguration": map[string]any{"TimeoutInMinutes": "PauseMinutes", "Action": "ROLLBACK"},
			}}, "AWS::NoValue"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, at(resources, tt.path)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.path, diff)
			}
		})
	}
}

// section returns a template's parameters, resources or outputs by name. An intrinsic function in
// short form, such as !Ref x, becomes its argument.
func section(t *testing.T, body, name string) map[string]map[string]any {
	t.Helper()
	var document map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(body), &document); err != nil {
		t.Fatal(err)
	}
	entries := map[string]map[string]any{}
	node := document[name]
	if err := node.Decode(&entries); err != nil {
		t.Fatal(err)
	}
	if len(entries) == 0 {
		t.Fatalf("section %s is empty", name)
	}
	return entries
}

// at returns the value at a path of names and indexes, or nil.
func at(resources map[string]map[string]any, path string) any {
	steps := strings.Split(path, ".")
	var value any = resources[steps[0]]
	for _, step := range steps[1:] {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			value = v[int(step[0]-'0')]
		default:
			return nil
		}
	}
	return value
}
