package route53

import (
	"fmt"
	"strings"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// permissions: AWS publishes no schema with the calls of this type. These are the calls with which a
// record is changed and waited for, as Route 53's guide lists them, with the actions that are inferred. Their ARNs have no region and no
// account.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html
func (r *Route53) permissions() cloudformation.Permissions {
	zone := func(made *cloudformation.Resource) string {
		return "arn:aws:route53:::hostedzone/" + property.Text(made.Properties["HostedZoneId"])
	}
	change := func(*cloudformation.Resource) string {
		return "arn:aws:route53:::change/C0" + strings.ToUpper(r.account.Unique(12))
	}
	changes := func(action string) cloudformation.Needs {
		return cloudformation.All(
			cloudformation.OnARN(zone, "route53:GetHostedZone"),
			cloudformation.OnARN(zone, "route53:ChangeResourceRecordSets").
				ContextOf(namesKey, normalized).
				ContextOf(typesKey, func(made *cloudformation.Resource) string { return property.Text(made.Properties["Type"]) }).
				Context(actionsKey, action),
		)
	}
	wait := cloudformation.OnARN(change, "route53:GetChange")
	return cloudformation.Permissions{
		Create: changes("CREATE"),
		Read:   wait,
		Update: cloudformation.All(changes("UPSERT"), wait),
		Delete: cloudformation.All(changes("DELETE"), wait),
		Refuse: func(d *account.Denied, _ bool) error {
			return wire.Reason(fmt.Sprintf("%s (Service: AmazonRoute53; Status Code: 403; Error Code: AccessDenied; Request ID: %s; Proxy: null)",
				d, r.account.UUID()))
		},
	}
}

// normalized returns a record's name as conditions have it.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
func normalized(r *cloudformation.Resource) string { return strings.ReplaceAll(name(r), "*", `\052`) }
