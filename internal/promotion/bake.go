package promotion

import (
	"context"
	"fmt"
	"time"

	"pr-stack/internal/poll"
	"pr-stack/internal/release"
)

const (
	// lookEvery is the time between two looks at a step.
	lookEvery = 10 * time.Second
	// measureEvery is the time between two reads of the metrics until the bake time is over.
	measureEvery = 30 * time.Second
)

// bake is the time in which a step must be good. Its metrics are those of whole minutes, as CloudWatch has
// them.
type bake struct {
	*run
	percent  int
	began    time.Time
	end      time.Time // of the bake time
	measured time.Time // when the metrics were last read
	verdict  string
}

// hold returns once a step was good for the bake time, and has the verdict. Its error is a *badError, or
// wraps ErrChanged.
func (r *run) hold(ctx context.Context, percent int) (verdict string, err error) {
	now := time.Now()
	b := &bake{run: r, percent: percent, began: now, end: now.Add(r.Bake), verdict: "nothing was measured yet"}
	r.mustAnswer, r.percent = b.end, percent
	waiting := poll.Reporter{Logf: r.c.Log.Line}
	for range poll.Paced(ctx, func(int) time.Duration { return b.pause() }) {
		if err := r.look(ctx); err != nil {
			return "", err
		}
		done, err := b.judge(ctx)
		if done || err != nil {
			return b.verdict, err
		}
		waiting.Waiting("  waiting %s: %s", b.until(), b.verdict)
	}
	return "", interrupted(ctx)
}

// pause returns the time until the next look. One is at the end of the bake time.
func (b *bake) pause() time.Duration {
	if left := time.Until(b.end); left > 0 {
		return min(left, lookEvery)
	}
	return lookEvery
}

// until returns what is waited for.
func (b *bake) until() string {
	clock := func(t time.Time) string { return t.UTC().Format("15:04:05 MST") }
	switch now := time.Now(); {
	case now.Before(b.end):
		return "until " + clock(b.end)
	case now.Before(b.last().Add(metricsDelay)):
		return "for the bake time's requests in CloudWatch, which are a minute or two late"
	}
	return "for more requests, until " + clock(b.latest())
}

// latest is how long the step is held if there are too few requests.
func (b *bake) latest() time.Time { return b.began.Add(holdFor * b.Bake).Add(metricsDelay) }

// first is the first minute of the metrics, and last is the end of the last one that belongs to the bake
// time.
func (b *bake) first() time.Time { return b.began.Truncate(time.Minute) }

func (b *bake) last() time.Time {
	last, least := b.end.Truncate(time.Minute), b.first().Add(time.Minute)
	if last.Before(least) {
		return least
	}
	return last
}

// judge reports whether the step was good to its end. It returns a *badError if it is not good, and if
// there were too few requests for too long.
func (b *bake) judge(ctx context.Context) (done bool, err error) {
	now := time.Now()
	baking := now.Before(b.end)
	if b.Limits.MinRequests == 0 {
		_, b.verdict = b.Limits.Judge(release.Sample{}, release.Sample{})
		return !baking, nil
	}
	until := now.Truncate(time.Minute)
	if until.Before(b.first().Add(time.Minute)) || baking && now.Sub(b.measured) < measureEvery {
		return false, nil
	}
	b.measured = now
	candidate, stable, err := b.measure(ctx, b.first(), until)
	switch {
	case ctx.Err() != nil:
		return false, interrupted(ctx)
	case err != nil:
		return false, b.unreadable(&b.unmeasured, err)
	}
	b.unmeasured = 0
	var verdict release.Verdict
	verdict, b.verdict = b.Limits.Judge(sample(candidate), stable)
	enough := candidate.Requests >= earlyFactor*b.Limits.MinRequests
	appeared := !candidate.Last.Before(b.last().Add(-time.Minute)) || !now.Before(b.last().Add(metricsDelay))
	if verdict == release.Undecided && (baking || !appeared) {
		b.verdict = fmt.Sprintf("CloudWatch has %d requests to it so far", candidate.Requests)
	}
	switch {
	case verdict == release.Bad && (baking && enough || !baking && appeared):
		return false, bad("stack %s was not good at %d %%: %s", b.To.Stack, b.percent, b.verdict)
	case baking || !appeared:
		return false, nil
	case verdict == release.Undecided && !now.Before(b.latest()):
		return false, bad("stack %s could not be judged at %d %%: %s", b.To.Stack, b.percent, b.verdict)
	}
	return verdict != release.Undecided, nil
}

// ended returns the step at its end.
func (s Step) ended(verdict string, err error) Step {
	s.Ended, s.Verdict = time.Now(), verdict
	if err != nil {
		s.Verdict, s.Failed = err.Error(), true
	}
	return s
}
