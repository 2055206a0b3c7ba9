package promotion

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"pr-stack/internal/cloudwatch"
	"pr-stack/internal/elb"
	"pr-stack/internal/hint"
	"pr-stack/internal/probe"
	"pr-stack/internal/release"
)

const (
	// urlTimeout is how long the URL has to answer well twice in a row. One bad answer between good ones is
	// not held against the candidate: its requests are counted.
	urlTimeout = 10 * time.Second
	// metricsDelay is how long after its end a minute appears in CloudWatch at most.
	metricsDelay = 2 * time.Minute
	// holdFor is how many times the bake time a step is held at most, until there are enough requests.
	holdFor = 3
	// maxUnread is how many looks in a row may fail because AWS cannot be asked.
	maxUnread = 3
	// maxDiffering is how many looks in a row may read other weights than those that were written: a read
	// may be older than the write.
	maxDiffering = 3
	// earlyFactor is how many times min-requests a candidate must have had to be judged before the bake time
	// is over. A few errors among the first requests are no rate yet.
	earlyFactor = 5
)

// badError is why the requests go back.
type badError struct {
	why  string
	stop error // what Stop returned, or why ctx ended; nil if a gate failed
}

func (e *badError) Error() string { return e.why }
func (e *badError) Unwrap() error { return e.stop }

// bad returns the error of a gate that has failed.
func bad(format string, args ...any) error { return &badError{why: fmt.Sprintf(format, args...)} }

// interrupted returns the error of a context that has ended.
func interrupted(ctx context.Context) error {
	cause := context.Cause(ctx)
	return &badError{why: fmt.Sprintf("interrupted (%s)", cause), stop: cause}
}

// ready returns an error if the candidate may not get a first request.
func (r *run) ready(ctx context.Context) error {
	for _, part := range []struct {
		check func(context.Context) error
		hint  string
	}{
		{r.alarms, "promote once the alarm is OK, or take it out of the input alarms"},
		{r.healthy, "see the service's events in the ECS console, and deploy the environment again"},
		{r.measurable, ""},
	} {
		err := part.check(ctx)
		if ctx.Err() != nil {
			return interrupted(ctx)
		}
		if failed := (*badError)(nil); errors.As(err, &failed) {
			err = hint.Wrap(err, part.hint)
		}
		if err != nil {
			return fmt.Errorf("no requests were shifted to stack %s: %w", r.To.Stack, err)
		}
	}
	return nil
}

// measurable returns an error if the metrics cannot be read.
func (r *run) measurable(ctx context.Context) error {
	if r.Limits.MinRequests == 0 {
		return nil
	}
	now := time.Now()
	_, _, err := r.measure(ctx, now.Add(-time.Minute), now)
	return err
}

// alarms returns an error if an alarm is in ALARM.
func (r *run) alarms(ctx context.Context) error {
	states, err := cloudwatch.States(ctx, r.c.CloudWatch, r.Alarms)
	for _, s := range states {
		if s.Alarm {
			return bad("alarm %s is in ALARM: %s", s.Name, s.Reason)
		}
	}
	return err
}

// healthy returns an error if the candidate has no healthy target.
func (r *run) healthy(ctx context.Context) error {
	n, err := elb.TargetGroup{API: r.c.ELB, ARN: r.To.TargetGroup}.Healthy(ctx)
	switch {
	case errors.Is(err, elb.ErrUnchecked):
		return nil
	case err == nil && n == 0:
		return bad("the target group of stack %s has no healthy target", r.To.Stack)
	}
	return err
}

// answers returns an error if the URL does not answer well once the candidate has all requests. Before, most
// answers are of the version before, which may be what the candidate is to mend.
func (r *run) answers(ctx context.Context) error {
	if r.URL == "" || r.percent < 100 {
		return nil
	}
	probing, cancel := context.WithTimeoutCause(ctx, urlTimeout, fmt.Errorf("not twice in a row within %s", urlTimeout))
	defer cancel()
	err := probe.Expect{}.Wait(probing, r.c.HTTP, r.URL+r.Path, nil)
	switch {
	case ctx.Err() != nil:
		return nil
	case err == nil:
		r.answered = true
		return nil
	case r.nobody() && !r.answered && time.Now().Before(r.mustAnswer): // a new name may not be known everywhere yet
		return nil
	}
	return bad("the URL does not answer well: %s", err)
}

// look looks at everything but the metrics. Its error is a *badError, or wraps ErrChanged.
func (r *run) look(ctx context.Context) error {
	if r.Stop != nil {
		if err := r.Stop(ctx); err != nil && ctx.Err() == nil {
			return &badError{why: err.Error(), stop: err}
		}
	}
	for _, check := range []func(context.Context) error{r.unchanged, r.healthy, r.alarms, r.answers} {
		err := check(ctx)
		failed := (*badError)(nil)
		switch {
		case ctx.Err() != nil:
			return interrupted(ctx)
		case errors.As(err, &failed), errors.Is(err, ErrChanged):
			return err
		case err != nil:
			return r.unreadable(&r.unread, err)
		}
	}
	r.unread = 0
	return nil
}

// unreadable returns nil for an error that a later look may not meet again. It counts those in a row.
func (r *run) unreadable(inRow *int, err error) error {
	if *inRow++; *inRow < maxUnread {
		r.c.Log.Line("  %s", err)
		return nil
	}
	return bad("AWS could not be asked whether the candidate is good: %s", err)
}

// unchanged returns ErrChanged if several looks have read other weights than those that were written.
func (r *run) unchanged(ctx context.Context) error {
	live, err := r.Traffic.Read(ctx)
	if err != nil {
		return err
	}
	if maps.Equal(live, r.now) {
		r.differing = 0
		return nil
	}
	if r.differing++; r.differing < maxDiffering {
		return nil
	}
	return changed(r.Traffic.What, r.now, live)
}

// measure returns what both generations did in the minutes from begin until end. Once the stable one gets
// too few requests to say something, its last sample that does is kept.
func (r *run) measure(ctx context.Context, begin, end time.Time) (m cloudwatch.Metrics, stable release.Sample, err error) {
	m, err = cloudwatch.Measure(ctx, r.c.CloudWatch, source(r.To), begin, end)
	if err != nil || r.nobody() {
		return m, stable, err
	}
	before, err := cloudwatch.Measure(ctx, r.c.CloudWatch, source(r.From), begin, end)
	if err == nil && before.Requests >= r.Limits.MinRequests {
		r.stable = sample(before)
	}
	return m, r.stable, err
}

func source(b Backend) cloudwatch.Source {
	return cloudwatch.Source{TargetGroup: b.TargetGroup, LoadBalancer: b.LoadBalancer, Alone: b.Alone}
}

func sample(m cloudwatch.Metrics) release.Sample {
	return release.Sample{Requests: m.Requests, Errors: m.Errors, P95: m.P95}
}
