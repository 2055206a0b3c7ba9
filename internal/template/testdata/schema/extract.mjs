// Writes resources.json: what AWS's resource schemas say about the resource types that this repository's
// templates use. The source is an npm package, AWS's own digest of its schemas, under the Apache License
// 2.0. To repeat it, in an empty folder:
//
//   npm pack @aws-cdk/aws-service-spec@0.1.216 && tar -xf aws-cdk-aws-service-spec-0.1.216.tgz
//   node PATH/TO/extract.mjs package >PATH/TO/resources.json
//
// For a template with a resource of another type, add the type to the list below. For a property that is
// newer than the package, choose a newer version, and write its number and date here and below.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const version = "0.1.216";
const published = "2026-09-29";
const resourceTypes = [
  "AWS::ApiGatewayV2::Api",
  "AWS::ApiGatewayV2::Authorizer",
  "AWS::ApiGatewayV2::Integration",
  "AWS::ApiGatewayV2::Route",
  "AWS::ApiGatewayV2::Stage",
  "AWS::ApiGatewayV2::VpcLink",
  "AWS::CertificateManager::Certificate",
  "AWS::DynamoDB::Table",
  "AWS::EC2::InternetGateway",
  "AWS::EC2::Route",
  "AWS::EC2::RouteTable",
  "AWS::EC2::SecurityGroup",
  "AWS::EC2::SecurityGroupEgress",
  "AWS::EC2::SecurityGroupIngress",
  "AWS::EC2::Subnet",
  "AWS::EC2::SubnetRouteTableAssociation",
  "AWS::EC2::VPC",
  "AWS::EC2::VPCGatewayAttachment",
  "AWS::ECR::Repository",
  "AWS::ECS::Cluster",
  "AWS::ECS::Service",
  "AWS::ECS::TaskDefinition",
  "AWS::ElasticLoadBalancingV2::Listener",
  "AWS::ElasticLoadBalancingV2::ListenerRule",
  "AWS::ElasticLoadBalancingV2::LoadBalancer",
  "AWS::ElasticLoadBalancingV2::TargetGroup",
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::OIDCProvider",
  "AWS::IAM::Role",
  "AWS::Lambda::Function",
  "AWS::Lambda::Permission",
  "AWS::Logs::LogGroup",
  "AWS::Route53::RecordSet",
  "AWS::S3::Bucket",
  "AWS::ServiceDiscovery::PrivateDnsNamespace",
  "AWS::ServiceDiscovery::Service",
];

const folder = process.argv[2];
const found = JSON.parse(readFileSync(join(folder, "package.json"))).version;
if (found !== version) throw new Error(`${folder} has version ${found}, want ${version}`);
const { resource, typeDefinition } = JSON.parse(gunzipSync(readFileSync(join(folder, "db.json.gz")))).schema;
const definitions = new Map(typeDefinition.entities.map((d) => [d.$id, d]));

// A resource's properties, and its attributes, which Fn::GetAtt reads. Nested types are kept by name.
function describe(name) {
  const definition = resource.entities.find((r) => r.cloudFormationType === name);
  if (!definition) throw new Error(`there is no resource type ${name}`);
  const types = {};
  const properties = propertiesOf(definition.properties, types);
  return { attributes: Object.keys(definition.attributes).sort(), properties, types: sorted(types) };
}

function propertiesOf(properties, types) {
  return sorted(
    Object.fromEntries(
      Object.entries(properties).map(([name, p]) => {
        const described = typeOf(p.type, types);
        if (p.required) described.required = true;
        if (p.causesReplacement) described.replaces = p.causesReplacement; // yes or maybe
        return [name, described];
      }),
    ),
  );
}

function typeOf(type, types) {
  switch (type.type) {
    case "string":
    case "integer":
    case "number":
    case "boolean":
      return type.allowedValues ? { type: type.type, values: type.allowedValues } : { type: type.type };
    case "json":
      return { type: "json" };
    case "date-time":
      return { type: "string" };
    case "array":
      return { type: "list", of: [typeOf(type.element, types)] };
    case "map":
      return { type: "map", of: [typeOf(type.element, types)] };
    case "union":
      return { type: "any of", of: type.types.map((t) => typeOf(t, types)) };
    case "tag":
      types.Tag = {
        Key: { type: "string", required: true },
        Value: { type: "string", required: true },
      };
      return { type: "Tag" };
    case "ref": {
      const nested = definitions.get(type.reference.$ref);
      if (!(nested.name in types)) {
        types[nested.name] = {}; // a type may contain itself
        types[nested.name] = propertiesOf(nested.properties, types);
      }
      return { type: nested.name };
    }
  }
  throw new Error(`there is no rule for the type ${type.type}`);
}

function sorted(object) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

// JSON with one property on each line, so that the next version's changes can be read.
function print(value, indent = "") {
  if (Array.isArray(value) || typeof value !== "object" || typeof value.type === "string") return JSON.stringify(value);
  const deeper = indent + "  ";
  const lines = Object.entries(value).map(([key, v]) => `${deeper}${JSON.stringify(key)}: ${print(v, deeper)}`);
  return lines.length ? `{\n${lines.join(",\n")}\n${indent}}` : "{}";
}

const resources = Object.fromEntries(resourceTypes.map((name) => [name, describe(name)]));
console.log(print({ source: `@aws-cdk/aws-service-spec ${version} of ${published}`, resources }));
