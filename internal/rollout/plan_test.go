package rollout

import (
	"testing"

	"pr-stack/internal/cfn"
)

// Whoever names an image in parameter-overrides gets that one.
func TestWithImage_keeps_the_users_image(t *testing.T) {
	for name, test := range map[string]struct{ before, after string }{
		"to be built":    {ImageToCome, "app@sha256:1"},
		"the user's":     {"nginx:1", "nginx:1"},
		"takes no image": {"", ""},
	} {
		plan := Plan{Parameters: map[string]string{"Cpu": "256"}}
		if test.before != "" {
			plan.Parameters["ImageUri"] = test.before
		}
		if got := plan.WithImage("app@sha256:1").Image(); got != test.after {
			t.Errorf("%s: Image() = %q, want %q", name, got, test.after)
		}
		if got := plan.Image(); got != test.before {
			t.Errorf("%s: the plan without the image has %q by now, want %q", name, got, test.before)
		}
	}
}

// The template is asked for what it declares, and the user's values win.
func TestPlan_fills_in_the_parameters(t *testing.T) {
	inAccount(t, func(a *account) {
		plan, err := a.Plan(a.Context(), cfn.Template{Body: worker}, Values{
			Base: map[string]string{"Other": "base", "VpcId": "vpc-1"}, Ours: map[string]string{"ImageUri": ImageToCome, "Service": "hello"},
			Users: map[string]string{"Other": "theirs"},
		}, nil)
		if err != nil || !plan.TakesImage || len(plan.Parameters) != 2 || plan.Image() != ImageToCome || plan.Parameters["Other"] != "theirs" {
			a.Errorf("Plan = %+v, %v, want the two parameters that the template declares", plan, err)
		}
	})
}
