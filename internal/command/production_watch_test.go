package command_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"

	"pr-stack/internal/actiontest"
	"pr-stack/internal/elb"
	"pr-stack/internal/route53"
)

// watch looks at production each second, and requests its URL as a visitor does.
type watch struct {
	s      *productionSimulation
	pause  chan bool // true: until false
	done   chan struct{}
	url    string
	served bool // it has answered well since a promotion has succeeded
}

func (s *productionSimulation) startWatch() *watch {
	w := &watch{s: s, pause: make(chan bool), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for {
			select {
			case paused := <-w.pause:
				if !paused {
					return
				}
				<-w.pause
			case <-time.After(time.Second):
				w.visit()
			}
		}
	}()
	return w
}

func (w *watch) stop() {
	w.pause <- false
	<-w.done
}

// sleep lets time pass in which nobody is awake.
func (w *watch) sleep(d time.Duration) {
	w.pause <- true
	<-time.After(d)
	w.pause <- true
}

// visit requests the URL. An answer that a bad release gives is an answer.
func (w *watch) visit() {
	w.s.look()
	if w.url == "" {
		w.url = w.s.productionURL()
		return
	}
	status, body, err := w.s.Get(context.Background(), w.url)
	good := err == nil && strings.HasPrefix(status, "200")
	if w.served && !good && !strings.HasPrefix(body, "bad ") {
		w.s.note(fmt.Sprintf("a visitor got %s %q (%v), and production was %s", status, body, err, w.s.last().words))
	}
	w.served = w.served || good && w.s.everServed()
}

// changeByHand has somebody give an environment that is up so much of the requests, and the rest to the one
// that has most of them.
func (s *productionSimulation) changeByHand(percent int) {
	backends := s.AWS.Backends(liveHost)
	if !s.movesTraffic() || len(backends) == 0 {
		return
	}
	stable := backends[0]
	for _, b := range backends {
		if b.Weight > stable.Weight {
			stable = b
		}
	}
	other := ""
	for _, n := range slices.Sorted(maps.Keys(s.pulls)) {
		name := fmt.Sprint("hello-world-pr-", n)
		status, _ := s.AWS.StackNow(name)
		if name != stable.Stack && (status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE") && s.AWS.Tasks(name) > 0 {
			other = name
		}
	}
	if other == "" {
		return
	}
	s.mu.Lock()
	s.byHand, s.touched = time.Now(), true
	s.mu.Unlock()
	weights := map[string]int{other: percent}
	if percent < 100 {
		weights[stable.Stack] = 100 - percent
	}
	s.put(weights)
}

// put changes the weights as a person does in the console.
func (s *productionSimulation) put(weights map[string]int) {
	ctx := context.Background()
	if s.by == "listener" {
		base, err := s.BaseOutputs(ctx)
		s.check(err)
		listener := elb.Listener{API: elbv2.NewFromConfig(s.AWS.Config()), ARN: base["HttpsListenerArn"]}
		rule, err := listener.Weighted(ctx, liveHost)
		if err != nil {
			return
		}
		groups := map[string]int{}
		for stack, percent := range weights {
			groups[s.AWS.Made(stack, "AWS::ElasticLoadBalancingV2::TargetGroup")[0]] = percent
		}
		_ = listener.SetWeights(ctx, rule, groups)
		return
	}
	zone := route53.Zone{API: awsroute53.NewFromConfig(s.AWS.Config()), ID: actiontest.ZoneID}
	before, err := zone.Weighted(ctx, liveHost)
	if err != nil {
		return
	}
	var records []route53.WeightedRecord
	for stack, percent := range weights {
		address, err := elb.AddressOf(ctx, elbv2.NewFromConfig(s.AWS.Config()), s.AWS.Made(stack, "AWS::ElasticLoadBalancingV2::LoadBalancer")[0])
		if err != nil {
			return
		}
		records = append(records, route53.WeightedRecord{ID: stack, Weight: percent, Host: address.Host, Zone: address.Zone})
	}
	_, _ = zone.Change(ctx, liveHost, before, records)
}
