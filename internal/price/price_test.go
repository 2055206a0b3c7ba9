package price

import (
	"fmt"
	"maps"
	"math"
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
				t.Fatalf("Of = %v, %v, want all of it to be known", got, err)
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

func wantPrice(t *testing.T, body, want string, without []string) {
	t.Helper()
	got, err := Of(body, nil)
	if err != nil {
		t.Fatal(err)
	}
	if daily := fmt.Sprintf("%.2f", got.Daily); daily != want {
		t.Errorf("Of = %s USD, want %s", daily, want)
	}
	if diff := cmp.Diff(without, got.Without); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
}

func TestOf_other_resources(t *testing.T) {
	task := func(properties string) string {
		return "Task: {Type: AWS::ECS::TaskDefinition, Properties: {Cpu: 512, Memory: 1024}}\n" +
			"  S: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task, " + properties + "}}"
	}
	for _, test := range []struct {
		resources string
		want      string
		without   []string
	}{
		{resources: "L: {Type: AWS::Lambda::Function}", want: "0.00"},
		{
			resources: "D: {Type: AWS::RDS::DBInstance}\n" +
				"  C: {Type: AWS::ElastiCache::CacheCluster}\n" +
				"  E: {Type: AWS::RDS::DBInstance}",
			want: "0.00", without: []string{"AWS::ElastiCache::CacheCluster", "AWS::RDS::DBInstance"},
		},
		{resources: "N: {Type: AWS::EC2::NatGateway}\n  A: {Type: AWS::EC2::EIP}", want: "1.20"},
		{
			resources: "B: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Scheme: internal, Subnets: [a, b]}}",
			want:      "0.54",
		},
		{
			resources: "B: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: !Split [',', !ImportValue x]}}",
			want:      "0.78",
		},
		{resources: task("LaunchType: FARGATE"), want: "0.59"},
		{resources: task("LaunchType: EC2"), want: "0.00"},
		{resources: task("DesiredCount: !If [Many, 10, 2]"), want: "1.18"},
		{resources: task("DesiredCount: !FindInMap [Sizes, !Ref Size, tasks]"), want: "0.00", without: unknown},
		{resources: task("DesiredCount: !If [Unknown, 10, 2]"), want: "0.00", without: unknown},
		{
			resources: task("CapacityProviderStrategy: [{CapacityProvider: FARGATE, Weight: 1}, {CapacityProvider: FARGATE_SPOT, Weight: 3}]"),
			want:      "0.00", without: unknown,
		},
		{
			resources: "B: {Type: AWS::EC2::NatGateway, Condition: Many}\n  E: {Type: AWS::EC2::EIP, Condition: Few}",
			want:      "0.12",
		},
		{
			resources: "S: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !ImportValue shared}}",
			want:      "0.00", without: unknown,
		},
		{
			resources: "S: {Type: AWS::CloudFormation::Stack}",
			want:      "0.00", without: []string{"AWS::CloudFormation::Stack"},
		},
		{
			resources: "V: {Type: AWS::EC2::VPC}\n" +
				"  E: {Type: AWS::EC2::VPCEndpoint}\n" +
				"  G: {Type: AWS::EC2::VPCGatewayAttachment}",
			want: "0.00", without: []string{"AWS::EC2::VPCEndpoint"},
		},
	} {
		t.Run(test.resources, func(t *testing.T) {
			body := `
Parameters: {Size: {Type: String, Default: small}}
Mappings: {Sizes: {small: {tasks: 3}}}
Conditions:
  Many: !Equals [!Ref Size, large]
  Few: !Not [!Equals [!Ref Size, large]]
  Unknown: !Equals [!ImportValue x, large]
Resources:
  ` + test.resources
			wantPrice(t, body, test.want, test.without)
		})
	}
}

func TestOf_an_invalid_template(t *testing.T) {
	for _, body := range []string{"", "- a", "a: [", "x"} {
		if got, err := Of(body, nil); err == nil || !strings.HasPrefix(err.Error(), "read the template's resources: ") {
			t.Errorf("Of(%q) = %v, %v, want an error", body, got, err)
		}
	}
}

// Users write the templates: whatever a template contains, the result is a price or an error.
func FuzzOf(f *testing.F) {
	f.Add(template.Fargate)
	f.Add("Conditions: {A: !Condition A}\nResources: {R: {Type: X, Condition: A}}")
	f.Add("Conditions: {A: !Or [!Condition A, !Condition A]}\nResources: {R: {Type: X, Condition: A}}")
	f.Add("Resources: {R: {Type: AWS::ECS::Service, Properties: {DesiredCount: !If [A, 1]}}}")
	f.Add(`{"Resources": {"R": {"Type": "AWS::EC2::EIP", "Properties": []}}}`)
	f.Fuzz(func(t *testing.T, body string) {
		e, err := Of(body, nil)
		if err == nil && (math.IsNaN(e.Daily) || math.IsInf(e.Daily, 0) || e.Daily < 0) {
			t.Errorf("Of(%q) = %v", body, e.Daily)
		}
	})
}

// unknown is Estimate.Without if the price of a service is not known.
var unknown = []string{"AWS::ECS::Service"}

// These figures were added up by hand, too: a load balancer costs 0.54, an address 0.12, and the
// task 0.59 a day.
func TestOf_rare_resources(t *testing.T) {
	balancer := func(properties string) string {
		return "B: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {" + properties + "}}"
	}
	service := func(task, properties string) string {
		return "Task: {Type: AWS::ECS::TaskDefinition, Properties: {" + task + "}}\n" +
			"  S: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task, " + properties + "}}"
	}
	const half = "Cpu: 512, Memory: 1024"
	for _, test := range []struct {
		name      string
		resources string
		want      string
		without   []string
	}{
		{
			name: "types in no order",
			resources: "A: {Type: AWS::RDS::DBInstance}\n" +
				"  B: {Type: AWS::ElastiCache::CacheCluster}\n" +
				"  C: {Type: AWS::RDS::DBInstance}",
			want: "0.00", without: []string{"AWS::ElastiCache::CacheCluster", "AWS::RDS::DBInstance"},
		},
		{name: "a zone", resources: "Z: {Type: AWS::Route53::HostedZone}", want: "0.02"},
		{name: "a secret", resources: "S: {Type: AWS::SecretsManager::Secret}", want: "0.01"},
		{name: "a key", resources: "K: {Type: AWS::KMS::Key}", want: "0.03"},

		{
			name:      "a gateway load balancer",
			resources: balancer("Type: gateway"),
			want:      "0.00", without: []string{"AWS::ElasticLoadBalancingV2::LoadBalancer"},
		},
		{
			name:      "a balancer by mappings",
			resources: balancer("Subnets: !Ref AWS::NoValue, SubnetMappings: [{SubnetId: a}, {SubnetId: b}, {SubnetId: c}]"),
			want:      "0.90",
		},
		{
			name:      "a balancer without IPv4",
			resources: balancer("IpAddressType: dualstack-without-public-ipv4, Subnets: [a, b]"),
			want:      "0.54",
		},

		{
			name:      "tasks on machines",
			resources: "S: {Type: AWS::ECS::Service, Properties: {LaunchType: EC2, TaskDefinition: !ImportValue shared}}",
			want:      "0.00",
		},
		{name: "tasks on machines elsewhere", resources: service(half, "LaunchType: EXTERNAL"), want: "0.00"},
		{
			name:      "tasks on machines by a provider",
			resources: service(half, "CapacityProviderStrategy: [{CapacityProvider: machines, Weight: 1}]"),
			want:      "0.00",
		},
		{
			name:      "tasks on a provider that is not known",
			resources: service(half, "CapacityProviderStrategy: [{CapacityProvider: !ImportValue x}]"),
			want:      "0.00", without: unknown,
		},
		{
			name:      "Spot without a weight",
			resources: service(half, "CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT}]"),
			want:      "0.19",
		},
		{
			name:      "Windows, which costs more",
			resources: service(half+", RuntimePlatform: {OperatingSystemFamily: WINDOWS_SERVER_2022_CORE}", ""),
			want:      "0.00", without: unknown,
		},
		{name: "no CPU", resources: service("Memory: 1024", ""), want: "0.00", without: unknown},
		{name: "no memory", resources: service("Cpu: 512", ""), want: "0.00", without: unknown},
		{name: "CPU of nothing", resources: service("Cpu: 0, Memory: 1GB", ""), want: "0.00", without: unknown},
		{name: "CPU without end", resources: service("Cpu: Inf, Memory: 1024", ""), want: "0.00", without: unknown},
		{
			name:      "CPU in another form",
			resources: service("Cpu: .5 vCPU, Memory: 1024", ""),
			want:      "0.00", without: unknown,
		},

		{name: "a condition that holds", resources: "N: {Type: AWS::EC2::EIP, Condition: Yes}", want: "0.12"},
		{name: "a condition that does not hold", resources: "N: {Type: AWS::EC2::EIP, Condition: No}", want: "0.00"},
		{
			name:      "a condition that is not evaluated",
			resources: "N: {Type: AWS::EC2::EIP, Condition: All}\n  B: {Type: AWS::S3::Bucket, Condition: All}",
			want:      "0.00", without: []string{"AWS::EC2::EIP"},
		},
		{
			name:      "a condition that lacks arguments",
			resources: "N: {Type: AWS::EC2::EIP, Condition: NotWhat}",
			want:      "0.00", without: []string{"AWS::EC2::EIP"},
		},
		{
			name:      "a condition that is not there",
			resources: "N: {Type: AWS::EC2::EIP, Condition: Nowhere}",
			want:      "0.00", without: []string{"AWS::EC2::EIP"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := `
Conditions:
  Yes: !Equals [a, a]
  No: !Not [!Equals [a, a]]
  All: !And [!Condition Yes, !Equals [!ImportValue x, b]]
  NotWhat: !Not []
Resources:
  ` + test.resources
			wantPrice(t, body, test.want, test.without)
		})
	}
}

// The CDK writes JSON, with the long names of functions.
func TestOf_a_template_in_JSON(t *testing.T) {
	got, err := Of(`{
		"Parameters": {"Stage": {"Type": "String", "Default": "preview"}},
		"Conditions": {"Preview": {"Fn::Equals": [{"Ref": "Stage"}, "preview"]}, "Live": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "preview"]}]}},
		"Resources": {
			"A": {"Type": "AWS::EC2::EIP", "Condition": "Preview"},
			"N": {"Type": "AWS::EC2::NatGateway", "Condition": "Live"},
			"B": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Subnets": {"Fn::If": ["Live", ["a", "b"], ["a", "b", "c"]]}}}
		}
	}`, nil)
	if daily := fmt.Sprintf("%.2f", got.Daily); err != nil || daily != "1.02" {
		t.Errorf("Of = %s USD, %v, want 1.02", daily, err)
	}
}
