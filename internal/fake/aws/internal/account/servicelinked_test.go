package account_test

import (
	"errors"
	"testing"

	"pr-stack/internal/fake/aws/internal/account"
)

func TestEnsureServiceLinkedRole(t *testing.T) {
	const service = "elasticloadbalancing.amazonaws.com"
	a := &account.Account{ID: "123456789012"}
	var asked []account.Access
	decision := account.ImplicitDeny
	caller := &account.Principal{ARN: "someone", Decide: func(access account.Access) account.Decision {
		asked = append(asked, access)
		return decision
	}}

	err := a.EnsureServiceLinkedRole(caller, service)
	var denied *account.Denied
	if !errors.As(err, &denied) || a.HasServiceLinkedRole(service) {
		t.Errorf("without the permission = %v, want a *Denied and no role", err)
	}
	decision = account.Allow
	for range 2 {
		if err := a.EnsureServiceLinkedRole(caller, service); err != nil || !a.HasServiceLinkedRole(service) {
			t.Errorf("with the permission = %v, want the role", err)
		}
	}
	if len(asked) != 2 {
		t.Errorf("the permission was checked %d times, want twice: not for a role that exists", len(asked))
	}
	const arn = "arn:aws:iam::123456789012:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing"
	if got := asked[0]; got.Action != "iam:CreateServiceLinkedRole" || got.Resource != arn || got.Context["iam:AWSServiceName"] != service {
		t.Errorf("the access is %+v", got)
	}
	if a.HasServiceLinkedRole("ecs.amazonaws.com") {
		t.Error("another service has its role too")
	}
}
