package route53

import (
	"encoding/xml"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/wire"
)

// A record set and a change on the wire.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
type (
	recordSet struct {
		Name          string
		Type          string
		SetIdentifier string        `xml:",omitempty"`
		Weight        *int          `xml:",omitempty"`
		TTL           int           `xml:",omitempty"`
		Records       *recordValues `xml:"ResourceRecords,omitempty"` // nil of an alias
		AliasTarget   *aliasTarget  `xml:",omitempty"`
	}
	recordValues struct {
		Records []recordValue `xml:"ResourceRecord"`
	}
	recordValue struct{ Value string }
	aliasTarget struct {
		HostedZoneID         string `xml:"HostedZoneId"`
		DNSName              string
		EvaluateTargetHealth bool
	}
	changeBatch struct {
		Changes []struct {
			Action            string
			ResourceRecordSet recordSet
		} `xml:"ChangeBatch>Changes>Change"`
	}
	changeInfo struct {
		ID          string `xml:"Id"`
		Status      string
		SubmittedAt wire.Timestamp
	}
)

func (v recordValues) values() (list []string) {
	for _, one := range v.Records {
		list = append(list, one.Value)
	}
	return list
}

func (s recordSet) record() record {
	r := record{key: key{canonical(s.Name), s.Type, s.SetIdentifier}, ttl: s.TTL}
	if s.Records != nil {
		r.values = lines(s.Records.values())
	}
	if s.Weight != nil {
		r.weight, r.weighted = *s.Weight, true
	}
	if a := s.AliasTarget; a != nil {
		r.target, r.zone, r.evaluate = canonical(a.DNSName), a.HostedZoneID, a.EvaluateTargetHealth
	}
	return r
}

func (r record) set() recordSet {
	s := recordSet{Name: written(r.name), Type: r.kind, SetIdentifier: r.id, TTL: r.ttl}
	if r.weighted {
		s.Weight = &r.weight
	}
	if r.target != "" {
		s.AliasTarget = &aliasTarget{r.zone, r.target + ".", r.evaluate}
	}
	if r.values != "" {
		s.Records = &recordValues{}
		for value := range strings.SplitSeq(r.values, "\n") {
			s.Records.Records = append(s.Records.Records, recordValue{value})
		}
	}
	return s
}

// lines returns the values of a record in one text, in whose order they do not matter.
func lines(values []string) string {
	return strings.Join(slices.Sorted(slices.Values(values)), "\n")
}

// readBatch reads the body of ChangeResourceRecordSets.
func readBatch(q wire.Request) (list []change, err error) {
	var batch changeBatch
	if err := xml.Unmarshal(q.Body, &batch); err != nil {
		return nil, &wire.APIError{Code: "MalformedInput", Message: err.Error()}
	}
	for _, c := range batch.Changes {
		list = append(list, change{c.Action, c.ResourceRecordSet.record()})
	}
	return list, nil
}

func (r *Route53) changeRecords(q wire.Request) (any, error) {
	z := r.zones[q.Form.Get("HostedZoneId")]
	if z == nil {
		return nil, noZone(q.Form.Get("HostedZoneId"))
	}
	changes, err := readBatch(q)
	if err != nil {
		return nil, err
	}
	id, err := r.apply(z, changes)
	if err != nil {
		return nil, err
	}
	return r.describeChange(id), nil
}

func (r *Route53) describeChange(id string) any {
	status := "PENDING"
	if r.account.Now().Sub(r.changes[id]) >= time.Duration(float64(propagation)*r.account.Scale) {
		status = "INSYNC"
	}
	return struct{ ChangeInfo changeInfo }{changeInfo{"/change/" + id, status, wire.Timestamp(r.changes[id])}}
}

// getChange returns whether a change is in effect. The words for an unknown one are inferred.
func (r *Route53) getChange(form url.Values) (any, error) {
	id := form.Get("Id")
	if r.changes[id].IsZero() {
		return nil, &wire.APIError{Status: 404, Code: "NoSuchChange", Message: "Could not find resource with ID: " + id}
	}
	return r.describeChange(id), nil
}

// listRecords lists the records of a zone, beginning with a name, a type and a set identifier. There is no
// token: the answer names the record after the last.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
func (r *Route53) listRecords(form url.Values) (any, error) {
	z := r.zones[form.Get("HostedZoneId")]
	if z == nil {
		return nil, noZone(form.Get("HostedZoneId"))
	}
	var answer struct {
		ResourceRecordSets   []recordSet `xml:"ResourceRecordSets>ResourceRecordSet"`
		IsTruncated          bool
		MaxItems             int
		NextRecordName       string `xml:",omitempty"`
		NextRecordType       string `xml:",omitempty"`
		NextRecordIdentifier string `xml:",omitempty"`
	}
	answer.MaxItems = 300
	if n, err := strconv.Atoi(form.Get("maxitems")); err == nil {
		answer.MaxItems = min(n, answer.MaxItems)
	}
	from := key{canonical(form.Get("name")), form.Get("type"), form.Get("identifier")}
	size := r.account.PageSize(answer.MaxItems)
	for _, one := range z.sorted() {
		switch {
		case form.Has("name") && compare(one.key, from) < 0:
		case len(answer.ResourceRecordSets) < size:
			answer.ResourceRecordSets = append(answer.ResourceRecordSets, one.set())
		default:
			answer.IsTruncated = true
			answer.NextRecordName, answer.NextRecordType, answer.NextRecordIdentifier = written(one.name), one.kind, one.id
			return answer, nil
		}
	}
	return answer, nil
}
