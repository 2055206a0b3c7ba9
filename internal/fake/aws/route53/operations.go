package route53

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pr-stack/internal/fake/aws/internal/wire"
)

// Operations returns the API.
func (r *Route53) Operations() wire.Operations {
	return wire.Operations{
		Query: map[string]wire.Query{
			"ListHostedZonesByName": r.listByName, "ListResourceRecordSets": r.listRecords, "GetChange": r.getChange,
		},
		XML: map[string]wire.XMLCall{"ChangeResourceRecordSets": r.changeRecords},
	}
}

// listByName lists zones in the order of their names from the right, beginning with a name.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html
func (r *Route53) listByName(query url.Values) (any, error) {
	type described struct {
		ID              string `xml:"Id"`
		Name            string
		CallerReference string
		Private         bool `xml:"Config>PrivateZone"`
	}
	var answer struct {
		HostedZones []described `xml:"HostedZones>HostedZone"`
		DNSName     string      `xml:",omitempty"`
		IsTruncated bool
		MaxItems    int
	}
	answer.DNSName, answer.MaxItems = query.Get("dnsname"), 100
	if n, err := strconv.Atoi(query.Get("maxitems")); err == nil {
		answer.MaxItems = n
	}
	for _, z := range r.zones {
		if reversed(z.Name) >= reversed(answer.DNSName) {
			answer.HostedZones = append(answer.HostedZones, described{"/hostedzone/" + z.ID, z.Name + ".", z.ID, false})
		}
	}
	slices.SortFunc(answer.HostedZones, func(a, b described) int {
		return strings.Compare(reversed(a.Name)+a.ID, reversed(b.Name)+b.ID)
	})
	if len(answer.HostedZones) > answer.MaxItems {
		answer.HostedZones, answer.IsTruncated = answer.HostedZones[:answer.MaxItems], true
	}
	return answer, nil
}

// reversed returns a name with its labels in reverse order, as the listing compares names.
func reversed(name string) string {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".")
}
