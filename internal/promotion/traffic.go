package promotion

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"pr-stack/internal/hint"
	"pr-stack/internal/poll"
	"pr-stack/internal/release"
)

// ErrUnconfirmed means that AWS has accepted a change of the weights, or may have, and that it is not
// known to be in effect.
var ErrUnconfirmed = errors.New("it is not known whether the weights are in effect")

// errNoAnswer means that a call has ended without an answer, so that it may have taken effect.
var errNoAnswer = errors.New("the call has no answer")

const (
	// inFlight is how much longer than its context a call that changes weights may take. If it were cut
	// off, nobody would know whether it takes effect later.
	inFlight = 1500 * time.Millisecond
	// compareTries is how often weights are read before they count as changed by somebody else: a read may
	// be older than the last change.
	compareTries = 3
	// confirmTimeout is how long reads may show the weights from before a change.
	confirmTimeout = time.Minute
)

// outlive returns a context that ends when the function is called, or d after ctx has ended.
func outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		_ = poll.Pause(longer, d)
		cancel(context.Cause(ctx))
	})
	return longer, func() {
		stop()
		cancel(context.Canceled)
	}
}

// changed returns ErrChanged with both sides.
func changed(what string, want, live release.Weights) error {
	e := hint.New("find out who changes them: a stack whose template has them, another run, or a person",
		"%s: %s: expected %s, and AWS says %s", what, ErrChanged, want, live)
	e.Cause = ErrChanged
	return e
}

// compare reads until the weights are as they must be. It returns what read has returned with them.
func compare[T any](ctx context.Context, what string, from release.Weights, read func(context.Context) (T, release.Weights, error)) (T, error) {
	for n := range poll.Paced(ctx, func(n int) time.Duration { return 250 * time.Millisecond << n }) {
		raw, live, err := read(ctx)
		if err != nil || maps.Equal(live, from) {
			return raw, err
		}
		if n+1 == compareTries {
			return raw, changed(what, from, live)
		}
	}
	var none T
	return none, context.Cause(ctx)
}

// refused reports whether AWS has refused a call, so that it has changed nothing.
func refused(err error) bool {
	answer, ok := errors.AsType[*awshttp.ResponseError](err)
	return ok && answer.HTTPStatusCode() >= http.StatusBadRequest && answer.HTTPStatusCode() < http.StatusInternalServerError
}

// unconfirmed returns an error of a call that may have taken effect as ErrUnconfirmed.
func unconfirmed(err error) error {
	if err == nil || refused(err) || errors.Is(err, ErrUnconfirmed) {
		return err
	}
	return fmt.Errorf("%w: %w: %w", ErrUnconfirmed, errNoAnswer, err)
}

// shares returns weights of any sum as percent.
func shares(weights map[string]int) release.Weights {
	sum, percent := 0, release.Weights{}
	for _, w := range weights {
		sum += w
	}
	for key, w := range weights {
		if w > 0 {
			percent[key] = w * 100 / sum
		}
	}
	return percent
}

// find returns the stack of that name.
func find(backends []Backend, stack string) (Backend, error) {
	for _, b := range backends {
		if b.Stack == stack {
			return b, nil
		}
	}
	return Backend{}, fmt.Errorf("stack %s has nothing that requests can be sent to", stack)
}
