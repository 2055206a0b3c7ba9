// Package elb is Elastic Load Balancing: load balancers that forward requests, and target groups
// that check health.
package elb

import (
	"net/http"
	"time"

	"pr-stack/internal/fake/aws/ec2"
	"pr-stack/internal/fake/aws/internal/account"
)

// ELB is the account's load balancers and target groups, by ARN.
type ELB struct {
	// RuleDelay is how long it takes until requests follow a change of a rule; 0 means three seconds, and
	// less than 0 no time.
	RuleDelay time.Duration
	// RuleStaleness returns how old the answer of DescribeRules is; it is called at each call. Nil: it is
	// up to date.
	RuleStaleness func() time.Duration
	// Measure adds a value to a metric of CloudWatch, with the account's lock held. Nil: nothing is measured.
	Measure func(namespace, metric string, dimensions map[string]string, value float64)

	account     *account.Account
	ec2         *ec2.EC2
	host        func(loadBalancerName string) string // its DNS name; nil: AWS's own form
	certificate func(arn string) Certificate
	functions   Functions
	balancers   map[string]*balancer
	groups      map[string]*TargetGroup
	changed     map[string]int               // limits that differ from those of a new account
	tags        map[string]map[string]string // by ARN, of what calls tagged
}

// hostedZone is the ID of the hosted zone in which eu-north-1's load balancers have their names.
// https://docs.aws.amazon.com/general/latest/gr/elb.html
const hostedZone = "Z23TAZ6LKFMNIO"

// Certificate is what a listener has to know of one. Its zero value means that there is none.
type Certificate struct {
	Names  []string // that it is for; one may begin with *.
	Issued bool     // it was validated
}

// New returns an ELB without load balancers. host returns the DNS name of a load balancer, which
// may have a port; if it is nil the name is AWS's own form. certificate returns the certificate of an
// ARN.
func New(a *account.Account, networks *ec2.EC2, host func(loadBalancerName string) string, certificate func(arn string) Certificate) *ELB {
	return &ELB{
		account: a, ec2: networks, host: host, certificate: certificate,
		balancers: map[string]*balancer{}, groups: map[string]*TargetGroup{}, changed: map[string]int{},
		tags: map[string]map[string]string{},
	}
}

type balancer struct {
	arn, name, host string
	created         time.Time
	active          bool // its name resolves
	listeners       map[string]*listener
}

type listener struct {
	arn          string
	port         int
	protocol     string // HTTP or HTTPS
	certificates []string
	defaults     []action
	rules        map[string]*rule // by ARN, without the default one
	past         []pastRules      // oldest first; see RuleStaleness
}

// TargetGroup is where a listener's requests go.
type TargetGroup struct {
	ARN       string
	Delay     time.Duration // of deregistration
	name      string
	vpc       string
	path      string
	matcher   string
	interval  time.Duration
	healthy   int
	unhealthy int
	targets   []*Target
	next      int // of the round robin
}

// Target is one address in a group. The states, reasons and descriptions are the Application Load
// Balancer guide's, "Health checks for your target groups".
type Target struct {
	Port        int
	State       string // initial, healthy, unhealthy, draining
	Description string // why, if it is not healthy
	backend     Backend
	reason      string
	streak      int // checks with the same outcome, positive for good ones
	gone        bool
}

// Backend is what listens behind a target: an ECS task.
type Backend interface {
	Address() string
	Listens(port int) bool // takes connections
	Hangs() bool           // takes connections and never answers
	Handler() http.Handler

	// Healthy is called when a target has become healthy.
	Healthy()
	// Unhealthy is called at each check at which a target is.
	Unhealthy(g *TargetGroup, t *Target)
}

// Group returns the target group of an ARN, or nil.
func (e *ELB) Group(arn string) *TargetGroup { return e.groups[arn] }
