package route53

import (
	"net/url"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
	"pr-stack/internal/fake/aws/internal/wire"
)

// The condition keys of a change of records. Each has a value for every change of the batch.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
const (
	namesKey   = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
	typesKey   = "route53:ChangeResourceRecordSetsRecordTypes"
	actionsKey = "route53:ChangeResourceRecordSetsActions"
)

// CallPermissions returns what the API's operations need. Listing zones is on no particular resource.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html
func (r *Route53) CallPermissions() permission.Table {
	on := func(action, kind, parameter string) func(url.Values) []account.Access {
		return func(form url.Values) []account.Access {
			return []account.Access{{Action: "route53:" + action, Resource: "arn:aws:route53:::" + kind + "/" + form.Get(parameter)}}
		}
	}
	table := permission.Query(map[string]func(url.Values) []account.Access{
		"ListHostedZonesByName": func(url.Values) []account.Access {
			return []account.Access{{Action: "route53:ListHostedZonesByName", Resource: "*"}}
		},
		"ListResourceRecordSets": on("ListResourceRecordSets", "hostedzone", "HostedZoneId"),
		"GetChange":              on("GetChange", "change", "Id"),
	})
	table["ChangeResourceRecordSets"] = changeNeeds
	return table
}

func changeNeeds(q wire.Request) []account.Access {
	changes, err := readBatch(q)
	if err != nil {
		return nil
	}
	var names, kinds, actions []string
	for _, c := range changes {
		names = append(names, strings.ReplaceAll(c.record.name, "*", `\052`))
		kinds = append(kinds, c.record.kind)
		actions = append(actions, c.action)
	}
	access := account.Access{Action: "route53:ChangeResourceRecordSets", Resource: "arn:aws:route53:::hostedzone/" + q.Form.Get("HostedZoneId")}
	for key, values := range map[string][]string{namesKey: names, typesKey: kinds, actionsKey: actions} {
		slices.Sort(values)
		access = access.With(key, strings.Join(slices.Compact(values), ","))
	}
	return []account.Access{access}
}
