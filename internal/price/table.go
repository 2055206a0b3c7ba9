package price

// List prices in US dollars, of Linux in us-east-1, without tax; most other regions cost up to a
// third more. They come from https://aws.amazon.com/fargate/pricing/,
// https://aws.amazon.com/elasticloadbalancing/pricing/,
// https://aws.amazon.com/vpc/pricing/, https://aws.amazon.com/route53/pricing/,
// https://aws.amazon.com/secrets-manager/pricing/ and https://aws.amazon.com/kms/pricing/.
const (
	// Source says where the prices come from.
	Source = "list prices of us-east-1, March 2026"

	day   = 24         // hours
	month = 365.0 / 12 // days

	vCPU        = 0.04048 * day  // of Fargate, a virtual CPU
	memory      = 0.004445 * day // of Fargate, a gigabyte
	vCPUOfARM   = 0.03238 * day
	memoryOfARM = 0.00356 * day
	spot        = 0.32 // of the price on demand; it varies by the hour and was between a quarter and a third

	loadBalancer  = 0.0225 * day // without the traffic through it
	publicAddress = 0.005 * day  // IPv4, in use or not
	natGateway    = 0.045 * day

	hostedZone = 0.50 / month
	secret     = 0.40 / month
	key        = 1.00 / month
)

// byUse lists how the names of types without a daily price begin: they are free or paid by use only.
var byUse = []string{
	"AWS::ApiGateway", "AWS::ApplicationAutoScaling::", "AWS::CDK::", "AWS::CertificateManager::",
	"AWS::CloudFormation::WaitCondition", "AWS::CloudFormation::CustomResource", "AWS::CloudFront::",
	"AWS::Cognito::", "AWS::DynamoDB::", "AWS::EC2::DHCPOptions", "AWS::EC2::EIPAssociation",
	"AWS::EC2::EgressOnlyInternetGateway", "AWS::EC2::InternetGateway", "AWS::EC2::LaunchTemplate",
	"AWS::EC2::NetworkAcl", "AWS::EC2::Route", "AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::VPCCidrBlock",
	"AWS::EC2::VPCDHCPOptionsAssociation", "AWS::EC2::VPCGatewayAttachment",
	"AWS::ECR::", "AWS::ECS::Cluster", "AWS::ECS::TaskDefinition", "AWS::EFS::", "AWS::Events::",
	"AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::IAM::",
	"AWS::KMS::Alias", "AWS::Lambda::", "AWS::Logs::", "AWS::Route53::RecordSet", "AWS::S3::", "AWS::SNS::",
	"AWS::SQS::", "AWS::SSM::", "AWS::Scheduler::", "AWS::ServiceDiscovery::", "AWS::StepFunctions::", "Custom::",
}
