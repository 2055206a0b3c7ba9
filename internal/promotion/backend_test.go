package promotion

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/hint"
)

func TestBackend_is_what_a_stack_has_one_of(t *testing.T) {
	inAccount(t, fakeaws.Options{}, func(a *account) {
		have := a.resources("hello-pr-9")
		without := func(kind string) []cfn.Resource {
			return slices.DeleteFunc(slices.Clone(have), func(r cfn.Resource) bool { return r.Type == kind })
		}
		group := cfn.Resource{LogicalID: "More", PhysicalID: "arn:more", Type: "AWS::ElasticLoadBalancingV2::TargetGroup"}
		own := cfn.Resource{LogicalID: "Own", PhysicalID: "arn:own", Type: "AWS::ElasticLoadBalancingV2::LoadBalancer"}
		for name, test := range map[string]struct {
			resources []cfn.Resource
			want      string
		}{
			"no target group":           {without(group.Type), "stack hello-pr-9 has 0 target groups, and requests can be shifted between stacks only by one of each"},
			"two target groups":         {append(without("x"), group), "stack hello-pr-9 has 2 target groups, and requests can be shifted between stacks only by one of each"},
			"a load balancer too many":  {append(without("x"), own), map[bool]string{true: "stack hello-pr-9 has 2 load balancers, and requests can be shifted between stacks only by one of each", false: "stack hello-pr-9 has a load balancer of its own, and no rule of the shared one can send requests to it"}[a.listener == ""]},
			"no service, as a function": {without("AWS::ECS::Service"), "<nil>"},
		} {
			b, err := a.Backend(a.Context(), "hello-pr-9", test.resources, a.listener)
			if got := fmt.Sprint(err); got != test.want || err != nil && len(hint.Of(err)) != 1 {
				a.Errorf("%s: Backend = %+v, %v, want %s", name, b, err, test.want)
			}
		}
		if b := a.new; !strings.Contains(b.TargetGroup, ":targetgroup/") || !strings.Contains(b.LoadBalancer, ":loadbalancer/app/") || b.Alone != (a.listener == "") ||
			b.Alone != (b.Host != "" && b.Zone != "") || !strings.Contains(b.Service, ":service/shared/") {
			a.Errorf("Backend = %+v, want the stack's", b)
		}
	})
}

func TestScale_waits_until_all_tasks_are_healthy(t *testing.T) {
	inAccount(t, fakeaws.Options{}, func(a *account) {
		empty := a.environment("hello-pr-8", map[bool]string{true: ownFront, false: sharedFront}[a.listener == ""], 0)
		for _, count := range []int{3, 1, 1, 0} {
			began := time.Now()
			if err := a.Scale(a.Context(), empty, count); err != nil {
				a.Fatalf("Scale(%d) = %v\n%s", count, err, a.log)
			}
			a.Logf("%s", time.Since(began))
			r := run{c: a.Clients, Shift: Shift{To: empty}}
			healthy := r.healthy(a.Context())
			has, err := a.Count(a.Context(), empty)
			if has != count || err != nil || (healthy == nil) != (count > 0) {
				a.Errorf("Count = %d, %v, and healthy = %v, want %d that are healthy", has, err, healthy, count)
			}
		}
	})
}
