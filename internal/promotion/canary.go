package promotion

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"pr-stack/internal/ecs"
)

const (
	// lookInterval is how often the deployment of a canary is looked at.
	lookInterval = 5 * time.Second
	// maxContinues is how often a deployment that could not be continued is tried again.
	maxContinues = 3
	// canaryBackAfterEnd is how long the calls that roll a canary back may take once ctx has ended: the
	// runner kills a cancelled job 7.5 seconds after it has interrupted it.
	canaryBackAfterEnd = 3 * time.Second
)

// Canary is what follows the deployment of a service while CloudFormation updates its stack. ECS itself
// shifts the requests, and pauses before each step and after the last. If nobody continues it, the pause
// times out, and ECS rolls the deployment back: a run that dies leaves nothing to do.
type Canary struct {
	// Service returns the ARN of the stack's service, or "" as long as there is none.
	Service func(ctx context.Context) (string, error)
	// Gate judges the new version at each pause, by the percent of requests that it has got so far: 0,
	// then that of the canary, then 100. It is not asked about the first version of a service. Its error is
	// why the deployment is rolled back. Its ctx ends if the deployment is rolled back meanwhile.
	Gate func(ctx context.Context, percent int) error
	// OnProgress is called each time the deployment has come further; nil: nobody is told.
	OnProgress func(CanaryProgress)
}

// CanaryProgress is where the deployment of a canary is.
type CanaryProgress struct {
	Stage   types.ServiceDeploymentLifecycleStage
	Status  types.ServiceDeploymentStatus
	Percent int // of the requests that the new version gets
	Paused  bool
	First   bool // the service had no version before, so nothing is judged
}

// Canary updates a stack and follows the deployment of its service meanwhile: at each pause it asks the
// gate, and lets the deployment go on or rolls it back. It also rolls it back if ctx ends. Its error is
// then a *ReturnedError, as it is if something else has rolled the deployment back; otherwise it is that
// of update. A deployment that was there before is not touched.
func (c Clients) Canary(ctx context.Context, canary Canary, update func(ctx context.Context) error) error {
	f := &follower{Clients: c, Canary: canary, judged: map[string]bool{}}
	before, err := f.newest(ctx)
	if err != nil {
		return err
	}
	f.before = before.ARN
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = update(ctx)
	}()
	for updating := true; updating; {
		f.look(ctx, done)
		select {
		case <-done:
			updating = false
		case <-ctx.Done():
			f.abandon(ctx, context.Cause(ctx))
			<-done
			updating = false
		case <-time.After(lookInterval):
		}
	}
	if ctx.Err() != nil { // the update may have ended first
		f.abandon(ctx, context.Cause(ctx))
	} else {
		f.finish(ctx, err)
	}
	if f.returned != nil {
		return f.returned
	}
	return err
}

// follower follows the deployments of one service.
type follower struct {
	Clients
	Canary
	service  ecs.Service
	before   string // ARN of the deployment that was there before
	last     ecs.ServiceDeployment
	shown    CanaryProgress
	judged   map[string]bool // pauses that the gate has passed
	failures int             // of calls to continue, in a row
	decided  time.Time       // when a deployment was to be rolled back
	returned *ReturnedError
}

// newest returns the service's newest deployment, or the zero value.
func (f *follower) newest(ctx context.Context) (ecs.ServiceDeployment, error) {
	if f.service.ARN == "" {
		arn, err := f.Service(ctx)
		if err != nil || arn == "" {
			return ecs.ServiceDeployment{}, err
		}
		f.service = ecs.Service{API: f.ECS, ARN: arn, Logf: f.Log.Line}
	}
	return f.service.ServiceDeployment(ctx)
}

// look looks at the deployment once, and does what it needs. Errors of reading are ignored: the next look
// reads again, and without any the pause times out.
func (f *follower) look(ctx context.Context, done <-chan struct{}) {
	if d, goesOn := f.see(ctx); goesOn && len(d.Paused) > 0 {
		f.judge(ctx, d, done)
	}
}

