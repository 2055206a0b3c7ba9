// Package route53 is Amazon Route 53: hosted zones, and records that are aliases of load balancers.
package route53

import (
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// Zone is a public hosted zone.
type Zone struct {
	ID   string // such as Z0123456789ABCDEFGHIJ
	Name string // example.com
	// Undelegated means that the parent zone has other name servers, so that nobody sees the records.
	Undelegated bool
}

// Route53 is the account's hosted zones and their records.
type Route53 struct {
	account *account.Account
	zones   map[string]*zone // by ID
}

type zone struct {
	Zone
	records map[string]record // by name, without the final full stop
}

type record struct {
	target  string // of an alias
	visible bool
}

// New returns a Route53 without zones.
func New(a *account.Account) *Route53 { return &Route53{account: a, zones: map[string]*zone{}} }

// AddZone adds a hosted zone, as somebody did long ago.
func (r *Route53) AddZone(z Zone) {
	r.account.Lock()
	defer r.account.Unlock()
	r.zones[z.ID] = &zone{z, map[string]record{}}
}

// Proves reports whether a record in the zone proves to the world that its owner has the domain.
func (r *Route53) Proves(zoneID, domain string) (proves, found bool) {
	z := r.zones[zoneID]
	return z != nil && !z.Undelegated && z.contains(domain), z != nil
}

// Resolve returns what a name is an alias of. The name is known if it is in a zone of the account. It is
// called without the account's lock.
func (r *Route53) Resolve(name string) (target string, known bool) {
	r.account.Lock()
	defer r.account.Unlock()
	r.account.Advance()
	for _, z := range r.zones {
		if !z.contains(name) {
			continue
		}
		known = true
		if found := z.lookUp(name); found.visible && !z.Undelegated {
			return found.target, true
		}
	}
	return "", known
}

func (z *zone) contains(name string) bool {
	return name == z.Name || strings.HasSuffix(name, "."+z.Name)
}

// lookUp returns the record of a name, or of the wildcard nearest to it (RFC 4592).
func (z *zone) lookUp(name string) record {
	if found, ok := z.records[name]; ok {
		return found
	}
	for _, parent, more := strings.Cut(name, "."); more; _, parent, more = strings.Cut(parent, ".") {
		if found, ok := z.records["*."+parent]; ok {
			return found
		}
	}
	return record{}
}

// Types returns record sets. A change of a property of Replaces needs a new resource (template
// reference, "Update requires: Replacement").
func (r *Route53) Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::Route53::RecordSet": {
			Create:   r.create,
			Replaces: cloudformation.AnyChanged("Name", "HostedZoneId", "HostedZoneName"),
			Required: []string{"Name", "Type"}, Permissions: r.permissions(),
			Update: func(made *cloudformation.Resource, _ map[string]any, done func(error)) {
				z := r.zones[property.Text(made.Properties["HostedZoneId"])]
				z.records[name(made)] = record{target(made), true}
				r.account.After(propagation, func() { done(nil) })
			},
			Delete: func(made *cloudformation.Resource, done func(error)) {
				if z := r.zones[property.Text(made.Properties["HostedZoneId"])]; z != nil {
					delete(z.records, name(made))
				}
				r.account.After(propagation, func() { done(nil) })
			},
		},
	}
}

// propagation is how long a change is PENDING before it is INSYNC. It is not recorded; Route 53's guide
// says "within 60 seconds under normal conditions".
const propagation = 35 * time.Second

func (r *Route53) create(made *cloudformation.Resource, done func(error)) {
	id, name := property.Text(made.Properties["HostedZoneId"]), name(made)
	z := r.zones[id]
	refuse := func(code string, status int, message string) {
		r.account.After(time.Second, func() {
			done(wire.Reason(fmt.Sprintf("%s (Service: AmazonRoute53; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
				message, status, code, r.account.UUID())))
		})
	}
	switch {
	case z == nil:
		refuse("NoSuchHostedZone", 404, "No hosted zone found with ID: "+id)
		return
	case !z.contains(name):
		refuse("InvalidChangeBatch", 400, fmt.Sprintf("[RRSet with DNS name %s. is not permitted in zone %s.]", name, z.Name))
		return
	}
	if _, exists := z.records[name]; exists {
		refuse("InvalidChangeBatch", 400, fmt.Sprintf("[Tried to create resource record set [name='%s.', type='%s'] but it already exists]",
			name, property.Text(made.Properties["Type"])))
		return
	}
	z.records[name] = record{target(made), false}
	made.PhysicalID = name
	r.account.After(propagation, func() {
		if _, exists := z.records[name]; exists {
			z.records[name] = record{target(made), true}
		}
		done(nil)
	})
}

// name returns a record's name in lower case and without the final full stop.
func name(r *cloudformation.Resource) string {
	return strings.ToLower(strings.TrimSuffix(property.Text(r.Properties["Name"]), "."))
}

func target(r *cloudformation.Resource) string {
	return strings.TrimSuffix(property.Text(property.Object(r.Properties["AliasTarget"])["DNSName"]), ".")
}
