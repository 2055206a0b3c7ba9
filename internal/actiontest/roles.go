package actiontest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"pr-stack/internal/permissions"
)

// baseRoles are a base stack and the roles of jobs on it.
type baseRoles struct {
	id      string
	outputs map[string]string
	arns    map[roleKey]string // of the roles: those that bootstrap made, and others
}

// roleKey is what a role is for.
type roleKey struct {
	service, name string
	permit        string // the policies that it has besides bootstrap's, with separator between them
}

// policies returns the role's policies, of which the first is bootstrap's.
func (k roleKey) policies(first string) []string {
	return append([]string{first}, strings.FieldsFunc(k.permit, func(r rune) bool { return r == separator })...)
}

// separator is between the policies of a roleKey: no policy contains it.
const separator = '\x00'

// trust lets everyone assume a role. Which jobs may assume it is not tested here.
const trust = `{"Version": "2012-10-17", "Statement": [
	{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}`

// adopt records the base stack and the roles that a run of bootstrap created. Later runs have these roles
// or, if bootstrap made none, the policies that it prints.
func (e *Env) adopt(r *Run) error {
	if r.Output("stack-id") == "" {
		return nil // the run was skipped
	}
	made := &baseRoles{id: r.Output("stack-id"), arns: map[roleKey]string{}}
	if err := json.Unmarshal([]byte(r.Output("stack-outputs")), &made.outputs); err != nil {
		return fmt.Errorf("read the outputs of bootstrap: %w", err)
	}
	roles, _ := e.Stack(context.Background(), r.Output("stack-name")+"-roles") // there may be none
	e.mu.Lock()
	defer e.mu.Unlock()
	before := e.bases[r.Output("stack-name")]
	e.bases[r.Output("stack-name")] = made
	e.base = nil // read it again
	service := r.service()
	for _, name := range permissions.Names() {
		if arn := roles.Outputs[permissions.RoleOutput(name)]; arn != "" {
			made.arns[roleKey{service: service, name: name}] = arn
		}
	}
	if before != nil { // roles that were created besides get the new policies as well
		for key, arn := range before.arns {
			made.arns[key] = cmp.Or(made.arns[key], arn)
		}
	}
	for key, arn := range made.arns {
		if e.Restrict == nil && arn == roles.Outputs[permissions.RoleOutput(key.name)] {
			continue // it has them from its stack
		}
		policy, err := e.policy(made, key.service, key.name)
		if err == nil {
			err = e.AWS.SetRolePolicies(path.Base(arn), key.policies(policy)...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// service returns the service that a run is for.
func (r *Run) service() string { return cmp.Or(r.value("INPUT_SERVICE"), "hello-world") }

var preview = regexp.MustCompile(`^(pr-[1-9][0-9]*)?$`)

// credentials returns the configuration of a job. An administrator runs bootstrap, and the role that
// bootstrap made runs every other command. If no base stack is known, the job is an
// administrator's.
func (e *Env) credentials(r *Run) (aws.Config, error) {
	service := r.service()
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
	case named == "" && slices.Contains([]string{"promote", "rollback", "status"}, r.value("INPUT_COMMAND")):
		role = "production"
	case !preview.MatchString(named):
		role = named
	}
	arn, err := e.role(found, service, role)
	if err != nil {
		return aws.Config{}, err
	}
	return e.AWS.ConfigAs(arn), nil
}

// role returns the ARN of a role. One that bootstrap did not make is created when it is first needed: that
// of a permanent environment other than production, of another service, or of an unknown repository, and
// each that has further policies.
func (e *Env) role(b *baseRoles, service, name string) (string, error) {
	key := roleKey{service: service, name: name, permit: strings.Join(e.Permit, string(separator))}
	if arn, ok := b.arns[key]; ok {
		return arn, nil
	}
	policy, err := e.policy(b, service, name)
	if err != nil {
		return "", err
	}
	arn, err := e.AWS.AddRole(fmt.Sprintf("pr-stack-%d-%s", e.roles, name), trust, key.policies(policy)...)
	e.roles++ // bootstrap may be run again, and its jobs then have other roles
	b.arns[key] = arn
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
