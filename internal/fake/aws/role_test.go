package aws

import (
	"errors"
	"strings"
	"testing"

	"pr-stack/internal/fake/aws/internal/account"
)

type access = account.Access

// With a role, its rights count and none of the caller's, in later operations too.
func TestRole_of_a_stack(t *testing.T) {
	withRights(t, func(r *rights) {
		const role = "arn:aws:iam::123456789012:role/cloudformation"
		var byRole []access
		session := &account.Principal{ARN: "arn:aws:sts::123456789012:assumed-role/cloudformation/AWSCloudFormation", Decide: func(a access) account.Decision {
			byRole = append(byRole, a)
			return account.Allow
		}}
		r.account.ServiceRole = func(arn, service string) (*account.Principal, error) {
			if arn != role || service != "cloudformation.amazonaws.com" {
				return nil, errors.New("no such role")
			}
			return session, nil
		}
		err := r.call("CreateStack", "TemplateBody", everything, "RoleARN", role+"-2")
		if want := "Role " + role + "-2 is invalid or cannot be assumed"; err == nil || !strings.Contains(err.Error(), want) {
			r.Errorf("CreateStack = %v, want %s", err, want)
		}
		r.create("RoleARN", role)
		r.wantEnd("CREATE_COMPLETE")
		created := len(byRole)
		r.update(tags("commit", "2")...)
		updated := len(byRole)
		r.must("DeleteStack")
		if created == 0 || updated == created || len(byRole) == updated {
			r.Errorf("%d, %d and %d accesses of the role after three operations, want more each time", created, updated, len(byRole))
		}
		if len(r.asked) > 0 {
			r.Errorf("the caller's own policies were evaluated: %v", r.asked[0])
		}
		for _, a := range byRole {
			if a.Context["aws:CalledVia"] != "" {
				r.Fatalf("%s is called via %s, want directly by the role", a.Action, a.Context["aws:CalledVia"])
			}
		}
	})
}
