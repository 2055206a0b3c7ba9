package command

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"strings"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
	"pr-stack/internal/permissions"
	"pr-stack/internal/report"
	"pr-stack/internal/rollout"
	"pr-stack/internal/s3"
	"pr-stack/internal/template"
)

// plannedRoles is what the stack of the roles will be, and what that changes. If source is "", there is no
// such stack.
type plannedRoles struct {
	plannedStack
	source string // owner/name of the repository
	trust  permissions.Trust
}

// planRoles plans the roles, and for which repository's jobs they are. It changes nothing.
func planRoles(ctx context.Context, job config.Bootstrap, base plannedStack, with bootstrapClients) (plannedRoles, error) {
	name := environment.RolesStackName(job.BaseStack)
	now, err := with.stacks.Describe(ctx, name)
	if err != nil && !errors.Is(err, cfn.ErrNotFound) {
		return plannedRoles{}, err
	}
	if err := checkRolesOwner(job.Service, now); err != nil { // what it says of a repository is not believed
		return plannedRoles{}, err
	}
	planned := plannedRoles{source: sourceOf(job, now)}
	if why := noRoles(job, planned.source); why != "" {
		with.log.Warning("no roles are created for the repository's jobs", why)
		return plannedRoles{}, nil
	}
	planned.trust, err = findTrust(ctx, planned.source, now, with)
	if err != nil {
		return plannedRoles{}, err
	}
	// The policies name resources of the base stack. If it does not exist yet, the plan has made-up names.
	known := base.preview.Stack
	body, err := permissions.Stack(baseOf(job.Service, known), planned.trust)
	if err != nil || len(body) > permissions.MaxTemplate && known.Outputs[template.BucketOutput] == "" {
		known = standIn(job.BaseStack)
	}
	planned.spec, err = rolesSpec(ctx, job, known, planned.trust, with)
	if err != nil {
		return plannedRoles{}, err
	}
	if now.ID == "" {
		planned.preview = cfn.Preview{New: true, Differs: true}
		return planned, nil
	}
	planned.preview, err = with.rollout.Preview(ctx, planned.spec)
	return planned, err
}

// sourceOf returns the repository whose jobs may assume the roles. Once there are roles, only an input or
// the repository of the run changes that, and not a checkout, which may be of another repository.
func sourceOf(job config.Bootstrap, now cfn.Stack) string {
	for _, source := range []string{job.Source, now.Outputs["Repository"], job.Origin} {
		if source != "" {
			return source
		}
	}
	return ""
}

// noRoles returns why no roles can be made, or "".
func noRoles(job config.Bootstrap, source string) string {
	switch {
	case source == "":
		return "it is not known whose jobs may assume them. Run bootstrap in a checkout of the repository, or set github-repository"
	case job.ServerURL != "" && job.ServerURL != "https://github.com":
		return "tokens of " + job.ServerURL + " have another issuer than those of github.com. Make them with the policies below"
	}
	return ""
}

// rolesSpec returns the wanted state of the stack of the roles for a base stack.
func rolesSpec(ctx context.Context, job config.Bootstrap, base cfn.Stack, trust permissions.Trust, with bootstrapClients) (rollout.Spec, error) {
	body, err := permissions.Stack(baseOf(job.Service, base), trust)
	if err != nil {
		return rollout.Spec{}, err
	}
	name := environment.RolesStackName(job.BaseStack)
	stored, err := rolesTemplate(ctx, name, body, base, with)
	if err != nil {
		return rollout.Spec{}, err
	}
	before, err := with.rollout.Parameters(ctx, name)
	if err != nil {
		return rollout.Spec{}, err
	}
	users := map[string]string{}
	for _, name := range []string{"PermissionsBoundary", permissions.EnvironmentParameter} {
		if value, given := job.ParameterOverrides[name]; given {
			users[name] = value
		}
	}
	plan, err := with.rollout.Plan(ctx, stored, rollout.Values{Base: before, Users: users}, nil)
	tags := environment.RolesTags(job.Service)
	maps.Copy(tags, job.Tags)
	return rollout.Spec{
		Name: name, Plan: plan, Tags: tags, RoleARN: job.RoleARN, Timeout: job.Timeout, OnFailure: onFailure[job.OnFailure],
		Allow: func(_ context.Context, stack cfn.Stack) error { return checkRolesOwner(job.Service, stack) },
	}, err
}

