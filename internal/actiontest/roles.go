package actiontest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"pr-stack/internal/permissions"
)

// ground is a base stack, and the roles that were made for jobs on it.
type ground struct {
	id      string
	outputs map[string]string
	arns    map[string]string // of the roles, by service and role
}

// Trust lets GitHub's jobs assume a role. Whose jobs these are is not what the runs here are about.
const trust = `{"Version": "2012-10-17", "Statement": [
	{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}`

// adopt remembers the base stack that a run of bootstrap has made. Runs that follow have the rights
// of the policies that were printed with it.
func (e *Env) adopt(r *Run) error {
	if r.Output("stack-id") == "" {
		return nil // the run was skipped
	}
	made := &ground{id: r.Output("stack-id"), arns: map[string]string{}}
	if err := json.Unmarshal([]byte(r.Output("stack-outputs")), &made.outputs); err != nil {
		return fmt.Errorf("read the outputs of bootstrap: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.grounds[r.Output("stack-name")] = made
	return nil
}

var preview = regexp.MustCompile(`^(pr-[1-9][0-9]*)?$`)

// credentials returns the configuration of a job: bootstrap is run by an administrator, every other
// verb by a role with the policy that bootstrap printed for it. Where no base stack is known, the job
// is an administrator's.
func (e *Env) credentials(r *Run) (aws.Config, error) {
	service := cmp.Or(r.value("INPUT_SERVICE"), "hello-world")
	e.mu.Lock()
	defer e.mu.Unlock()
	found := e.grounds[cmp.Or(r.value("INPUT_BASE-STACK"), service+"-base")]
	if found == nil || e.Administrator || r.value("INPUT_COMMAND") == "bootstrap" {
		return e.AWS.Config(), nil
	}
	role := "preview"
	switch named := r.value("INPUT_ENVIRONMENT"); {
	case r.value("INPUT_COMMAND") == "sweep", r.value("GITHUB_EVENT_NAME") == "schedule":
		role = "sweep"
	case !preview.MatchString(named):
		role = named
	}
	arn, err := e.role(found, service, role)
	if err != nil {
		return aws.Config{}, err
	}
	return e.AWS.ConfigAs(arn), nil
}

// role returns the ARN of a role, which it makes when it is first needed.
func (e *Env) role(g *ground, service, name string) (string, error) {
	key := service + " " + name
	if arn, ok := g.arns[key]; ok {
		return arn, nil
	}
	policy, err := e.policy(g, service, name)
	if err != nil {
		return "", err
	}
	arn, err := e.AWS.AddRole(fmt.Sprintf("pr-stack-%d-%s", len(g.arns), name), trust, policy)
	g.arns[key] = arn
	return arn, err
}

// policy returns the policy that bootstrap printed for a role, or the one of another permanent environment.
func (e *Env) policy(g *ground, service, name string) (string, error) {
	base := permissions.Base{Service: service, StackID: g.id, Outputs: g.outputs}
	roles, err := permissions.Roles(base)
	if err != nil {
		return "", err
	}
	var policy permissions.Policy
	if i := slices.IndexFunc(roles, func(r permissions.Role) bool { return r.Name == name }); i >= 0 {
		policy = roles[i].Policy
	} else if policy, err = permissions.Permanent(base, name); err != nil {
		return "", err
	}
	if e.Restrict != nil {
		policy = e.Restrict(name, policy)
	}
	document, err := json.Marshal(policy)
	return string(document), err
}

// ConfigAs returns a configuration of a person or a job that has a role of a service: preview, sweep,
// production, or the name of another permanent environment. The service has a base stack of its own.
func (e *Env) ConfigAs(service, role string) (aws.Config, error) {
	arn, err := e.RoleARN(service, role)
	return e.AWS.ConfigAs(arn), err
}

// RoleARN returns the ARN of a service's role, as ConfigAs knows it.
func (e *Env) RoleARN(service, role string) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	found := e.grounds[service+"-base"]
	if found == nil {
		return "", fmt.Errorf("service %s has no base stack", service)
	}
	return e.role(found, service, role)
}
