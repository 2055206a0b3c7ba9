package command

import (
	"context"
	"maps"
	"slices"

	"pr-stack/internal/config"
	"pr-stack/internal/image"
	"pr-stack/internal/rollout"
	"pr-stack/internal/template"
)

// The parameters and values of a task on spare capacity, and on another processor.
const (
	capacityParameter  = "CapacityProvider"
	spot               = "FARGATE_SPOT"
	architectureToCome = "X86_64" // until the image is there
)

// withProfile returns the job with the ingress of its profile, unless the user has chosen one. The profile
// thrifty uses an HTTP API, if the base stack has what that needs.
func withProfile(job config.Deploy, base map[string]string) config.Deploy {
	offered := base[offers[config.HTTPAPI]] != "" || job.Template.Name == "lambda" && callsFunction(job, config.HTTPAPI, base)
	if job.Profile == config.Thrifty && job.Ingress == "" && offered {
		job.Ingress = config.HTTPAPI
	}
	return job
}

// profileValues returns pr-stack's own values of the parameters that the job's profile is about.
func profileValues(job config.Deploy) map[string]string {
	if job.Profile != config.Thrifty {
		return nil
	}
	return map[string]string{capacityParameter: spot, template.ArchitectureParameter: architectureToCome}
}

// withArchitecture returns the plan with ARM processors, which cost a fifth less, if the profile is thrifty,
// the image is for ARM, the template has the parameter and the user has not set it.
func withArchitecture(
	ctx context.Context, job config.Deploy, plan rollout.Plan, base map[string]string, ref image.Ref, with deployClients,
) rollout.Plan {
	_, overridden := job.ParameterOverrides[template.ArchitectureParameter]
	if job.Profile != config.Thrifty || overridden || plan.Parameters[template.ArchitectureParameter] == "" {
		return plan
	}
	found, err := with.imageStore(job, base).Architectures(ctx, ref)
	if err != nil {
		with.log.Notice("profile thrifty", "could not check whether the image is for ARM, so its tasks run on x86: "+err.Error())
		return plan
	}
	if slices.Contains(found, "arm64") {
		plan.Parameters = maps.Clone(plan.Parameters)
		plan.Parameters[template.ArchitectureParameter] = "ARM64"
	}
	return plan
}
