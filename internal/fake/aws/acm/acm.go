// Package acm is AWS Certificate Manager: certificates that a record in a hosted zone validates.
package acm

import (
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
)

// ACM is the account's certificates, by ARN.
type ACM struct {
	account      *account.Account
	proves       func(zoneID, domain string) (proves, found bool)
	certificates map[string]*Certificate
}

// Certificate is one of them. Until it is issued, it is in PENDING_VALIDATION.
type Certificate struct {
	Names  []string // that it is for; one may begin with *.
	Issued bool
}

// New returns an ACM without certificates. proves reports whether a record in a hosted zone proves that
// its owner has a domain, and whether the account has the zone.
func New(a *account.Account, proves func(zoneID, domain string) (proves, found bool)) *ACM {
	return &ACM{account: a, proves: proves, certificates: map[string]*Certificate{}}
}

// Certificate returns the certificate of an ARN, or the zero value. It is called with the account's lock
// held.
func (m *ACM) Certificate(arn string) Certificate {
	if c := m.certificates[arn]; c != nil {
		return *c
	}
	return Certificate{}
}

// Add adds a certificate, as somebody requested it long ago, and returns its ARN.
func (m *ACM) Add(c Certificate) (arn string) {
	m.account.Lock()
	defer m.account.Unlock()
	arn = m.newARN()
	m.certificates[arn] = &c
	return arn
}

func (m *ACM) newARN() string { return m.account.ARN("acm", "certificate/"+m.account.UUID()) }

// validation is how long it takes from the record to the certificate. It is not recorded; people report
// two to five minutes.
const validation = 3 * time.Minute

// Types returns certificates. A change of a property of Replaces needs a new resource:
// createOnlyProperties of AWS's schemas (pulumi-aws-native 43eed3b, 2026-08-07).
func (m *ACM) Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::CertificateManager::Certificate": {
			Create: m.create,
			Replaces: cloudformation.AnyChanged("SubjectAlternativeNames", "DomainValidationOptions", "ValidationMethod", "KeyAlgorithm",
				"DomainName", "CertificateAuthorityArn", "CertificateExport"),
			Taggable: true, Required: []string{"DomainName"}, Permissions: m.permissions(),
			Retag: 2 * time.Second, // not recorded: a call
			Delete: func(r *cloudformation.Resource, done func(error)) {
				delete(m.certificates, r.PhysicalID)
				m.account.After(2*time.Second, func() { done(nil) })
			},
		},
	}
}

// create requests a certificate. If no record proves that the domain is the account's, it stays in
// PENDING_VALIDATION and the stack in CREATE_IN_PROGRESS: "the stack remains in the CREATE_IN_PROGRESS
// state" until the certificate is validated (template reference). The handler gives up after 36 hours.
func (m *ACM) create(r *cloudformation.Resource, done func(error)) {
	c := &Certificate{Names: append([]string{property.Text(r.Properties["DomainName"])}, property.Texts(r.Properties["SubjectAlternativeNames"])...)}
	proved := 0
	for _, item := range property.List(r.Properties["DomainValidationOptions"]) {
		option := property.Object(item)
		proves, found := m.proves(property.Text(option["HostedZoneId"]), bare(property.Text(option["DomainName"])))
		if !found {
			m.account.After(time.Second, func() {
				done(cloudformation.HandlerError(m.account, "Could not find hosted zone "+property.Text(option["HostedZoneId"]), "NotFound"))
			})
			return
		}
		if proves {
			proved++
		}
	}
	r.PhysicalID = m.newARN()
	r.Attributes["CertificateArn"] = r.PhysicalID
	m.certificates[r.PhysicalID] = c
	if proved < len(c.Names) {
		m.account.After(36*time.Hour, func() { done(cloudformation.HandlerError(m.account, "Exceeded attempts to wait", "NotStabilized")) })
		return
	}
	m.account.After(validation, func() {
		c.Issued = true
		done(nil)
	})
}

// bare returns the domain whose record proves a name: that of *.example.com is example.com's.
func bare(name string) string {
	if len(name) > 2 && name[:2] == "*." {
		return name[2:]
	}
	return name
}
