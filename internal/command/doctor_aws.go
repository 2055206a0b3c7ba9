package command

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/admission"
	"pr-stack/internal/apigateway"
	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/doctor"
	"pr-stack/internal/ecr"
	"pr-stack/internal/ecs"
	"pr-stack/internal/elb"
	"pr-stack/internal/environment"
	"pr-stack/internal/iam"
	"pr-stack/internal/permissions"
	"pr-stack/internal/quota"
	"pr-stack/internal/template"
)

// askedBase is the base stack, and the facts about it.
type askedBase struct {
	facts *doctor.Base
	stack cfn.Stack // the zero value if it is not the service's, or was not found
}

func askBase(ctx context.Context, job config.Doctor, with doctorClients) (asked askedBase) {
	bootstrap := "bootstrap --service " + job.Service
	if job.BaseStack != environment.BaseStackName(job.Service) {
		bootstrap += " --base-stack " + job.BaseStack
	}
	facts := &doctor.Base{
		Name: job.BaseStack, Bootstrap: bootstrap, Ingress: string(job.Ingress), Own: (job.OnGitHub || job.Role == "") && kindOf(job) != "sweep",
		Templates: doctor.ReadTemplates(template.Base, template.Fargate),
	}
	asked.facts = facts
	stack, err := with.stacks.Describe(ctx, job.BaseStack)
	if errors.Is(err, cfn.ErrNotFound) {
		return asked
	}
	if facts.Problem = problem(err); err != nil {
		return asked
	}
	status := string(stack.Status)
	facts.Stack = &doctor.Stack{
		Status: status, Outputs: stack.Outputs, InProgress: strings.HasSuffix(status, "_IN_PROGRESS"),
		Usable: slices.Contains(whole, stack.Status),
	}
	if err := environment.OwnsBase(job.Service, stack.Tags); err != nil {
		facts.Stack.NotOurs = err.Error()
		return asked
	}
	asked.stack = stack
	own, _ := template.BaseValues(stack.Outputs, job.Environment.Name != "" && job.Environment.PullRequest == 0)
	if _, isExisting := job.Image.(config.Existing); !isExisting {
		facts.Repository = askRepository(ctx, cmp.Or(job.ECRRepository, own["RepositoryName"]), with)
	}
	facts.Cluster = askCluster(ctx, stack.Outputs["ClusterName"], with)
	if id := stack.Outputs["VpcLinkId"]; id != "" {
		status, err := apigateway.VPCLink{API: with.links, ID: id}.Status(ctx)
		facts.VPCLink = doctor.Resource{Name: id, Detail: status, Problem: problem(err)}
	}
	return asked
}

// whole are the statuses of a stack whose resources are those of its template.
var whole = []types.StackStatus{
	types.StackStatusCreateComplete, types.StackStatusUpdateComplete, types.StackStatusUpdateRollbackComplete,
	types.StackStatusUpdateCompleteCleanupInProgress, types.StackStatusImportComplete,
}

func askRepository(ctx context.Context, name string, with doctorClients) doctor.Resource {
	if name == "" {
		return doctor.Resource{}
	}
	uri, err := ecr.Repository{API: with.registry, Name: name}.URI(ctx)
	if errors.Is(err, ecr.ErrNotFound) {
		return doctor.Resource{Name: name, Absent: true}
	}
	return doctor.Resource{Name: name, Detail: uri, Problem: problem(err)}
}

func askCluster(ctx context.Context, name string, with doctorClients) doctor.Resource {
	if name == "" {
		return doctor.Resource{}
	}
	err := ecs.FindCluster(ctx, with.ecs, name)
	if errors.Is(err, ecs.ErrNoCluster) {
		return doctor.Resource{Name: name, Absent: true}
	}
	return doctor.Resource{Name: name, Problem: problem(err)}
}

func askQuotas(ctx context.Context, job config.Doctor, base *doctor.Base, with doctorClients) *doctor.Quotas {
	facts := &doctor.Quotas{MaxEnvironments: job.MaxEnvironments, Ingress: cmp.Or(base.Ingress, "dedicated"), HasVPCLink: base.VPCLink.Name != ""}
	if base.Ingress == "" && base.Stack != nil {
		facts.Ingress = cmp.Or(base.Stack.Outputs["Ingress"], facts.Ingress)
	}
	usages, err := elb.Usages(ctx, with.elb)
	facts.BalancingProblem = problem(err)
	facts.Balancers = doctor.Usage(usages[elb.ApplicationLoadBalancers])
	facts.TargetGroups = doctor.Usage(usages[elb.TargetGroups])

	code := quota.FargateCPUs
	facts.CPUsName = "vCPUs of Fargate"
	if job.Profile == config.Thrifty {
		code, facts.CPUsName = quota.FargateSpotCPUs, "vCPUs of Fargate Spot"
	}
	facts.CPUs, err = quota.Value(ctx, with.quotas, code)
	facts.CPUsProblem = problem(err)
	previews, err := admission.Previews(ctx, with.stacks, job.Service)
	facts.Environments, facts.EnvironmentsProblem = len(previews), problem(err)
	if facts.Ingress == string(config.HTTPAPI) && base.VPCLink.Name == "" {
		facts.VPCLinks, err = quota.Value(ctx, with.quotas, quota.VPCLinks)
		facts.VPCLinksProblem = problem(err)
	}
	return facts
}

