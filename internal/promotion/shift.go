package promotion

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"pr-stack/internal/poll"
	"pr-stack/internal/release"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

const (
	// backTimeout is how long the requests may take to go back.
	backTimeout = 5 * time.Minute
	// backAfterEnd is how long they may take once ctx has ended: the runner kills a cancelled job 7.5
	// seconds after it has interrupted it.
	backAfterEnd = 3 * time.Second
	// backTries is how often the change back is tried if a call fails.
	backTries = 3
)

// run is a shift that is under way.
type run struct {
	c Clients
	Shift
	base    release.Weights   // what the requests go back to
	now     release.Weights   // as last written
	written []release.Weights // that may be in effect: base, and all that were to be written
	touched bool              // weights were changed, or may have been
	stable  release.Sample    // the last one of From that says something

	percent    int       // of the requests that the candidate has in the step that is held
	answered   bool      // the URL has answered
	mustAnswer time.Time // when it must have

	// How many looks in a row could not ask AWS, could not read metrics, and read other weights than now.
	unread, unmeasured, differing int
}

// Shift shifts the requests step by step. It changes nothing if the candidate is not fit to begin with, and
// returns that error. If a step is not good, if Stop returns an error, and if ctx ends, one change gives all
// requests back, and the error is a *ReturnedError. If somebody else changes the weights, it leaves them as
// they are, and the error wraps ErrChanged.
func (c Clients) Shift(ctx context.Context, s Shift) error {
	r := &run{c: c, Shift: s, base: release.Weights{}}
	switch {
	case r.nobody():
		r.Steps = []int{100}
	default:
		r.base = release.Only(s.From.Stack)
		if !slices.Contains(s.Steps, 100) {
			r.Steps = append(slices.Clone(s.Steps), 100)
		}
	}
	r.now, r.written = r.base, []release.Weights{r.base}
	if err := r.ready(ctx); err != nil {
		return err
	}
	for _, percent := range r.Steps {
		if err := r.step(ctx, percent); err != nil {
			return r.end(ctx, err)
		}
	}
	return nil
}

// nobody reports whether no stack had the requests before.
func (r *run) nobody() bool { return r.From.Stack == "" }

// step changes the weights, and holds them until the step has shown to be good.
func (r *run) step(ctx context.Context, percent int) error {
	name := fmt.Sprintf("Shift %d percent of the requests to stack %s", percent, r.To.Stack)
	_, err := runner.Phase(r.c.Log, r.c.Times, "Traffic", name, func(part *timeline.Part) (struct{}, error) {
		began := time.Now()
		if err := r.write(ctx, release.Between(r.From.Stack, r.To.Stack, percent)); err != nil {
			return struct{}{}, err
		}
		r.c.Log.Line("  %s: %s, after %s", r.Traffic.What, r.now, timeline.Duration(time.Since(began)))
		step := Step{Percent: percent, Began: time.Now()}
		r.tell(step)
		verdict, err := r.hold(ctx, percent)
		if err != nil {
			r.c.Log.Line("  %s", err)
		}
		r.tell(step.ended(verdict, err))
		part.Note(verdict)
		return struct{}{}, err
	})
	return err
}

func (r *run) tell(s Step) {
	if r.OnStep != nil {
		r.OnStep(s)
	}
}

// write changes the weights. Its error says that they were not changed, or that it is not known.
func (r *run) write(ctx context.Context, w release.Weights) error {
	if ctx.Err() != nil {
		return interrupted(ctx)
	}
	if err := r.record(ctx, w); err != nil {
		return err
	}
	r.written = append(r.written, w)
	err := r.Traffic.Write(ctx, r.now, w)
	if err == nil {
		r.now, r.touched = w, true
		return r.record(ctx, w)
	}
	r.touched = r.touched || errors.Is(err, ErrUnconfirmed)
	if ctx.Err() != nil {
		return interrupted(ctx)
	}
	return err
}

// record tells the caller of weights.
func (r *run) record(ctx context.Context, w release.Weights) error {
	if r.OnWeights == nil {
		return nil
	}
	if err := r.OnWeights(ctx, w); err != nil {
		if ctx.Err() != nil {
			return interrupted(ctx)
		}
		return fmt.Errorf("record the weights %s: %w", w, err)
	}
	return nil
}

// end returns the error of a shift that did not reach its end, after all requests have gone back.
func (r *run) end(ctx context.Context, err error) error {
	if !r.touched || errors.Is(err, ErrChanged) {
		return err
	}
	returned := &ReturnedError{Why: err.Error()}
	if failed, ok := errors.AsType[*badError](err); ok {
		returned.Stop = failed.stop
	}
	decided := time.Now()
	returned.Cause = r.back(ctx)
	returned.Took = time.Since(decided)
	return returned
}

// back gives all requests back, also if ctx has ended.
func (r *run) back(ctx context.Context) error {
	ctx, cancel := outlive(ctx, backAfterEnd)
	defer cancel()
	ctx, cancelLimit := context.WithTimeout(ctx, backTimeout)
	defer cancelLimit()
	return r.c.back(ctx, r.Traffic, r.base, func(live release.Weights) error {
		for _, w := range r.written {
			if maps.Equal(live, w) {
				return nil
			}
		}
		return changed(r.Traffic.What, r.now, live)
	})
}

// back gives the requests to those that the weights name, in a phase of its own, if the live weights may be
// changed.
func (c Clients) back(ctx context.Context, t Traffic, to release.Weights, may func(live release.Weights) error) error {
	name := fmt.Sprintf("Go back: %s", to)
	if len(to) == 0 {
		name = "Go back: no stack gets requests"
	}
	_, err := runner.Phase(c.Log, c.Times, "Traffic", name, func(part *timeline.Part) (_ struct{}, err error) {
		part.Note("in effect")
		for n := range poll.Every(ctx, time.Second) {
			var done bool
			if done, err = goBack(ctx, t, to, may); done || n+1 == backTries {
				break
			}
		}
		return struct{}{}, err
	})
	return err
}

// goBack gives the requests to those that the weights name. If it is not done, a try may succeed: a call
// failed, or the weights were read before an earlier change was visible.
func goBack(ctx context.Context, t Traffic, to release.Weights, may func(live release.Weights) error) (done bool, err error) {
	live, err := t.Read(ctx)
	if err != nil {
		return false, err
	}
	if err := may(live); err != nil {
		return true, err
	}
	err = t.Write(ctx, live, to)
	return err == nil || errors.Is(err, ErrUnconfirmed) && !errors.Is(err, errNoAnswer), err
}

// Back gives all requests to those that the weights name, in one change, and returns how long it took
// until that was in effect. It changes nothing if they have them already.
func (c Clients) Back(ctx context.Context, t Traffic, to release.Weights) (took time.Duration, err error) {
	began := time.Now()
	live, err := t.Read(ctx)
	if err != nil || maps.Equal(live, to) {
		return time.Since(began), err
	}
	err = c.back(ctx, t, to, func(release.Weights) error { return nil })
	return time.Since(began), err
}