// rolesTemplate returns the template of the roles. One that is too large for a call is put into the base
// stack's bucket, from which it expires after a day. No job's role may put anything below that name.
func rolesTemplate(ctx context.Context, name, body string, base cfn.Stack, with bootstrapClients) (cfn.Template, error) {
	if len(body) <= permissions.MaxTemplate {
		return cfn.Template{Body: body}, nil
	}
	bucket := s3.Bucket{Config: with.aws, Name: base.Outputs[template.BucketOutput]}
	url, err := bucket.Put(ctx, fmt.Sprintf("%s/%x.template", name, sha256.Sum256([]byte(body))), body)
	return cfn.Template{Body: body, URL: url}, err
}

func checkRolesOwner(service string, stack cfn.Stack) error {
	if stack.ID == "" {
		return nil
	}
	if err := environment.OwnsRoles(service, stack.Tags); err != nil {
		return hint.New("rename or delete that stack, or set base-stack to another name", "stack %s: %s", stack.Name, err)
	}
	return nil
}

func baseOf(service string, base cfn.Stack) permissions.Base {
	return permissions.Base{Service: service, StackID: base.ID, Outputs: base.Outputs}
}

// standIn returns a made-up base stack, for one that does not exist yet. Its names are as long as real ones.
func standIn(name string) cfn.Stack {
	role := "arn:aws:iam::000000000000:role/" + name + "-PermanentTaskExecutionRole-000000000000"
	outputs := map[string]string{
		"VpcId": "vpc-00000000000000000", "PublicSubnetIds": "subnet-00000000000000000,subnet-00000000000000001", "ClusterName": name + "-Cluster-000000000000",
	}
	for _, kind := range []string{"", "Permanent"} {
		outputs[kind+"RepositoryName"] = strings.ToLower(name) + "-permanentrepository-000000000000"
		outputs[kind+"TaskExecutionRoleArn"], outputs[kind+"TaskRoleArn"] = role, role
	}
	return cfn.Stack{Name: name, ID: "arn:aws:cloudformation:eu-north-1:000000000000:stack/" + name + "/00000000", Outputs: outputs}
}

// shown returns the plan as the report shows it; none if nothing would change.
func (p plannedRoles) shown(base plannedStack) []report.PlannedStack {
	list := p.plannedStack.shown()
	for i := range list {
		list[i].What += fmt.Sprintf(", for jobs of %s on branch %s and on pull requests", p.source, p.trust.Branch)
		if p.spec.Plan.Parameters[permissions.EnvironmentParameter] == "true" {
			list[i].What += ", and with environment " + permissions.Production
		}
	}
	if len(list) == 0 && p.source != "" && base.preview.Differs {
		list = append(list, report.PlannedStack{Name: p.spec.Name, What: "will be updated if its policies name what changes in " + base.spec.Name})
	}
	return list
}

// apply creates or updates the roles for the current base stack.
func (p plannedRoles) apply(ctx context.Context, job config.Bootstrap, base cfn.Stack, with bootstrapClients) (rollout.Applied, error) {
	if p.source == "" {
		return rollout.Applied{Outcome: cfn.Unchanged}, nil
	}
	spec, err := rolesSpec(ctx, job, base, p.trust, with)
	if err != nil {
		return rollout.Applied{}, err
	}
	if spec.Plan.Template == p.spec.Plan.Template && !p.preview.Differs {
		return rollout.Applied{Stack: p.preview.Stack, Outcome: cfn.Unchanged}, nil
	}
	return with.rollout.Apply(ctx, spec)
}

// variables are the names of the repository's variables that hold the roles.
var variables = map[string]string{"preview": "PR_STACK_ROLE", "sweep": "PR_STACK_SWEEP_ROLE", "production": "PR_STACK_PRODUCTION_ROLE"}

// madeRoles returns the roles that the stack has.
func madeRoles(stack cfn.Stack) (list []report.Role) {
	for _, role := range permissions.Names() {
		if arn := stack.Outputs[permissions.RoleOutput(role)]; arn != "" {
			list = append(list, report.Role{Name: role, Variable: variables[role], ARN: arn})
		}
	}
	return list
}

// policies returns the policies of the service's roles, with the names of its resources filled in. One that
// is too long for a role's inline policies comes in parts, which are short enough for managed policies.
func policies(service string, base cfn.Stack) (list []report.Policy, err error) {
	roles, err := permissions.Roles(baseOf(service, base))
	for _, role := range roles {
		if role.Policy.Size() <= permissions.MaxSize {
			list = append(list, report.Policy{Role: role.Name, For: role.For, JSON: role.Policy.JSON()})
			continue
		}
		parts := role.Policy.Split()
		for i, part := range parts {
			name := fmt.Sprintf("%s (managed policy %d of %d)", role.Name, i+1, len(parts))
			list = append(list, report.Policy{Role: name, For: role.For, JSON: part.JSON()})
		}
	}
	return list, err
}
