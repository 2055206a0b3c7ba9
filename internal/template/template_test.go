package template_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"pr-stack/internal/template"
)

var templates = map[string]string{"base": template.Base, "fargate": template.Fargate}

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

func TestFargate_has_no_IAM_resource(t *testing.T) {
	for name, r := range section(t, template.Fargate, "Resources") {
		if strings.HasPrefix(fmt.Sprint(r["Type"]), "AWS::IAM::") {
			t.Errorf("resource %s is of type %v, want none of AWS::IAM: a pull request must not need a capability",
				name, r["Type"])
		}
	}
}

// A named IAM resource needs CAPABILITY_NAMED_IAM; any other fixed name prevents a replacement,
// because the old resource still holds it.
func TestTemplates_leave_names_to_CloudFormation(t *testing.T) {
	naming := []string{"RoleName", "PolicyName", "RepositoryName", "ServiceName", "ClusterName", "GroupName", "Name"}
	for template, body := range templates {
		for name, r := range section(t, body, "Resources") {
			properties, _ := r["Properties"].(map[string]any)
			for _, key := range slices.Sorted(maps.Keys(properties)) {
				if slices.Contains(naming, key) {
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
		{"TaskDefinition.Properties.ContainerDefinitions.0.StopTimeout", 2},
		{"EcsService.DependsOn", "Listener"},
		{"EcsService.Properties.AvailabilityZoneRebalancing", "DISABLED"},
		{"EcsService.Properties.HealthCheckGracePeriodSeconds", "HealthCheckGracePeriodSeconds"},
		{"EcsService.Properties.PropagateTags", "SERVICE"},
		{"EcsService.Properties.ForceNewDeployment", map[string]any{
			"EnableForceNewDeployment": true, "ForceNewDeploymentNonce": "CapacityProvider",
		}},
		{"EcsService.Properties.DeploymentConfiguration", map[string]any{
			"MinimumHealthyPercent": 100,
			"MaximumPercent":        200,
			"DeploymentCircuitBreaker": map[string]any{
				"Enable":                 true,
				"Rollback":               false,
				"ResetOnHealthyTask":     false,
				"ThresholdConfiguration": map[string]any{"Type": "COUNT", "Value": 2},
			},
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

func TestFargate_tasks_accept_traffic_only_from_the_load_balancer(t *testing.T) {
	resources := section(t, template.Fargate, "Resources")
	got := at(resources, "TaskSecurityGroup.Properties.SecurityGroupIngress")
	want := []any{map[string]any{
		"Description":           "From the load balancer",
		"IpProtocol":            "tcp",
		"FromPort":              "ContainerPort",
		"ToPort":                "ContainerPort",
		"SourceSecurityGroupId": "LoadBalancerSecurityGroup.GroupId",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ingress of the tasks (-want +got):\n%s", diff)
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

// nodes yields a node and all nodes below it.
func nodes(node *yaml.Node) func(yield func(*yaml.Node) bool) {
	return func(yield func(*yaml.Node) bool) {
		walk(node, yield)
	}
}

func walk(node *yaml.Node, yield func(*yaml.Node) bool) bool {
	if !yield(node) {
		return false
	}
	for _, child := range node.Content {
		if !walk(child, yield) {
			return false
		}
	}
	return true
}
