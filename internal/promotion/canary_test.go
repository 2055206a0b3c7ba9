package promotion_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	edge "pr-stack/internal/ecs"
)

func TestCanary_asks_the_gate_at_each_pause(t *testing.T) {
	inProduction(t, func(p *production) {
		var asked []int
		gate := func(_ context.Context, percent int) error {
			asked = append(asked, percent)
			p.checkShare(p.second, percent)
			<-time.After(time.Minute)
			return nil
		}
		if err := p.Canary(p.Context(), p.canary(gate), p.deploy(p.second)); err != nil {
			p.Fatal(err)
		}
		if want := []int{0, 5, 100}; !slices.Equal(asked, want) {
			p.Errorf("the gate was asked at %v percent, want %v", asked, want)
		}
		want := []string{"PRE_PRODUCTION_TRAFFIC_SHIFT 0", "PRE_PRODUCTION_TRAFFIC_SHIFT 5", "POST_PRODUCTION_TRAFFIC_SHIFT 100"}
		if !slices.Equal(p.progress, want) {
			p.Errorf("progress = %q, want %q", p.progress, want)
		}
		p.checkShare(p.second, 100)
	})
}

func TestCanary_goes_back(t *testing.T) {
	bad := errors.New("7 % of its requests fail")
	for name, at := range map[string]int{"before the first request": 0, "with the share of the canary": 5, "with all requests": 100} {
		t.Run(name, func(t *testing.T) {
			inProduction(t, func(p *production) {
				err := p.Canary(p.Context(), p.canary(func(_ context.Context, percent int) error {
					if percent == at {
						return bad
					}
					return nil
				}), p.deploy(p.second))
				if took := p.checkReturned(err, bad.Error()); took > 30*time.Second {
					p.Errorf("the return took %s, want seconds", took)
				}
			})
		})
	}
}

func TestCanary_is_stopped_by_somebody_else(t *testing.T) {
	for name, wait := range map[string]time.Duration{"while the gate is asked": 20 * time.Second, "while ECS bakes": 13 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			inProduction(t, func(p *production) {
				ended := false
				gate := func(ctx context.Context, percent int) error {
					select {
					case <-ctx.Done():
						ended = true
						return ctx.Err()
					case <-time.After(3 * time.Minute):
						return nil
					}
				}
				go func() {
					for d := (edge.ServiceDeployment{}); len(d.Paused) == 0; {
						<-time.After(time.Second)
						d, _ = p.edge().ServiceDeployment(p.Context())
					}
					<-time.After(wait)
					d, err := p.edge().ServiceDeployment(p.Context())
					if err != nil || !d.UnderWay() {
						p.Errorf("the deployment is %+v, %v, want it to be under way", d, err)
					}
					for range 2 { // the second time it is being rolled back
						if err := p.edge().RollBack(p.Context(), d.ARN); err != nil {
							p.Error(err)
						}
						<-time.After(4 * time.Second)
					}
				}()
				err := p.Canary(p.Context(), p.canary(gate), p.deploy(p.second))
				_ = p.checkReturned(err, "it was stopped by StopServiceDeployment")
				if during := name == "while the gate is asked"; ended != during {
					p.Errorf("the gate was ended: %v, want %v", ended, during)
				}
			})
		})
	}
}

func TestCanary_goes_back_if_it_is_interrupted(t *testing.T) {
	cancelled := errors.New("the run was cancelled")
	for name, test := range map[string]struct {
		after time.Duration // the first pause
		obeys bool          // the update ends at once
	}{
		"while the gate is asked":                {0, false},
		"while ECS bakes":                        {2 * time.Minute, false},
		"while ECS bakes, and the update is off": {2 * time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			inProduction(t, func(p *production) {
				ctx, interrupt := context.WithCancelCause(p.Context())
				var began time.Time
				gate := func(ctx context.Context, _ int) error {
					go func() {
						<-time.After(test.after)
						began = time.Now()
						interrupt(cancelled)
					}()
					if test.after > 0 {
						return nil
					}
					<-ctx.Done()
					return context.Cause(ctx)
				}
				deploy := p.deploy(p.second)
				err := p.Canary(ctx, p.canary(gate), func(ctx context.Context) error {
					if !test.obeys {
						return deploy(ctx)
					}
					go func() { _ = deploy(ctx) }()
					<-ctx.Done()
					return context.Cause(ctx)
				})
				if took := time.Since(began); took > 7*time.Second {
					p.Errorf("Canary returned %s after the interruption, want less than the runner gives", took)
				}
				_ = p.checkReturned(err, cancelled.Error())
			})
		})
	}
}