// askPermissions asks IAM's simulator about the role that deploys: role-to-assume, else outside GitHub the
// roles that bootstrap made, else the role or user of the credentials.
func askPermissions(ctx context.Context, job config.Doctor, base askedBase, caller string, with doctorClients) []doctor.Permissions {
	if base.stack.ID == "" {
		return nil
	}
	policies, err := examinedPolicies(job, permissions.Base{Service: job.Service, StackID: base.stack.ID, Outputs: base.stack.Outputs})
	if err != nil {
		return []doctor.Permissions{{Policy: "of the role", Problem: problem(err)}}
	}
	kind := kindOf(job)
	if job.Role != "" {
		return []doctor.Permissions{ofRole(ctx, job, kind, job.Role, policies[kind], with)}
	}
	if !job.OnGitHub {
		if made := rolesOfBootstrap(ctx, job, with); len(made) > 0 {
			var list []doctor.Permissions
			for _, kind := range []string{"preview", "sweep", permissions.Production} {
				if arn := made[kind]; arn != "" {
					list = append(list, ofRole(ctx, job, kind, arn, policies[kind], with))
				}
			}
			return list
		}
	}
	arn, err := principal(ctx, caller, with)
	if err != nil {
		return []doctor.Permissions{{Policy: kind, ARN: caller, Problem: problem(err)}}
	}
	return []doctor.Permissions{simulate(ctx, kind, arn, policies[kind], with)}
}

// ofRole asks about a role that jobs assume. Outside GitHub it also reads the role's trust policy; in a job,
// the session proves that the job may assume the role.
func ofRole(ctx context.Context, job config.Doctor, kind, arn string, policy permissions.Policy, with doctorClients) doctor.Permissions {
	found := simulate(ctx, kind, arn, policy, with)
	if job.OnGitHub {
		return found
	}
	if role, err := iam.ReadRole(ctx, with.iam, arn[strings.LastIndex(arn, "/")+1:]); err == nil {
		found.Trust = &doctor.Trust{ARN: arn, Document: role.Trust, Repository: job.Repository}
	}
	return found
}

// kindOf returns the name of the policy that the job needs.
func kindOf(job config.Doctor) string {
	switch {
	case job.Environment.Name != "" && job.Environment.PullRequest == 0:
		return job.Environment.Name
	case job.Trigger.Event == "schedule":
		return "sweep"
	}
	return "preview"
}

func examinedPolicies(job config.Doctor, base permissions.Base) (map[string]permissions.Policy, error) {
	roles, err := permissions.Roles(base)
	policies := map[string]permissions.Policy{}
	for _, role := range roles {
		policies[role.Name] = role.Policy
	}
	if kind := kindOf(job); err == nil && kind != "preview" && kind != "sweep" {
		policies[kind], err = permissions.Permanent(base, kind)
	}
	return policies, err
}

// rolesOfBootstrap returns the ARNs of the roles that bootstrap made in a stack of their own, by their names.
func rolesOfBootstrap(ctx context.Context, job config.Doctor, with doctorClients) map[string]string {
	made := map[string]string{}
	stack, err := with.stacks.Describe(ctx, environment.RolesStackName(job.BaseStack))
	if err != nil {
		return made
	}
	for _, role := range madeRoles(stack) {
		made[role.Name] = role.ARN
	}
	return made
}

// principal returns the ARN of the caller's user or role. The ARN of a session lacks the role's path; if the
// role cannot be read, principal assumes that it has none.
func principal(ctx context.Context, caller string, with doctorClients) (string, error) {
	parts := strings.Split(caller, ":")
	if len(parts) != 6 {
		return "", errors.New(caller + " is not an ARN")
	}
	name, isSession := strings.CutPrefix(parts[5], "assumed-role/")
	switch {
	case parts[5] == "root":
		return "", errors.New("the simulator does not accept the root user; use a role")
	case !isSession:
		return caller, nil
	}
	name, _, _ = strings.Cut(name, "/")
	if role, err := iam.ReadRole(ctx, with.iam, name); err == nil {
		return role.ARN, nil
	}
	return strings.Join([]string{"arn", parts[1], "iam", "", parts[4], "role/" + name}, ":"), nil
}

func simulate(ctx context.Context, kind, arn string, policy permissions.Policy, with doctorClients) doctor.Permissions {
	found := doctor.Permissions{Policy: kind, ARN: arn}
	for _, example := range policy.Examples() {
		q := iam.Question{Actions: example.Actions, Resources: example.Resources, Context: []iam.Key{
			// A boundary often names it: https://github.com/aws-containers/amazon-ecs-exec-checker/issues/44
			{Name: "aws:RequestedRegion", Values: []string{with.config.Region}},
		}}
		for _, key := range example.Context {
			q.Context = append(q.Context, iam.Key(key))
		}
		answers, err := iam.Simulate(ctx, with.iam, arn, q)
		if err != nil {
			found.Problem = problem(err)
			return found
		}
		for _, action := range example.Actions {
			found.Results = append(found.Results, permission(example, action, answers))
		}
	}
	return found
}

// permission joins the answers about an action. It is allowed if it is on one kind of resource.
func permission(example permissions.Example, action string, answers []iam.Answer) doctor.Permission {
	r := doctor.Permission{Statement: example.Statement, Action: action, Specific: example.Specific()}
	for _, a := range answers {
		if a.Action != action {
			continue
		}
		r.Allowed = r.Allowed || a.Allowed
		r.Explicit, r.Boundary, r.Organization = r.Explicit || a.Explicit, r.Boundary || a.Boundary, r.Organization || a.Organization
	}
	return r
}
