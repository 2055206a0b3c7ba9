package route53

import (
	"cmp"
	"fmt"
	"maps"
	"strings"

	"pr-stack/internal/fake/aws/internal/wire"
)

// change is one change of a batch.
type change struct {
	action string // CREATE, UPSERT or DELETE
	record record
}

// maxWeighted is how many weighted records one name and type may have.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
const maxWeighted = 100

// apply makes all changes of a batch, one after the other, or none of them. Name servers answer with them
// after propagation. It returns the ID of the change.
func (r *Route53) apply(z *zone, changes []change) (id string, refused error) {
	next := maps.Clone(z.records)
	var reasons []string
	for _, c := range changes {
		if c.record.weighted && c.record.id == "" { // CloudFormation showed these words to its users
			return "", &wire.APIError{Code: "InvalidInput", Message: fmt.Sprintf("Invalid request: Missing field 'SetIdentifier' in "+
				"Change with [Action=%s, Name=%s., Type=%s, SetIdentifier=null]", c.action, c.record.name, c.record.kind)}
		}
		if reason := z.refuse(next, c); reason != "" {
			reasons = append(reasons, reason)
			continue
		}
		if delete(next, c.record.key); c.action != "DELETE" {
			next[c.record.key] = c.record
		}
	}
	if len(reasons) > 0 {
		return "", &wire.APIError{Code: "InvalidChangeBatch", Message: "[" + strings.Join(reasons, ", ") + "]"}
	}
	z.records = next
	id = "C0" + strings.ToUpper(r.account.Unique(19))
	r.changes[id] = r.account.Now()
	r.account.After(propagation, func() { z.serve(changes) })
	return id, nil
}

// serve makes name servers answer with the changes. The round robin of their names begins again.
func (z *zone) serve(changes []change) {
	for _, c := range changes {
		if delete(z.served, c.record.key); c.action != "DELETE" {
			z.served[c.record.key] = c.record
		}
		maps.DeleteFunc(z.credits, func(k key, _ int) bool { return k.name == c.record.name })
	}
}

// refuse returns why Route 53 refuses a change of these records, or "".
func (z *zone) refuse(records map[key]record, c change) string {
	now, exists := records[c.record.key]
	one := c.record
	switch {
	case !z.contains(one.name):
		return fmt.Sprintf("RRSet with DNS name %s. is not permitted in zone %s.", one.name, z.Name)
	case c.action == "DELETE" && !exists:
		return "Tried to delete resource record set " + one.described() + " but it was not found"
	case c.action == "DELETE" && now != one: // external-dns#732
		return "Tried to delete resource record set " + one.described() + " but the values provided do not match the current values"
	case c.action == "DELETE":
		return ""
	case c.action == "CREATE" && exists:
		return "Tried to create resource record set " + one.described() + " but it already exists"
	}
	return cmp.Or(refuseTarget(one), refuseMix(records, one))
}

// described returns a record as refusals name it.
func (k key) described() string {
	text := fmt.Sprintf("[name='%s.', type='%s'", k.name, k.kind)
	if k.id != "" {
		text += fmt.Sprintf(", set identifier='%s'", k.id)
	}
	return text + "]"
}

// refuseMix refuses a simple record beside weighted ones, and the reverse (external-dns#1411,
// external-dns-management#513), and too many weighted ones (zonify#16).
func refuseMix(records map[key]record, one record) string {
	weighted := 0
	for k, other := range records {
		switch {
		case k.name != one.name || k.kind != one.kind || k == one.key:
		case !one.weighted:
			return fmt.Sprintf("RRSet with DNS name %s., type %s cannot be created as other RRSets exist with the same name and type.", one.name, one.kind)
		case !other.weighted:
			return fmt.Sprintf("RRSet with DNS name %s., type %s, SetIdentifier %s cannot be created as a non-weighted set exists "+
				"with the same name and type.", one.name, one.kind, one.id)
		default:
			weighted++
		}
	}
	if weighted >= maxWeighted {
		return fmt.Sprintf("Exceeded limit on number of weighted RRSets for %s., type %s in this zone.", one.name, one.kind)
	}
	return ""
}

// refuseTarget refuses an alias of a load balancer with the ID of another hosted zone than its own.
func refuseTarget(one record) string {
	if !strings.HasSuffix(one.target, ".elb.amazonaws.com") || one.zone == balancerZone {
		return ""
	}
	return fmt.Sprintf("Tried to create an alias that targets %s., type %s in zone %s, but the alias target name does not lie within the target zone",
		one.target, one.kind, one.zone)
}

// balancerZone is the hosted zone of the load balancers of eu-north-1.
// https://docs.aws.amazon.com/general/latest/gr/elb.html
const balancerZone = "Z23TAZ6LKFMNIO"
