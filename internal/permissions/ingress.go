package permissions

import (
	"pr-stack/internal/environment"
)

// ingress is what the base stack offers for reaching environments, as far as a role may use it.
type ingress struct {
	listener string // ARN of the listener that environments share; "" if there is none
	zone     string // ID of the hosted zone of their host names; "" if they have none
	names    string // pattern of the host names of the role's environments
}

func (b Base) ingress(name string) ingress {
	i := ingress{listener: b.Outputs["HttpsListenerArn"], zone: b.Outputs["HostedZoneId"]}
	if domain := b.Outputs["Domain"]; name == previews {
		i.names = previews + "." + domain
	} else {
		i.names = environment.Permanent(b.Service, name).Hostname(domain)
	}
	return i
}

// deployingIngress are the statements for what the base stack offers.
//
// A rule on the shared listener needs the tags of the role's own environments, and only a rule with these
// may be changed or deleted: see taggedResources. The listener and its load balancer have other tags, so
// they cannot be changed. IAM has no condition on what a rule is for: a rule for another environment's
// host name can be created, before that environment's rule or in its place.
func (s scope) deployingIngress() (list []Statement) {
	if s.ingress.listener != "" {
		list = append(list, allow("SharedListener", on("elasticloadbalancing", "CreateRule"), []string{s.ingress.listener},
			throughCloudFormation(s.tagged(requestTag))))
	}
	return append(list, s.hostNames()...)
}

// hostNames: an environment with a load balancer of its own has a record for its host name. Records of
// others are in the same zone, which conditions on the name keep apart.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
func (s scope) hostNames() []Statement {
	if s.ingress.zone == "" {
		return nil
	}
	global := "arn:" + s.partition + ":route53:::" // without a region and an account
	return []Statement{
		allow("HostNames", on("route53", "ChangeResourceRecordSets"), []string{global + "hostedzone/" + s.ingress.zone},
			throughCloudFormation(recordsOf(s.ingress.names))),
		allow("ReadHostNames", on("route53", "GetHostedZone", "GetChange"),
			[]string{global + "hostedzone/" + s.ingress.zone, global + "change/*"}, nil),
	}
}

// recordsOf requires that a change is of addresses of host names that match a pattern, and of nothing else.
func recordsOf(names string) Condition {
	return Condition{
		"ForAllValues:StringLike":   {"route53:ChangeResourceRecordSetsNormalizedRecordNames": {names}},
		"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": {"A"}},
	}
}
