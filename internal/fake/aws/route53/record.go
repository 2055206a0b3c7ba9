package route53

import (
	"cmp"
	"slices"
	"strings"
)

// key is what a record set is found by.
type key struct {
	name string // in lower case, without the final full stop
	kind string // such as A
	id   string // SetIdentifier; "" of a simple record
}

// record is a record set. Two that are equal have the same values.
type record struct {
	key
	weight   int    // of a weighted record
	weighted bool   // it is one
	target   string // of an alias: a DNS name, as key has names
	zone     string // of an alias: the hosted zone of the target
	evaluate bool   // of an alias: EvaluateTargetHealth
	ttl      int    // of a record that is no alias
	values   string // of a record that is no alias: sorted, one a line
}

// canonical returns a name in lower case, without the final full stop, and with * as itself.
func canonical(name string) string {
	return strings.TrimSuffix(strings.ReplaceAll(strings.ToLower(name), `\052`, "*"), ".")
}

// written returns a name as the API writes it.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
func written(name string) string { return strings.ReplaceAll(name, "*", `\052`) + "." }

// ownRecords are those that every zone has from the start.
func ownRecords(name string) []record {
	return []record{
		{key: key{name: name, kind: "NS"}, ttl: 172800, values: "ns-1.awsdns-01.org.\nns-2.awsdns-02.co.uk."},
		{key: key{name: name, kind: "SOA"}, ttl: 900, values: "ns-1.awsdns-01.org. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"},
	}
}

// sorted returns the records of a zone in the order of ListResourceRecordSets: by name, from the right, by
// type and by SetIdentifier.
func (z *zone) sorted() []record {
	var list []record
	for _, r := range z.records {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b record) int { return compare(a.key, b.key) })
	return list
}

func compare(a, b key) int {
	return cmp.Or(strings.Compare(reversed(a.name), reversed(b.name)), strings.Compare(a.kind, b.kind), strings.Compare(a.id, b.id))
}
