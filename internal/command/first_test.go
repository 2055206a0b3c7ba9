package command_test

import (
	"testing"
	"testing/synctest"
	"time"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
)

// README.md has these durations, side by side. Each resource takes as long as in the recorded stacks that
// the fake account has its durations from. What an environment does not have, it does not wait for.
func TestFirst_deployments_side_by_side(t *testing.T) {
	took := map[string]time.Duration{}
	for ingress, base := range map[string]string{
		"dedicated": "", "shared": actiontest.SharedBase, "api": "Ingress=api\nVpcLink=true", "none": "Ingress=none",
	} {
		synctest.Test(t, func(t *testing.T) {
			e := newEnv(t, fakeaws.Options{}, "INPUT_PARAMETER-OVERRIDES="+base)
			e.GitHub.Open(7, oneCommit)
			began := time.Now()
			e.run("opened", oneCommit, "INPUT_INGRESS="+ingress).want(t, 0, "created", "")
			took[ingress] = time.Since(began).Round(time.Second)
		})
	}
	t.Log(took)
	for _, ingress := range []string{"shared", "api", "none"} {
		if took[ingress] > took["dedicated"]/2 {
			t.Errorf("%s takes %s, and dedicated %s: what else does it wait for?", ingress, took[ingress], took["dedicated"])
		}
	}
}
