package cloudmap

import (
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// Types returns private namespaces and services. A change of a property of Replaces needs a new
// resource: createOnlyProperties of AWS's schemas (pulumi-aws-native 43eed3b, 2026-08-07); those of a
// namespace are the template reference's, "Replacement".
func (m *CloudMap) Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::ServiceDiscovery::PrivateDnsNamespace": {
			Create:   m.createNamespace,
			Replaces: cloudformation.AnyChanged("Name", "Vpc"),
			Delete:   m.deleteNamespace,
			Taggable: true, Required: []string{"Name", "Vpc"}, Permissions: m.namespacePermissions(),
			Retag: 3 * time.Second, // not recorded
		},
		"AWS::ServiceDiscovery::Service": {
			Create:   m.createService,
			Replaces: cloudformation.AnyChanged("HealthCheckCustomConfig", "Name", "Type", "NamespaceId"),
			Update: func(r *cloudformation.Resource, _ map[string]any, done func(error)) {
				m.services[r.Attributes["Arn"].(string)].configure(r.Properties)
				m.account.After(2*time.Second, func() { done(nil) })
			},
			Delete:   m.deleteService,
			Taggable: true, Permissions: m.servicePermissions(),
			Retag: 2 * time.Second, // not recorded: as long as a creation
		},
	}
}

func (m *CloudMap) createNamespace(r *cloudformation.Resource, done func(error)) {
	n := &namespace{
		id: "ns-" + m.account.Unique(16), name: property.Text(r.Properties["Name"]), vpc: property.Text(r.Properties["Vpc"]),
	}
	n.arn = m.account.ARN("servicediscovery", "namespace/"+n.id)
	for _, other := range m.namespaces {
		if other.name == n.name && other.vpc == n.vpc {
			// The words are those of docker/ecs-plugin#186.
			m.fail(done, fmt.Sprintf("The VPC %s in region %s has already been associated with the hosted zone Z0%s with the same "+
				"domain name. (Service : AmazonRoute53; Status Code: 400; Error Code: ConflictingDomainExists; Request ID: %s; Proxy: null)",
				n.vpc, m.account.Region, strings.ToUpper(m.account.Unique(18)), m.account.UUID()))
			return
		}
	}
	m.namespaces[n.id] = n
	r.PhysicalID = n.id
	r.Attributes["Id"], r.Attributes["Arn"] = n.id, n.arn
	r.Attributes["HostedZoneId"] = "Z0" + strings.ToUpper(m.account.Unique(18))
	// A private hosted zone is made: 69.64 s to create and to delete one (terraform-provider-aws#2589).
	m.account.After(45*time.Second, func() { done(nil) })
}

// deleteNamespace refuses to delete a namespace that has services, in the words of sst#5931.
func (m *CloudMap) deleteNamespace(r *cloudformation.Resource, done func(error)) {
	for _, s := range m.services {
		if s.namespace == r.PhysicalID {
			m.fail(done, m.inUse("Namespace has associated services; delete the services before deleting the namespace"))
			return
		}
	}
	delete(m.namespaces, r.PhysicalID)
	m.account.After(25*time.Second, func() { done(nil) })
}

func (m *CloudMap) createService(r *cloudformation.Resource, done func(error)) {
	namespaceID := property.Text(r.Properties["NamespaceId"])
	if namespaceID == "" {
		namespaceID = property.Text(property.Object(r.Properties["DnsConfig"])["NamespaceId"])
	}
	if m.namespaces[namespaceID] == nil {
		m.fail(done, cloudformation.HandlerError(m.account, // inferred from the API's NamespaceNotFound
			fmt.Sprintf("The namespace %s was not found. (Service: ServiceDiscovery, Status Code: 400, Request ID: %s)", namespaceID, m.account.UUID()),
			"NotFound").Error())
		return
	}
	s := &service{id: "srv-" + m.account.Unique(16), namespace: namespaceID, name: property.Text(r.Properties["Name"])}
	if s.name == "" {
		s.name = r.GeneratedName(m.account, 127)
	}
	s.arn = m.account.ARN("servicediscovery", "service/"+s.id)
	s.configure(r.Properties)
	m.services[s.arn] = s
	r.PhysicalID = s.id
	r.Attributes["Id"], r.Attributes["Arn"], r.Attributes["Name"] = s.id, s.arn, s.name
	m.account.After(1600*time.Millisecond, func() { done(nil) }) // recorded
}

func (s *service) configure(p map[string]any) {
	s.recordType = ""
	for _, record := range property.List(property.Object(p["DnsConfig"])["DnsRecords"]) {
		s.recordType = property.Text(property.Object(record)["Type"])
	}
}

// deleteService refuses to delete a service that has instances (terraform-provider-aws#4853).
func (m *CloudMap) deleteService(r *cloudformation.Resource, done func(error)) {
	arn := property.Text(r.Attributes["Arn"])
	if s := m.services[arn]; s != nil && len(s.instances) > 0 {
		m.fail(done, m.inUse("Service contains registered instances; delete the instances before deleting the service"))
		return
	}
	delete(m.services, arn)
	m.account.After(time.Second, func() { done(nil) })
}

func (m *CloudMap) inUse(message string) string {
	return cloudformation.HandlerError(m.account,
		fmt.Sprintf("%s (Service: ServiceDiscovery, Status Code: 400, Request ID: %s)", message, m.account.UUID()), "ResourceConflict").Error()
}

func (m *CloudMap) fail(done func(error), words string) {
	m.account.After(time.Second, func() { done(wire.Reason(words)) })
}
