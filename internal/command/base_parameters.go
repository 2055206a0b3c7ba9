package command

import (
	"maps"
	"strings"

	"pr-stack/internal/config"
	"pr-stack/internal/template"
)

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
	switch job.Ingress {
	case config.SharedLB:
		values["SharedLoadBalancer"] = "true"
	case config.HTTPAPI:
		values["VpcLink"] = "true"
	}
	maps.Copy(values, functionParameters(job))
	return values
}
