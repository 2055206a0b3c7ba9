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

// baseRoles are a base stack and the roles that were created for jobs on it.
type baseRoles struct {
	id      string
	outputs map[string]string
	arns    map[string]string // of the roles, by service and role
}

// trust lets everyone assume a role. Which jobs may assume it is not tested here.
const trust = `{"Version": "2012-10-17", "Statement": [
	{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}`

// adopt records the base stack that a run of bootstrap created. Later runs have the policies that
// bootstrap prints for it.
func (e *Env) adopt(r *Run) error {
	if r.Output("stack-id") == "" {
		return nil // the run was skipped
	}
	made := &baseRoles{id: r.Output("stack-id"), arns: map[string]string{}}
	if err := json.Unmarshal([]byte(r.Output("stack-outputs")), &made.outputs); err != nil {
		return fmt.Errorf("read the outputs of bootstrap: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.bases[r.Output("stack-name")] = made
	return nil
}

var preview = regexp.MustCompile(`^(pr-[1-9][0-9]*)?$`)

// credentials returns the configuration of a job. An administrator runs bootstrap, and a role with
// the policy that bootstrap prints runs every other command. If no base stack is known, the job is an
// administrator's.
func (e *Env) credentials(r *Run) (aws.Config, error) {
	service := cmp.Or(r.value("INPUT_SERVICE"), "hello-world")
	e.mu.Lock()
	defer e.mu.Unlock()
	found := e.bases[cmp.Or(r.value("INPUT_BASE-STACK"), service+"-base")]
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

// role returns the ARN of a role. It creates the role when it is first needed.
func (e *Env) role(b *baseRoles, service, name string) (string, error) {
	key := fmt.Sprint(service, " ", name, " ", len(e.Permit)) // roles keep the policies that they were made with
	if arn, ok := b.arns[key]; ok {
		return arn, nil
	}
	policy, err := e.policy(b, service, name)
	if err != nil {
		return "", err
	}
	arn, err := e.AWS.AddRole(fmt.Sprintf("pr-stack-%d-%s", e.roles, name), trust, append([]string{policy}, e.Permit...)...)
	b.arns[key] = arn
	e.roles++
	return arn, err
}

// policy returns the policy that bootstrap printed for a role, or the one of another permanent environment.
func (e *Env) policy(b *baseRoles, service, name string) (string, error) {
	base := permissions.Base{Service: service, StackID: b.id, Outputs: b.outputs}
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

// ConfigAs returns the configuration of a caller with a role of a service: preview, sweep, production,
// or the name of another permanent environment. The service must have its own base stack.
func (e *Env) ConfigAs(service, role string) (aws.Config, error) {
	arn, err := e.RoleARN(service, role)
	return e.AWS.ConfigAs(arn), err
}

// RoleARN returns the ARN of a service's role, as ConfigAs knows it.
func (e *Env) RoleARN(service, role string) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	found := e.bases[service+"-base"]
	if found == nil {
		return "", fmt.Errorf("service %s has no base stack", service)
	}
	return e.role(found, service, role)
}
