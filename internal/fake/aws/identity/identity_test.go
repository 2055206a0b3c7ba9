package identity_test

import (
	"fmt"
	"testing"

	"pr-stack/internal/fake/aws/identity"
	"pr-stack/internal/fake/aws/internal/account"
)

const (
	everything = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`
	cfn        = `{"Version": "2012-10-17", "Statement": {
		"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}}`
)

func TestServiceRole(t *testing.T) {
	a := &account.Account{ID: "123456789012"}
	roles := identity.New(a)
	arn, _, err := roles.CreateRole(identity.Role{Name: "stacks", Path: "/ci/", Trust: cfn, Policies: []string{everything}})
	if want := "arn:aws:iam::123456789012:role/ci/stacks"; err != nil || arn != want {
		t.Fatalf("CreateRole = %s, %v, want %s", arn, err, want)
	}
	_, _, err = roles.CreateRole(identity.Role{Name: "stacks", Trust: cfn})
	if err == nil || err.Error() != "Role with name stacks already exists." {
		t.Errorf("a second role of the name = %v", err)
	}
	for _, test := range []struct{ arn, service, want string }{
		{arn, "cloudformation.amazonaws.com", "arn:aws:sts::123456789012:assumed-role/stacks/AWSCloudFormation"},
		{arn, "ecs-tasks.amazonaws.com", "ValidationError: Role " + arn + " is invalid or cannot be assumed"},
		{arn + "x", "cloudformation.amazonaws.com", "ValidationError: Role " + arn + "x is invalid or cannot be assumed"},
	} {
		p, err := a.ServiceRole(test.arn, test.service)
		got := fmt.Sprint(err)
		if err == nil {
			got = p.ARN
		}
		if got != test.want {
			t.Errorf("ServiceRole(%s, %s) = %s, want %s", test.arn, test.service, got, test.want)
		}
	}
}

func TestPrincipal_has_its_roles_policies(t *testing.T) {
	a := &account.Account{ID: "1"}
	roles := identity.New(a)
	create := func(r identity.Role) *account.Principal {
		t.Helper()
		r.Trust = cfn
		arn, _, err := roles.CreateRole(r)
		if err != nil {
			t.Fatal(err)
		}
		p, err := a.ServiceRole(arn, "cloudformation.amazonaws.com")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	allowed := func(p *account.Principal, action string) bool {
		return p.Check(account.Access{Action: action, Resource: "*"}) == nil
	}
	const admin = "arn:aws:iam::aws:policy/AdministratorAccess"
	const execution = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
	plain := create(identity.Role{Name: "plain"})
	if allowed(plain, "logs:PutLogEvents") {
		t.Error("a role without policies may do something")
	}
	if err := roles.Attach("P1", everything, []string{"plain"}); err != nil || !allowed(plain, "logs:PutLogEvents") {
		t.Errorf("with a policy attached, the role may do nothing; Attach = %v", err)
	}
	roles.Detach("P1")
	if allowed(plain, "logs:PutLogEvents") {
		t.Error("with the policy detached, the role may still do something")
	}
	managed := create(identity.Role{Name: "managed", ManagedPolicies: []string{execution}})
	if !allowed(managed, "logs:PutLogEvents") || allowed(managed, "ecs:RunTask") {
		t.Error("a role with a managed policy may do something else than the policy allows")
	}
	bound := create(identity.Role{Name: "bound", ManagedPolicies: []string{admin}, Boundary: execution})
	if !allowed(bound, "logs:PutLogEvents") || allowed(bound, "ecs:RunTask") {
		t.Error("a role with a boundary may do something else than the boundary allows")
	}
	gone := create(identity.Role{Name: "gone", ManagedPolicies: []string{admin}})
	roles.RemoveRole("arn:aws:iam::1:role/gone")
	if allowed(gone, "ecs:RunTask") {
		t.Error("a session of a role that is gone may do something")
	}
}

func TestPrincipal_called_by_a_service(t *testing.T) {
	a := &account.Account{ID: "1"}
	roles := identity.New(a)
	arn, _, err := roles.CreateRole(identity.Role{Name: "r", Trust: cfn, Policies: []string{`{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "ecs:CreateService", "Resource": "*",
		 "Condition": {"ForAnyValue:StringEquals": {"aws:CalledVia": "cloudformation.amazonaws.com"}}},
		{"Effect": "Allow", "Action": "ecs:DeleteService", "Resource": "*", "Condition": {"Bool": {"aws:ViaAWSService": "true"}}},
		{"Effect": "Allow", "Action": "ecs:UpdateService", "Resource": "*", "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::1:role/r"}}}]}`}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.ServiceRole(arn, "cloudformation.amazonaws.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		action string
		via    bool
		want   bool
	}{
		{"ecs:CreateService", true, true}, {"ecs:CreateService", false, false},
		{"ecs:DeleteService", true, true}, {"ecs:DeleteService", false, false},
		{"ecs:UpdateService", true, true}, {"ecs:UpdateService", false, true},
	} {
		caller := p
		if test.via {
			caller = p.Via("cloudformation.amazonaws.com")
		}
		got := caller.Check(account.Access{Action: test.action, Resource: "*"}) == nil
		if got != test.want {
			t.Errorf("%s, by CloudFormation %v: allowed is %v, want %v", test.action, test.via, got, test.want)
		}
	}
	const arnOf = "arn:aws:sts::1:assumed-role/r/AWSCloudFormation"
	want := fmt.Sprint([]identity.Access{
		{Principal: arnOf, Action: "ecs:CreateService", Resource: "*", Allowed: true},
		{Principal: arnOf, Action: "ecs:CreateService", Resource: "*"},
		{Principal: arnOf, Action: "ecs:DeleteService", Resource: "*", Allowed: true},
		{Principal: arnOf, Action: "ecs:DeleteService", Resource: "*"},
		{Principal: arnOf, Action: "ecs:UpdateService", Resource: "*", Allowed: true},
	})
	if got := fmt.Sprint(roles.Accesses()); got != want {
		t.Errorf("Accesses = %s, want %s", got, want)
	}
}
