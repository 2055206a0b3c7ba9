package command

import (
	"context"
	"maps"
	"strconv"
	"strings"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/rollout"
	"pr-stack/internal/template"
)

// baseValues returns the base stack's outputs as this environment gets them.
func baseValues(ctx context.Context, job config.Deploy, with deployClients) (map[string]string, error) {
	outputs, err := with.rollout.Base(ctx, job.BaseStack, with.run.Region)
	if err != nil {
		return nil, err
	}
	values, shared := template.BaseValues(outputs, job.Environment.PullRequest == 0)
	if len(shared) > 0 {
		with.log.Warning("a permanent environment shares with pull requests", "base stack "+job.BaseStack+
			" has no repository and roles for permanent environments only, so "+job.Environment.Name+" shares "+strings.Join(shared, ", ")+
			" with pull requests, and so with everyone who may push a branch. Run bootstrap again to add them")
	}
	return values, nil
}

// makePlan makes sure that the template can be deployed once there is an image.
func makePlan(
	ctx context.Context, job config.Deploy, base map[string]string, existing cfn.Stack, with deployClients,
) (rollout.Plan, error) {
	source, err := serviceTemplate(ctx, job, base, with)
	if err != nil {
		return rollout.Plan{}, err
	}
	if err := checkFunctions(job, base); err != nil {
		return rollout.Plan{}, err
	}
	ingress, err := ingressOf(withProfile(job, base), base)
	if err != nil {
		return rollout.Plan{}, err
	}
	values := rollout.Values{Base: base, Users: job.ParameterOverrides, Ours: builtin(job)}
	maps.Copy(values.Ours, ingressValues(job, ingress, base))
	if ingress == config.SharedLB {
		values.Ours[priorityParameter] = "1" // until place finds a free one
	}
	maps.Copy(values.Ours, profileValues(job))
	maps.Copy(values.Ours, strategyValues(job))
	values.Ours[template.OneOffImageParameter] = oneOffImage(job, existing)
	plan, err := with.rollout.Plan(ctx, source, values, job.Capabilities)
	concealNoEcho(job, plan, with.log)
	if err == nil {
		err = checkLimitsAccess(job, plan)
	}
	if err == nil {
		err = checkStrategy(job, plan)
	}
	if err == nil && !plan.TakesImage {
		with.log.Warning("the template takes no image", "it declares no parameter "+template.ImageParameter+
			", so the stack does not run the image of this job")
	}
	if err == nil {
		err = plan.CheckTasks(tasks(job, existing))
	}
	return plan, err
}

// builtin returns pr-stack's own values for a template's parameters.
func builtin(job config.Deploy) map[string]string {
	values := map[string]string{
		"Service":                     job.Environment.Service,
		"Environment":                 job.Environment.Name,
		"PullRequest":                 "",
		"HealthCheckPath":             job.HealthCheckPath,
		template.ImageParameter:       rollout.ImageToCome,
		template.CommitParameter:      job.Commit,
		template.BuildInputsParameter: job.BuildInputs,
		template.BuiltCommitParameter: job.BuiltCommit,
	}
	if n := job.Environment.PullRequest; n > 0 {
		values["PullRequest"] = strconv.Itoa(n)
	}
	if _, named := job.ParameterOverrides[template.ImageParameter]; named {
		// They are those of the image that was built, which the stack does not run.
		values[template.BuildInputsParameter], values[template.BuiltCommitParameter] = "", ""
	}
	return values
}