// see reads the deployment, and keeps what was seen. It returns false if it cannot be read, if the update has
// not begun one yet, and if it is rolled back.
func (f *follower) see(ctx context.Context) (d ecs.ServiceDeployment, goesOn bool) {
	d, err := f.newest(ctx)
	if err != nil || d.ARN == "" || d.ARN == f.before {
		return d, false
	}
	f.saw(d)
	if f.returned == nil && d.RolledBack() {
		f.returned = &ReturnedError{Why: reasonOf(d)}
	}
	return d, f.returned == nil
}

// saw keeps what was seen, and reports it if it is new.
func (f *follower) saw(d ecs.ServiceDeployment) {
	f.last = d
	if f.returned != nil && f.returned.Took == 0 && !f.decided.IsZero() && (d.Percent == 0 || d.Over()) {
		f.returned.Took = time.Since(f.decided)
	}
	now := CanaryProgress{Stage: d.Stage, Status: d.Status, Percent: percentOf(d), Paused: len(d.Paused) > 0, First: d.First}
	if now != f.shown && f.OnProgress != nil {
		f.OnProgress(now)
	}
	f.shown = now
}

// percentOf returns a part of a percent as 1: it is not nothing.
func percentOf(d ecs.ServiceDeployment) int { return int(math.Ceil(d.Percent)) }

func reasonOf(d ecs.ServiceDeployment) string {
	if d.Reason != "" {
		return d.Reason
	}
	return fmt.Sprintf("the deployment of the service is in %s", d.Status)
}

// abandon rolls the deployment back, also if ctx has ended.
func (f *follower) abandon(ctx context.Context, why error) {
	if f.returned != nil {
		return
	}
	var stop error
	if ctx.Err() != nil {
		stop = context.Cause(ctx)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), canaryBackAfterEnd)
		defer cancel()
	}
	if d, err := f.newest(ctx); err == nil { // it may have begun since the last look
		f.last = d
	}
	if !f.last.UnderWay() || f.last.ARN == f.before {
		return
	}
	f.returned, f.decided = &ReturnedError{Why: why.Error(), Stop: stop}, time.Now()
	f.returned.Cause = f.service.RollBack(ctx, f.last.ARN)
}

// finish rolls a deployment back that the update left behind, because its time was over, for example.
// Whoever continues it would continue it without a gate.
func (f *follower) finish(ctx context.Context, updating error) {
	if updating == nil {
		return
	}
	if d, goesOn := f.see(ctx); goesOn && d.UnderWay() {
		f.abandon(ctx, updating)
	}
}

// judge asks the gate at a pause, and then continues the deployment or rolls it back.
func (f *follower) judge(ctx context.Context, d ecs.ServiceDeployment, done <-chan struct{}) {
	pause := fmt.Sprintf("%s %s %g", d.ARN, d.Stage, d.Percent)
	if !d.First && !f.judged[pause] {
		err := f.gate(ctx, d, done)
		switch {
		case f.returned != nil:
			return
		case err != nil:
			f.abandon(ctx, err)
			return
		}
	}
	f.judged[pause] = true
	for _, p := range d.Paused {
		err := f.service.Continue(ctx, d.ARN, *p.HookId)
		if err == nil {
			f.failures = 0
			continue
		}
		if f.failures++; f.failures == maxContinues {
			f.abandon(ctx, err)
		}
		return
	}
}

// errOver ends a gate whose deployment does not wait for it any more.
var errOver = errors.New("the deployment does not wait any more")

// gate asks the gate, and looks meanwhile whether the deployment still waits for it.
func (f *follower) gate(ctx context.Context, d ecs.ServiceDeployment, done <-chan struct{}) error {
	gating, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	answer := make(chan error, 1)
	go func() { answer <- f.Gate(gating, percentOf(d)) }()
	for {
		select {
		case err := <-answer:
			return err
		case <-done:
			cancel(errOver)
			return <-answer
		case <-time.After(lookInterval):
		}
		if now, err := f.newest(ctx); err == nil && now.ARN == d.ARN {
			f.saw(now)
			if now.RolledBack() {
				f.returned = &ReturnedError{Why: reasonOf(now)}
				cancel(errOver)
				return <-answer
			}
		}
	}
}
