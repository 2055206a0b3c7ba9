package cloudmap

import (
	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// The actions of a service are those of AWS's resource schema (handlers.*.permissions;
// pulumi-aws-native 43eed3b, 2026-08-07), and those of a namespace, which has no schema with
// permissions, are what Cloud Map's own guide asks for. The ARNs are those of the Service Authorization
// Reference: a service is created on its namespace as well, and actions on tags and lists are on no
// particular resource.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudmap.html

type resource = cloudformation.Resource

var (
	anywhere = cloudformation.Anywhere
	onARN    = cloudformation.OnARN
	all      = cloudformation.All
)

// itself returns a resource's ARN, KIND/ID, with * for the ID of one that does not exist yet.
func (m *CloudMap) itself(kind string) func(*resource) string {
	return func(r *resource) string {
		if r.PhysicalID == "" {
			return m.account.ARN("servicediscovery", kind+"/*")
		}
		return m.account.ARN("servicediscovery", kind+"/"+r.PhysicalID)
	}
}

// https://docs.aws.amazon.com/cloud-map/latest/dg/security_iam_id-based-policy-examples.html
func (m *CloudMap) namespacePermissions() cloudformation.Permissions {
	namespace := m.itself("namespace")
	return cloudformation.Permissions{
		ARN: namespace,
		Create: all(anywhere("servicediscovery:CreatePrivateDnsNamespace").WithTags(),
			anywhere("route53:CreateHostedZone", "route53:GetHostedZone", "route53:ListHostedZonesByName", "ec2:DescribeVpcs", "ec2:DescribeRegions")),
		Made:   onARN(namespace, "servicediscovery:GetOperation"),
		Read:   onARN(namespace, "servicediscovery:GetNamespace"),
		Update: onARN(namespace, "servicediscovery:UpdatePrivateDnsNamespace").IfChanged(),
		Delete: all(onARN(namespace, "servicediscovery:DeleteNamespace", "servicediscovery:GetOperation"), anywhere("route53:DeleteHostedZone")),
		Tag:    anywhere("servicediscovery:TagResource").WithTags(),
		Untag:  anywhere("servicediscovery:UntagResource"),
		Refuse: cloudformation.RefuseAs(m.account, "ServiceDiscovery", 400),
	}
}

func (m *CloudMap) servicePermissions() cloudformation.Permissions {
	service := m.itself("service")
	namespace := func(r *resource) string {
		id := property.Text(r.Properties["NamespaceId"])
		if id == "" {
			id = property.Text(property.Object(r.Properties["DnsConfig"])["NamespaceId"])
		}
		return m.account.ARN("servicediscovery", "namespace/"+id)
	}
	read := all(onARN(service, "servicediscovery:GetService", "servicediscovery:GetServiceAttributes"),
		anywhere("servicediscovery:ListTagsForResource"))
	return cloudformation.Permissions{
		ARN: service,
		Create: all(onARN(namespace, "servicediscovery:CreateService").WithTags(),
			onARN(service, "servicediscovery:CreateService").WithTags()),
		Made: all(anywhere("servicediscovery:ListServices"), read,
			onARN(service, "servicediscovery:UpdateServiceAttributes").For("ServiceAttributes")),
		Read: read,
		Update: all(read,
			onARN(namespace, "servicediscovery:GetNamespace"),
			onARN(service, "servicediscovery:UpdateService").IfChanged(),
			onARN(namespace, "servicediscovery:GetOperation").IfChanged(),
			onARN(service, "servicediscovery:UpdateServiceAttributes", "servicediscovery:DeleteServiceAttributes").For("ServiceAttributes")),
		Delete: onARN(service, "servicediscovery:DeleteService", "servicediscovery:GetService"),
		Tag:    anywhere("servicediscovery:TagResource").WithTags(),
		Untag:  anywhere("servicediscovery:UntagResource"),
		Refuse: cloudformation.RefuseAs(m.account, "ServiceDiscovery", 400),
	}
}
