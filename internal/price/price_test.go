package price

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/template"
)

// The figures were added up by hand from AWS's pages.
func TestOf_the_template_fargate(t *testing.T) {
	for _, test := range []struct {
		name       string
		parameters map[string]string
		want       string
	}{
		{"as it is", nil, "1.20"},
		{"ARM", map[string]string{"CpuArchitecture": "ARM64"}, "1.14"},
		{"Spot", map[string]string{"CapacityProvider": "FARGATE_SPOT"}, "0.99"},
		{"three tasks", map[string]string{"DesiredCount": "3"}, "2.03"},
		{"none", map[string]string{"DesiredCount": "0"}, "0.78"},
		{"a large one", map[string]string{"Cpu": "4096", "Memory": "8192"}, "5.64"},
		{"three zones", map[string]string{"PublicSubnetIds": "subnet-a, subnet-b,subnet-c"}, "1.32"},
	} {
		t.Run(test.name, func(t *testing.T) {
			parameters := map[string]string{"PublicSubnetIds": "subnet-a,subnet-b"}
			maps.Copy(parameters, test.parameters)
			got, err := Of(template.Fargate, parameters)
			if err != nil || len(got.Without) > 0 {
				t.Fatalf("Of = %v, %v, want all of it known", got, err)
			}
			if daily := fmt.Sprintf("%.2f", got.Daily); daily != test.want {
				t.Errorf("Of = %s USD, want %s", daily, test.want)
			}
		})
	}
	if got, err := Of(template.Base, nil); err != nil || got.Daily != 0 || len(got.Without) > 0 {
		t.Errorf("Of(the base stack) = %v, %v, want nothing by the day", got, err)
	}
}

func TestOf_what_else_templates_hold(t *testing.T) {
	task := func(properties string) string {
		return "Task: {Type: AWS::ECS::TaskDefinition, Properties: {Cpu: .5 vCPU, Memory: 1GB}}\n  S: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task, " + properties + "}}"
	}
	for _, test := range []struct {
		resources string
		want      string
		without   []string
	}{
		{resources: "L: {Type: AWS::Lambda::Function}", want: "0.00"},
		{resources: "D: {Type: AWS::RDS::DBInstance}\n  C: {Type: AWS::ElastiCache::CacheCluster}\n  E: {Type: AWS::RDS::DBInstance}", want: "0.00", without: []string{"AWS::ElastiCache::CacheCluster", "AWS::RDS::DBInstance"}},
		{resources: "N: {Type: AWS::EC2::NatGateway}\n  A: {Type: AWS::EC2::EIP}", want: "1.20"},
		{resources: "B: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Scheme: internal, Subnets: [a, b]}}", want: "0.54"},
		{resources: "B: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: !Split [',', !ImportValue x]}}", want: "0.78"},
		{resources: task("LaunchType: FARGATE"), want: "0.59"},
		{resources: task("LaunchType: EC2"), want: "0.00"},
		{resources: task("DesiredCount: !If [Many, 10, 2]"), want: "1.18"},
		{resources: task("DesiredCount: !FindInMap [Sizes, !Ref Size, tasks]"), want: "1.78"},
		{resources: task("CapacityProviderStrategy: [{CapacityProvider: FARGATE, Weight: 1}, {CapacityProvider: FARGATE_SPOT, Weight: 3}]"), want: "0.29"},
		{resources: "B: {Type: AWS::EC2::NatGateway, Condition: Many}\n  E: {Type: AWS::EC2::EIP, Condition: Few}", want: "0.12"},
		{resources: "S: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !ImportValue shared}}", want: "0.00", without: []string{"AWS::ECS::Service"}},
		{resources: "S: {Type: AWS::CloudFormation::Stack}", want: "0.00", without: []string{"AWS::CloudFormation::Stack"}},
		{resources: "E: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcEndpointType: Interface, SubnetIds: [a, b]}}\n  G: {Type: AWS::EC2::VPCEndpoint}", want: "0.48"},
	} {
		t.Run(test.resources, func(t *testing.T) {
			body := `
Parameters: {Size: {Type: String, Default: small}}
Mappings: {Sizes: {small: {tasks: 3}}}
Conditions:
  Many: !And [!Condition Few, !Equals [!Ref Size, large]]
  Few: !Or [!Equals [!Ref Size, tiny], !Not [!Equals [!Ref Size, huge]]]
Resources:
  ` + test.resources
			got, err := Of(body, nil)
			if err != nil {
				t.Fatal(err)
			}
			if daily := fmt.Sprintf("%.2f", got.Daily); daily != test.want {
				t.Errorf("Of = %s USD, want %s", daily, test.want)
			}
			if diff := cmp.Diff(test.without, got.Without); diff != "" {
				t.Errorf("left out (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEstimate_says_what_is_not_in_it(t *testing.T) {
	e := Estimate{Daily: 1.196, Without: []string{"AWS::RDS::DBInstance"}}
	if got, want := e.String(), "1.20 USD a day and what AWS::RDS::DBInstance costs"; got != want {
		t.Errorf("String = %q, want %q", got, want)
	}
}

func TestOf_what_is_no_template(t *testing.T) {
	for _, body := range []string{"", "- a", "a: [", "x"} {
		if got, err := Of(body, nil); err == nil || !strings.HasPrefix(err.Error(), "read the template's resources: ") {
			t.Errorf("Of(%q) = %v, %v, want an error", body, got, err)
		}
	}
}

// Templates are the user's: whatever is in one, it has a price or an error.
func FuzzOf(f *testing.F) {
	f.Add(template.Fargate)
	f.Add("Conditions: {A: !Condition A}\nResources: {R: {Type: X, Condition: A}}")
	f.Add("Conditions: {A: !Or [!Condition A, !Condition A]}\nResources: {R: {Type: X, Condition: A}}")
	f.Add("Resources: {R: {Type: AWS::ECS::Service, Properties: {DesiredCount: !If [A, 1]}}}")
	f.Add(`{"Resources": {"R": {"Type": "AWS::EC2::EIP", "Properties": []}}}`)
	f.Fuzz(func(t *testing.T, body string) {
		e, err := Of(body, nil)
		if err == nil && e.String() == "" {
			t.Errorf("Of(%q) has no words", body)
		}
	})
}
