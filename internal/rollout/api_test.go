package rollout

import (
	"testing"
	"testing/synctest"
	"time"

	"pr-stack/internal/ecs"
)

// Only an HTTP API whose tasks were replaced a moment ago may ask one that is gone.
func TestSteady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := workloads{apis: []string{"a"}, discovery: []string{"srv-1"}}
		started := func(ago time.Duration) Seen {
			return Seen{Starts: map[string][]ecs.Start{"EcsService": {
				{Started: time.Now().Add(-time.Hour)}, {Started: time.Now().Add(-ago)},
			}}}
		}
		want := Want{Timeout: 5 * time.Minute}
		for name, test := range map[string]struct {
			found  workloads
			seen   Seen
			want   Want
			steady time.Duration
		}{
			"after an update":                  {api, started(time.Minute), want, 30 * time.Second},
			"when a task started is not known": {api, Seen{}, want, 30 * time.Second},
			"long after it":                    {api, started(time.Hour), want, 0},
			"after a creation":                 {api, started(time.Minute), Want{Timeout: want.Timeout, isNew: true}, 0},
			"in little time":                   {api, started(time.Minute), Want{Timeout: 20 * time.Second}, 10 * time.Second},
			"API Gateway answers itself":       {api, started(time.Minute), Want{Timeout: want.Timeout, token: true}, 0},
			"a function":                       {workloads{apis: []string{"a"}}, Seen{}, want, 0},
			"a load balancer":                  {workloads{discovery: []string{"srv-1"}}, started(time.Minute), want, 0},
		} {
			if got := steady(test.found, test.seen, test.want); got != test.steady {
				t.Errorf("%s: steady = %s, want %s", name, got, test.steady)
			}
		}
	})
}
