package command

import (
	"maps"
	"strings"

	"pr-stack/internal/config"
	"pr-stack/internal/hint"
	"pr-stack/internal/template"
)

// promoteBy is the base stack's parameter, and its output, that says how environments of pull requests become
// production. There is no output if they do not.
const promoteBy = "PromoteBy"

// baseParameters returns pr-stack's own values of the base stack's parameters, from the inputs. What
// environments may use is only added: running environments may use it.
func baseParameters(job config.Bootstrap) map[string]string {
	values := map[string]string{"Service": job.Service}
	set := func(name, value string) {
		if value != "" {
			values[name] = value
		}
	}
	set(template.IngressParameter, string(job.Ingress))
	set("Domain", job.Domain)
	set("VpcId", job.VPCID)
	set("SubnetIds", strings.Join(job.SubnetIDs, ","))
	set(promoteBy, string(job.PromoteBy))
	switch job.Ingress {
	case config.SharedLB:
		values["SharedLoadBalancer"] = "true"
	case config.HTTPAPI:
		values["VpcLink"] = "true"
	}
	maps.Copy(values, functionParameters(job))
	return values
}

// checkPromoteBy returns an error if the base stack would lack what production is reached by. Production's
// name is one below the domain, so the certificate is for it, and the record of all names below the domain
// leads it to the shared load balancer. The first promotion makes its rule, or its record.
func checkPromoteBy(p map[string]string) error {
	switch way := config.PromoteBy(p[promoteBy]); {
	case way == config.ByListener && p["SharedLoadBalancer"] != "true":
		return hint.New("set ingress: shared as well, or promote-by: digest",
			"promote-by listener moves the requests of a load balancer that environments share, and the base stack has none")
	case way == config.ByRecord && p["Domain"] == "":
		return hint.New("set domain to one such as preview.example.com, in a hosted zone of the account, or promote-by: digest",
			"promote-by record moves production's record in a hosted zone, and the base stack has no domain")
	}
	return nil
}
