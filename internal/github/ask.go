package github

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/google/go-github/v92/github"

	"pr-stack/internal/hint"
	"pr-stack/internal/poll"
)

// operation is what a call does.
type operation struct {
	doing      string     // for errors: "read pull request 7 of octo-org/hello-world"
	needs      permission // which the token must have
	idempotent bool       // a second call changes nothing more, so it is safe if the first was not answered
}

// permission is a permission as a workflow file writes it; "" means none.
type permission string

const (
	pullRequests permission = "pull-requests: write"
	deployments  permission = "deployments: write"
	contents     permission = "contents: read"
	actions      permission = "actions: read"
)

const (
	attempts       = 5                // of one call
	requestTimeout = 30 * time.Second // of one attempt
	maxPause       = time.Minute      // between attempts; if GitHub asks for a longer one, the call fails
)

// call is a function that calls the API once.
type call[T any] func(context.Context) (T, *github.Response, error)

// ask repeats one call until it succeeds or fails permanently. When a limit is reached, it waits as
// long as GitHub asks and repeats any call, since the refused call had no effect; after a 5xx or a
// broken connection, it repeats only idempotent calls.
// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
func ask[T any](ctx context.Context, op operation, call call[T]) (T, *github.Response, error) {
	var none T
	var last *failure
	for n := 1; ; n++ {
		value, response, err := attempt(ctx, call)
		if err == nil {
			return value, response, nil
		}
		if ctx.Err() != nil {
			return none, nil, op.interrupted(ctx, last)
		}
		last = newFailure(response, err)
		pause, worth := last.pause(n, op.idempotent)
		if !worth || n == attempts {
			return none, nil, op.failed(last)
		}
		if poll.Pause(ctx, pause) != nil {
			return none, nil, op.interrupted(ctx, last)
		}
	}
}

// attempt makes the call once. A call without an answer in time is treated as a broken connection.
func attempt[T any](ctx context.Context, call call[T]) (T, *github.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	return call(ctx)
}

// failed returns the error of a call that failed permanently, with a hint if there is one.
func (op operation) failed(f *failure) error {
	err := fmt.Errorf("%s: %w", op.doing, f)
	if advice := f.hint(op.needs); advice != "" {
		return hint.Wrap(err, advice)
	}
	return err
}

// interrupted returns the error of a call whose ctx is done. The failure of the last attempt, if
// there was one, tells why the call took so long.
func (op operation) interrupted(ctx context.Context, last *failure) error {
	if last == nil {
		return fmt.Errorf("%s: %w", op.doing, context.Cause(ctx))
	}
	return fmt.Errorf("%s: %w: %w", op.doing, last, context.Cause(ctx))
}

// page reads one page of a listing.
type page[T any] func(context.Context, github.ListOptions) ([]T, *github.Response, error)

// all yields the items of all pages of a listing. It ends after the first error.
func all[T any](ctx context.Context, op operation, read page[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		options := github.ListOptions{PerPage: 100}
		for {
			items, response, err := ask(ctx, op, func(ctx context.Context) ([]T, *github.Response, error) {
				return read(ctx, options)
			})
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if response.NextPage == 0 {
				return
			}
			options.Page = response.NextPage
		}
	}
}
