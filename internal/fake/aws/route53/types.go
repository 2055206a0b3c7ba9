package route53

import (
	"errors"
	"fmt"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// Types returns record sets. A change of a property of Replaces needs a new resource (template
// reference, "Update requires: Replacement").
func (r *Route53) Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::Route53::RecordSet": {
			Create: func(made *cloudformation.Resource, done func(error)) {
				if r.change(made.Properties, []change{{"CREATE", read(made.Properties)}}, done) {
					made.PhysicalID = name(made)
				}
			},
			Replaces: cloudformation.AnyChanged("Name", "HostedZoneId", "HostedZoneName"),
			Required: []string{"Name", "Type"}, Permissions: r.permissions(),
			Update: func(made *cloudformation.Resource, old map[string]any, done func(error)) {
				before, now := read(old), read(made.Properties)
				changes := []change{{"UPSERT", now}}
				if before.key != now.key {
					changes = []change{{"DELETE", before}, {"CREATE", now}}
				}
				r.change(made.Properties, changes, done)
			},
			Delete: func(made *cloudformation.Resource, done func(error)) {
				z, gone := r.zones[property.Text(made.Properties["HostedZoneId"])], read(made.Properties)
				if z == nil || z.records[gone.key] == (record{}) {
					r.account.After(propagation, func() { done(nil) })
					return
				}
				r.change(made.Properties, []change{{"DELETE", z.records[gone.key]}}, done)
			},
		},
	}
}

// change applies changes to the zone of a template's properties and schedules done. It reports whether
// Route 53 takes them.
func (r *Route53) change(p map[string]any, changes []change, done func(error)) bool {
	id := property.Text(p["HostedZoneId"])
	z := r.zones[id]
	refused := error(noZone(id))
	if z != nil {
		_, refused = r.apply(z, changes)
	}
	if refused == nil {
		r.account.After(propagation, func() { done(nil) })
		return true
	}
	r.account.After(time.Second, func() { done(r.asHandler(refused)) })
	return false
}

// asHandler returns a refusal as CloudFormation words it.
func (r *Route53) asHandler(refused error) error {
	api, _ := errors.AsType[*wire.APIError](refused)
	status := api.Status
	if status == 0 {
		status = 400
	}
	return wire.Reason(fmt.Sprintf("%s (Service: AmazonRoute53; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
		api.Message, status, api.Code, r.account.UUID()))
}

func noZone(id string) *wire.APIError {
	return &wire.APIError{Status: 404, Code: "NoSuchHostedZone", Message: "No hosted zone found with ID: " + id}
}

// name returns a record's name in lower case and without the final full stop.
func name(r *cloudformation.Resource) string { return canonical(property.Text(r.Properties["Name"])) }

// read returns the record of a template's properties.
func read(p map[string]any) record {
	alias := property.Object(p["AliasTarget"])
	_, weighted := p["Weight"]
	return record{
		key:    key{canonical(property.Text(p["Name"])), property.Text(p["Type"]), property.Text(p["SetIdentifier"])},
		weight: property.Number(p["Weight"], 0), weighted: weighted,
		target: canonical(property.Text(alias["DNSName"])), zone: property.Text(alias["HostedZoneId"]),
		evaluate: property.Text(alias["EvaluateTargetHealth"]) == "true",
		ttl:      property.Number(p["TTL"], 0), values: lines(property.Texts(p["ResourceRecords"])),
	}
}
