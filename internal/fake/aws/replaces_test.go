package aws

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"pr-stack/internal/template"
)

// createOnly are the properties whose change needs a new resource: createOnlyProperties of AWS's
// resource schemas (pulumi-aws-native 43eed3b, 2026-08-07). Of some types no schema was at hand: of
// AWS::ApiGatewayV2::Authorizer, AWS::EC2::SecurityGroupEgress, AWS::IAM::Policy, AWS::Route53::RecordSet,
// AWS::ServiceDiscovery::PrivateDnsNamespace and AWS::CloudFormation::Stack they are those of which the
// template reference says "Update requires: Replacement".
var createOnly = map[string]string{
	"AWS::ApiGatewayV2::Api":         "ProtocolType",
	"AWS::ApiGatewayV2::Authorizer":  "ApiId",
	"AWS::ApiGatewayV2::Integration": "ApiId",
	"AWS::ApiGatewayV2::Route":       "ApiId",
	"AWS::ApiGatewayV2::Stage":       "StageName ApiId",
	"AWS::ApiGatewayV2::VpcLink":     "SecurityGroupIds SubnetIds",
	"AWS::CloudFormation::Stack":     "",
	"AWS::EC2::InternetGateway":      "",
	"AWS::EC2::Route":                "RouteTableId DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId",
	"AWS::EC2::RouteTable":           "VpcId",
	"AWS::EC2::SecurityGroup":        "GroupDescription GroupName VpcId",
	"AWS::CDK::Metadata":             "",
	"AWS::DynamoDB::Table":           "TableName ImportSourceSpecification",
	"AWS::EC2::SecurityGroupEgress": "CidrIp CidrIpv6 DestinationPrefixListId DestinationSecurityGroupId FromPort GroupId IpProtocol " +
		"ToPort",
	"AWS::EC2::SecurityGroupIngress": "GroupName IpProtocol SourceSecurityGroupId SourcePrefixListId ToPort CidrIp " +
		"SourceSecurityGroupName SourceSecurityGroupOwnerId FromPort GroupId CidrIpv6",
	"AWS::EC2::Subnet": "VpcId AvailabilityZone AvailabilityZoneId CidrBlock OutpostArn Ipv6Native Ipv4IpamPoolId " +
		"Ipv4NetmaskLength Ipv6IpamPoolId Ipv6NetmaskLength",
	"AWS::EC2::SubnetRouteTableAssociation": "SubnetId RouteTableId",
	"AWS::EC2::VPC":                         "CidrBlock Ipv4IpamPoolId Ipv4NetmaskLength VpcEncryptionControl",
	"AWS::EC2::VPCGatewayAttachment":        "VpcId",
	"AWS::ECR::Repository":                  "RepositoryName EncryptionConfiguration",
	"AWS::ECS::Cluster":                     "ClusterName",
	"AWS::ECS::Service":                     "Cluster Role SchedulingStrategy ServiceName",
	"AWS::ECS::TaskDefinition": "Family ContainerDefinitions Cpu EnableFaultInjection ExecutionRoleArn InferenceAccelerators Memory " +
		"NetworkMode PlacementConstraints ProxyConfiguration RequiresCompatibilities RuntimePlatform TaskRoleArn Volumes PidMode " +
		"IpcMode EphemeralStorage",
	"AWS::ElasticLoadBalancingV2::Listener":      "LoadBalancerArn",
	"AWS::ElasticLoadBalancingV2::LoadBalancer":  "Name Type Scheme",
	"AWS::ElasticLoadBalancingV2::TargetGroup":   "TargetType ProtocolVersion Port Name VpcId Protocol IpAddressType",
	"AWS::IAM::Policy":                           "",
	"AWS::IAM::Role":                             "Path RoleName",
	"AWS::Logs::LogGroup":                        "LogGroupName",
	"AWS::ServiceDiscovery::PrivateDnsNamespace": "Name Vpc",
	"AWS::ServiceDiscovery::Service":             "HealthCheckCustomConfig Name Type NamespaceId",
	"AWS::Lambda::Alias":                         "Name FunctionName",
	"AWS::Lambda::Version":                       "FunctionName Description CodeSha256 ProvisionedConcurrencyConfig RuntimePolicy",
	"AWS::Lambda::Function":                      "FunctionName PackageType TenancyConfig",
	"AWS::Lambda::Permission": "FunctionName FunctionUrlAuthType InvokedViaFunctionUrl SourceAccount SourceArn Principal " +
		"PrincipalOrgID Action EventSourceToken",
	"AWS::CertificateManager::Certificate": "SubjectAlternativeNames DomainValidationOptions ValidationMethod KeyAlgorithm DomainName " +
		"CertificateAuthorityArn CertificateExport",
	"AWS::Route53::RecordSet":                   "Name HostedZoneId HostedZoneName",
	"AWS::ElasticLoadBalancingV2::ListenerRule": "ListenerArn",
	"AWS::IAM::ManagedPolicy":                   "ManagedPolicyName Description Path",
	"AWS::IAM::OIDCProvider":                    "Url",
	"AWS::S3::Bucket":                           "BucketName BucketNamePrefix BucketNamespace",
	"AWS::SQS::Queue":                           "QueueName FifoQueue",
	"AWS::SSM::Parameter":                       "Name",
}

// Each type is replaced for a change of these properties, and for none of the others that the templates
// of this project have.
func TestTypes_are_replaced_as_their_schemas_say(t *testing.T) {
	used := propertiesUsed(t)
	for name, kind := range New(Options{}).stacks.Types() {
		list, known := createOnly[name]
		if !known {
			t.Errorf("%s is not in the table", name)
		}
		want := strings.Fields(list)
		for _, property := range slices.Concat(want, used[name]) {
			old, now := map[string]any{property: "a"}, map[string]any{property: "b"}
			if got := kind.Replaces != nil && kind.Replaces(old, now); got != slices.Contains(want, property) {
				t.Errorf("%s: a change of %s replaces it: %v", name, property, got)
			}
		}
	}
}

// propertiesUsed returns the properties of each type that the templates of this project have, but for
// tags, for which nothing is replaced.
func propertiesUsed(t *testing.T) map[string][]string {
	t.Helper()
	used := map[string][]string{}
	for _, body := range []string{template.Base, template.Fargate, template.Lambda} {
		var parsed struct {
			Resources map[string]struct {
				Type       string
				Properties map[string]yaml.Node
			}
		}
		if err := yaml.Unmarshal([]byte(body), &parsed); err != nil {
			t.Fatal(err)
		}
		for _, r := range parsed.Resources {
			delete(r.Properties, "Tags")
			used[r.Type] = append(used[r.Type], slices.Collect(maps.Keys(r.Properties))...)
		}
	}
	return used
}
