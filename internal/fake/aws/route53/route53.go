// Package route53 is Amazon Route 53: hosted zones, and records that are aliases of load balancers, simple
// ones and weighted ones, made by CloudFormation or by calls. A resolver answers from them.
package route53

import (
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/account"
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
	// Healthy reports whether what an alias names, such as a load balancer, is healthy. Nil: everything is.
	Healthy func(target string) bool
	// KeepAnswers is how long a client's resolver keeps an answer. 0: each request asks again.
	KeepAnswers time.Duration

	account *account.Account
	zones   map[string]*zone     // by ID
	changes map[string]time.Time // when each change was made, by ID
	kept    map[[2]string]answer // by client and name
}

// zone has its records as they were asked for, and as name servers answer with them.
type zone struct {
	Zone
	records map[key]record
	served  map[key]record
	credits map[key]int // of the round robin among weighted records
}

// New returns a Route53 without zones.
func New(a *account.Account) *Route53 {
	return &Route53{account: a, zones: map[string]*zone{}, changes: map[string]time.Time{}, kept: map[[2]string]answer{}}
}

// propagation is how long a change is PENDING before it is INSYNC, and name servers answer with it. It is
// not recorded; Route 53's guide says "within 60 seconds under normal conditions".
const propagation = 35 * time.Second

// AddZone adds a hosted zone, as somebody did long ago.
func (r *Route53) AddZone(z Zone) {
	r.account.Lock()
	defer r.account.Unlock()
	made := &zone{z, map[key]record{}, map[key]record{}, map[key]int{}}
	for _, own := range ownRecords(z.Name) {
		made.records[own.key] = own
	}
	r.zones[z.ID] = made
}

// Proves reports whether a record in the zone proves to the world that its owner has the domain.
func (r *Route53) Proves(zoneID, domain string) (proves, found bool) {
	z := r.zones[zoneID]
	return z != nil && !z.Undelegated && z.contains(domain), z != nil
}

func (z *zone) contains(name string) bool {
	return name == z.Name || strings.HasSuffix(name, "."+z.Name)
}
