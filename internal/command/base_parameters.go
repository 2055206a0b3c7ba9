package command

import (
	"pr-stack/internal/config"
	"pr-stack/internal/template"
)

// baseParameters returns pr-stack's own values of the base stack's parameters. What the base stack
// offers once stays: environments may use it.
func baseParameters(job config.Bootstrap) map[string]string {
	values := map[string]string{"Service": job.Service}
	if job.Ingress != "" {
		values[template.IngressParameter] = string(job.Ingress)
	}
	if job.Ingress == config.HTTPAPI {
		values["VpcLink"] = "true"
	}
	return values
}
