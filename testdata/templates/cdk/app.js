// One environment of a service, as a CDK app. Its parameters have the names that pr-stack fills in:
// outputs of the base stack, and the image. So the app has no assets, and needs no `cdk deploy`.
const { App, Aws, CfnCondition, CfnOutput, CfnParameter, Duration, Fn, RemovalPolicy, Stack } = require("aws-cdk-lib");
const ec2 = require("aws-cdk-lib/aws-ec2");
const ecs = require("aws-cdk-lib/aws-ecs");
const elb = require("aws-cdk-lib/aws-elasticloadbalancingv2");
const { Role } = require("aws-cdk-lib/aws-iam");
const { LogGroup, RetentionDays } = require("aws-cdk-lib/aws-logs");

const port = 8080;

class Environment extends Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const given = (name, type = "String") => new CfnParameter(this, name, { type });
    const role = (name) => Role.fromRoleArn(this, name.replace("Arn", ""), given(name).valueAsString, { mutable: false });
    const subnetIds = given("PublicSubnetIds", "List<AWS::EC2::Subnet::Id>").valueAsList;

    const vpc = ec2.Vpc.fromVpcAttributes(this, "Vpc", {
      vpcId: given("VpcId", "AWS::EC2::VPC::Id").valueAsString,
      availabilityZones: [Fn.select(0, Fn.getAzs()), Fn.select(1, Fn.getAzs())],
      publicSubnetIds: [Fn.select(0, subnetIds), Fn.select(1, subnetIds)],
    });
    const cluster = ecs.Cluster.fromClusterAttributes(this, "Cluster", {
      clusterName: given("ClusterName").valueAsString, vpc,
    });
    const logGroup = new LogGroup(this, "Logs", { retention: RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY });

    // Roles of the base stack, which pr-stack may pass to tasks. A role that the app makes needs more
    // permissions: see the example in ../data.
    const task = new ecs.FargateTaskDefinition(this, "Task", {
      // Without it, the CDK makes one of its own names for the stack and the construct, which all environments
      // would share, and which pr-stack's policies do not allow.
      family: Aws.STACK_NAME,
      executionRole: role("TaskExecutionRoleArn"), taskRole: role("TaskRoleArn"),
    });
    task.addContainer("App", {
      image: ecs.ContainerImage.fromRegistry(given("ImageUri").valueAsString),
      portMappings: [{ containerPort: port }],
      environment: { ENVIRONMENT: given("Environment").valueAsString },
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: "app", logGroup }),
    });
    const service = new ecs.FargateService(this, "Service", {
      cluster, taskDefinition: task, desiredCount: 1, assignPublicIp: true,
      vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
      minHealthyPercent: 100, maxHealthyPercent: 200, circuitBreaker: { rollback: false },
    });
    const balancer = new elb.ApplicationLoadBalancer(this, "Balancer", { vpc, internetFacing: true });
    balancer.addListener("Http", { port: 80 }).addTargets("Tasks", {
      port, protocol: elb.ApplicationProtocol.HTTP, targets: [service], deregistrationDelay: Duration.seconds(5),
      healthCheck: {
        path: given("HealthCheckPath").valueAsString, interval: Duration.seconds(5), timeout: Duration.seconds(4),
        healthyThresholdCount: 2, healthyHttpCodes: "200-399",
      },
    });

    new CfnOutput(this, "LoadBalancerDNSName", { value: balancer.loadBalancerDnsName });
    new CfnOutput(this, "ServiceArn", {
      value: this.formatArn({ service: "ecs", resource: "service", resourceName: service.serviceName }),
    });
    new CfnOutput(this, "LogGroupName", { value: logGroup.logGroupName });
    // By these, pr-stack says which commit is up, and uses an image again that it built from the same files.
    const commit = given("Commit").valueAsString;
    given("BuildInputs");
    new CfnOutput(this, "DeployedCommit", {
      value: commit,
      condition: new CfnCondition(this, "CommitIsKnown", { expression: Fn.conditionNot(Fn.conditionEquals(commit, "")) }),
    }).overrideLogicalId("Commit");
  }
}

// The stack's name is pr-stack's to choose: the one here is only that of the template's file.
new Environment(new App(), "environment");
