package github

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/google/go-github/v92/github"

	"pr-stack/internal/poll"
)

// repeat tells whether a call may be made a second time when nobody knows what became of the first.
type repeat bool

const (
	again repeat = true  // it reads, or leaves the same behind however often it is made
	once  repeat = false // it makes something each time
)

const (
	attempts = 5                // of one call
	patience = 30 * time.Second // with one attempt
	longest  = time.Minute      // pause that is worth a runner's time; who has to wait longer is told so
)

// ask makes one call until it is answered for good. It waits as GitHub asks when a limit is reached, since such a call
// had no effect; after a 5xx or a broken connection it repeats only what may be done again.
// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
func ask[T any](ctx context.Context, doing string, may repeat, call func(context.Context) (T, *github.Response, error)) (T, *github.Response, error) {
	var none T
	var last error
	for n := 1; ; n++ {
		value, response, err := attempt(ctx, call)
		if err == nil {
			return value, response, nil
		}
		if ctx.Err() != nil {
			return none, nil, interrupted(ctx, doing, last)
		}
		failure := failed(response, err)
		last = failure
		pause, worth := failure.pause(n, may)
		if !worth || n == attempts {
			return none, nil, fmt.Errorf("%s: %w", doing, failure)
		}
		if poll.Pause(ctx, pause) != nil {
			return none, nil, interrupted(ctx, doing, last)
		}
	}
}

// attempt makes the call once. An answer that does not come is as good as a broken connection.
func attempt[T any](ctx context.Context, call func(context.Context) (T, *github.Response, error)) (T, *github.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return call(ctx)
}

// interrupted is the error of a call whose ctx is done; the answer before tells why it took so long.
func interrupted(ctx context.Context, doing string, last error) error {
	if last == nil {
		return fmt.Errorf("%s: %w", doing, context.Cause(ctx))
	}
	return fmt.Errorf("%s: %w: %w", doing, last, context.Cause(ctx))
}

// all yields what a listing has on all its pages. It ends after the first error.
func all[T any](ctx context.Context, doing string, list func(context.Context, github.ListOptions) ([]T, *github.Response, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		page := github.ListOptions{PerPage: 100}
		for {
			items, response, err := ask(ctx, doing, again, func(ctx context.Context) ([]T, *github.Response, error) {
				return list(ctx, page)
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
			page.Page = response.NextPage
		}
	}
}
