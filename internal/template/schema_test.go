package template_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"pr-stack/internal/template"
)

// schemas is what AWS says about the resource types that our templates use. The file is made by
// extract.mjs, which says how to repeat it.
type schemas struct {
	Source    string
	Resources map[string]struct {
		Attributes []string // that Fn::GetAtt can read
		Properties properties
		Types      map[string]properties // the nested types, by name
	}
}

// properties are the properties of a resource type or of a nested type.
type properties map[string]kind

// kind is what one property accepts. Type is string, integer, number, boolean, json, list, map, any of,
// or the name of a nested type. Of has the kinds of a list's or map's elements, or the alternatives.
type kind struct {
	Type     string
	Of       []kind
	Values   []any  // the values that are allowed; empty for all
	Required bool   // the property must be set
	Replaces string // yes or maybe if a change of the property replaces the resource
}

func readSchemas(t *testing.T) schemas {
	t.Helper()
	text, err := os.ReadFile("testdata/schema/resources.json")
	if err != nil {
		t.Fatal(err)
	}
	var all schemas
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// Every property is one that AWS knows, has the type that AWS wants, and has an allowed value. cfn-lint
// checks more, but its own schemas are older than some properties.
func TestTemplates_conform_to_the_schemas_of_AWS(t *testing.T) {
	all := readSchemas(t)
	for name, body := range templates {
		for _, fault := range conform(t, all, body) {
			t.Errorf("%s.yaml: %s", name, fault)
		}
	}
}

// The templates in the stories stand for those that users write.
func TestStories_have_templates_that_conform_to_the_schemas_of_AWS(t *testing.T) {
	all := readSchemas(t)
	scripts, err := filepath.Glob("../../testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("Glob = %q, %v, want the stories", scripts, err)
	}
	checked := 0
	for _, path := range scripts {
		script, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range script.Files {
			// A template without a resource is there to be refused.
			if !strings.Contains(string(file.Data), "\nResources:\n") {
				continue
			}
			checked++
			for _, fault := range conform(t, all, string(file.Data)) {
				t.Errorf("%s: %s: %s", filepath.Base(path), file.Name, fault)
			}
		}
	}
	if checked == 0 {
		t.Error("the stories have no template, want at least one")
	}
}

// examples are the templates of testdata/templates, by their paths.
func examples(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/templates/*/*template*")
	if err != nil || len(paths) == 0 {
		t.Fatalf("Glob = %q, %v, want the examples", paths, err)
	}
	bodies := map[string]string{}
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bodies[path] = string(body)
	}
	return bodies
}

func TestExamples_conform_to_the_schemas_of_AWS(t *testing.T) {
	all := readSchemas(t)
	for path, body := range examples(t) {
		for _, fault := range conform(t, all, body) {
			if fault != "CDKMetadata: the schemas have no type AWS::CDK::Metadata: add it to testdata/schema/extract.mjs" {
				t.Errorf("%s: %s", path, fault)
			}
		}
	}
}

func TestTemplates_silence_no_check(t *testing.T) {
	for name, body := range templates {
		for i, line := range strings.Split(body, "\n") {
			if strings.Contains(line, "ignore_checks") {
				t.Errorf("%s.yaml:%d silences cfn-lint: a check that is silenced hides every later fault, too", name, i+1)
			}
		}
	}
}

// An update of an environment keeps its URL, its log, and its service or function: whatever a user
// overrides or a push changes, only the task definition is replaced.
func TestService_templates_replace_only_the_task_definition(t *testing.T) {
	constant := []string{ // parameters that do not change during an environment's life
		"VpcId", "PublicSubnetIds", "ClusterName", "NamespaceId", "HttpsListenerArn", "HostedZoneId", "Hostname",
	}
	all := readSchemas(t)
	for _, body := range []string{template.Fargate, template.Lambda} {
		var parsed struct {
			Resources map[string]struct {
				Type       string               `yaml:"Type"`
				Properties map[string]yaml.Node `yaml:"Properties"`
			} `yaml:"Resources"`
		}
		if err := yaml.Unmarshal([]byte(body), &parsed); err != nil {
			t.Fatal(err)
		}
		parameters := section(t, body, "Parameters")
		for name, r := range parsed.Resources {
			for property, value := range r.Properties {
				if all.Resources[r.Type].Properties[property].Replaces == "" || r.Type == "AWS::ECS::TaskDefinition" {
					continue
				}
				for used := range references(&value) {
					if _, isParameter := parameters[used]; isParameter && !slices.Contains(constant, used) {
						t.Errorf("%s.%s uses %s: a change of it would replace the resource", name, property, used)
					}
				}
			}
		}
	}
}

func TestConform_finds_what_AWS_would_refuse(t *testing.T) {
	all := readSchemas(t)
	const head = `
Parameters:
  Name: {Type: String}
  Days: {Type: Number, Default: 8}
  Subnets: {Type: List<AWS::EC2::Subnet::Id>}
Conditions:
  Long: !Equals [!Ref Name, x]
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17"}}}
  R:
`
	service := func(properties string) string {
		return "{Type: AWS::ECS::Service, Properties: {" + properties + "}}"
	}
	logs := func(properties string) string {
		return "{Type: AWS::Logs::LogGroup, Properties: {" + properties + "}}"
	}
	for name, test := range map[string]struct{ resource, want string }{
		"nothing wrong": {service("Cluster: !Ref Name, LoadBalancers: [{ContainerPort: !Ref Days}], DesiredCount: !If [Long, 1, !Ref AWS::NoValue]"), ""},
		"a property that does not exist": {
			service("Clusters: c"), "R.Clusters: AWS::ECS::Service has no such property",
		},
		"a property that does not exist, deep": {
			service("DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: false, Threshold: 2}}"),
			"R.DeploymentConfiguration.DeploymentCircuitBreaker.Threshold: DeploymentCircuitBreaker has no such property",
		},
		"a property that is missing": {
			service("DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true}}"),
			"R.DeploymentConfiguration.DeploymentCircuitBreaker.Rollback: it is required",
		},
		"a resource without what it needs":     {"{Type: AWS::EC2::SecurityGroup}", "R.GroupDescription: it is required"},
		"a property removed by a function":     {"{Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: !Ref AWS::NoValue}}", "R.GroupDescription: it is required"},
		"words for a number":                   {service("DesiredCount: two"), "R.DesiredCount: two is not of type integer"},
		"a number for words":                   {service("Cluster: 5"), "R.Cluster: 5 is not of type string"},
		"words for a boolean":                  {service(`EnableECSManagedTags: "true"`), "R.EnableECSManagedTags: true is not of type boolean"},
		"one for many":                         {service("LoadBalancers: {ContainerPort: 80}"), "R.LoadBalancers: it is not of type list"},
		"many for one":                         {service("Cluster: [a]"), "R.Cluster: it is not of type string"},
		"in a list":                            {service("LoadBalancers: [{ContainerPort: 80}, {Port: 80}]"), "R.LoadBalancers.1.Port: LoadBalancer has no such property"},
		"in a function":                        {service("DesiredCount: !If [Long, 1, few]"), "R.DesiredCount: few is not of type integer"},
		"a value that is not allowed":          {logs("RetentionInDays: 8"), "R.RetentionInDays: 8 is not one of [1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653]"},
		"a default that is not allowed":        {logs("RetentionInDays: !Ref Days"), "R.RetentionInDays: 8, a value of the parameter Days, is not one of [1 3"},
		"a list of parameters for one":         {service("Cluster: !Ref Subnets"), "R.Cluster: the parameter Subnets is a list, want string"},
		"one parameter for a list":             {"{Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: !Ref Name}}", "R.Subnets: the parameter Name is not a list"},
		"text for a list":                      {"{Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: !Sub x}}", "R.Subnets: Fn::Sub returns text, want list"},
		"a list for text":                      {service(`Cluster: !Split [",", !Ref Name]`), "R.Cluster: Fn::Split returns a list, want string"},
		"a name that nothing has":              {service("Cluster: !Ref Nobody"), "R.Cluster: there is no Nobody to refer to"},
		"a name in a text that nothing has":    {service("Cluster: !Sub 'a-${Nobody}'"), "R.Cluster: there is no Nobody to refer to"},
		"an attribute that the resource lacks": {service("Cluster: !GetAtt Role.Name"), "R.Cluster: AWS::IAM::Role has no attribute Name"},
		"that attribute in a text":             {service("Cluster: !Sub '${Role.Name}'"), "R.Cluster: AWS::IAM::Role has no attribute Name"},
		"in the long form":                     {service("Cluster: {'Fn::GetAtt': [Role, Name]}"), "R.Cluster: AWS::IAM::Role has no attribute Name"},
		"a type that is not in the schemas":    {"{Type: AWS::SNS::Topic}", "R: the schemas have no type AWS::SNS::Topic: add it to testdata/schema/extract.mjs"},
		"a dependency on nothing":              {"{Type: AWS::EC2::VPC, DependsOn: Nobody}", "R.DependsOn: there is no Nobody to refer to"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			got := strings.Join(conform(t, all, head+"    "+test.resource), "\n")
			if got != test.want && (test.want == "" || !strings.HasPrefix(got, test.want)) {
				t.Errorf("conform finds %q, want %q", got, test.want)
			}
		})
	}
}

// The schemas are no larger than the templates need.
func TestSchemas_have_no_type_that_no_template_uses(t *testing.T) {
	used := map[string]bool{}
	for _, body := range slices.Concat(
		rolesTemplates(t), slices.Collect(maps.Values(templates)), slices.Collect(maps.Values(examples(t))),
	) {
		for _, r := range section(t, body, "Resources") {
			used[fmt.Sprint(r["Type"])] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(readSchemas(t).Resources)) {
		if !used[name] {
			t.Errorf("no template uses %s: remove it from testdata/schema/extract.mjs and run that again", name)
		}
	}
}