// A runner that dies continues nothing more, so the next pause times out.
func TestCanary_of_a_run_that_dies_goes_back_by_itself(t *testing.T) {
	inProduction(t, func(p *production) {
		updated := make(chan error)
		go func() { updated <- p.deploy(p.second)(p.Context()) }()
		d := edge.ServiceDeployment{}
		for len(d.Paused) == 0 {
			<-time.After(time.Second)
			d, _ = p.edge().ServiceDeployment(p.Context())
		}
		if err := p.edge().Continue(p.Context(), d.ARN, *d.Paused[0].HookId); err != nil {
			p.Fatal(err)
		}
		<-time.After(30 * time.Minute)
		p.checkShare(p.second, 5)
		if err := <-updated; err == nil || !strings.Contains(err.Error(), "UPDATE_ROLLBACK_COMPLETE") {
			p.Errorf("the update ended with %v, want it to be rolled back", err)
		}
		d, err := p.edge().ServiceDeployment(p.Context())
		if err != nil || !strings.Contains(d.Reason, "timed out") {
			p.Errorf("the deployment is %+v, %v, want a timeout", d, err)
		}
		p.checkShare(p.first, 100)
	})
}

// Two runs that continue the same pause do not disturb each other.
func TestCanary_that_somebody_else_continues(t *testing.T) {
	inProduction(t, func(p *production) {
		gate := func(ctx context.Context, percent int) error {
			d, err := p.edge().ServiceDeployment(ctx)
			if err != nil || len(d.Paused) != 1 {
				p.Fatalf("the deployment is %+v, %v, want it to be paused", d, err)
			}
			return p.edge().Continue(ctx, d.ARN, *d.Paused[0].HookId)
		}
		if err := p.Canary(p.Context(), p.canary(gate), p.deploy(p.second)); err != nil {
			p.Fatal(err)
		}
		p.checkShare(p.second, 100)
	})
}

// A run whose update ends before the deployment does leaves none behind that waits.
func TestCanary_whose_update_ends_early(t *testing.T) {
	for name, test := range map[string]struct {
		gate  func(ctx context.Context, percent int) error
		after time.Duration
	}{
		"while the gate is asked": {func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() }, 5 * time.Minute},
		"while ECS bakes":         {func(context.Context, int) error { return nil }, 3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			inProduction(t, func(p *production) {
				err := p.Canary(p.Context(), p.canary(test.gate), func(ctx context.Context) error {
					limited, cancel := context.WithTimeoutCause(ctx, test.after, errors.New("not complete in time"))
					defer cancel()
					return p.deploy(p.second)(limited)
				})
				_ = p.checkReturned(err, "")
			})
		})
	}
}

func TestCanary_that_is_over(t *testing.T) {
	inProduction(t, func(p *production) {
		hook := ""
		gate := func(ctx context.Context, _ int) error {
			d, err := p.edge().ServiceDeployment(ctx)
			hook = *d.Paused[0].HookId
			return err
		}
		if err := p.Canary(p.Context(), p.canary(gate), p.deploy(p.second)); err != nil {
			p.Fatal(err)
		}
		d, err := p.edge().ServiceDeployment(p.Context())
		if err != nil || !d.Over() || d.RolledBack() {
			p.Errorf("the deployment is %+v, %v, want it to be over", d, err)
		}
		if err := p.edge().Continue(p.Context(), d.ARN, hook); err != nil {
			p.Errorf("Continue = %v, want no error", err)
		}
		if err := p.edge().RollBack(p.Context(), d.ARN); err != nil {
			p.Errorf("RollBack = %v, want no error", err)
		}
		p.checkShare(p.second, 100)
	})
}

func TestCanary_without_a_deployment(t *testing.T) {
	inProduction(t, func(p *production) {
		nothing := errors.New("nothing changed")
		err := p.Canary(p.Context(), p.canary(nil), func(context.Context) error { <-time.After(time.Minute); return nothing })
		if err != nothing { //nolint:errorlint // the error itself
			p.Errorf("Canary = %v, want the update's error", err)
		}
	})
}
