// Package probe asks a URL until it is well. It knows nothing of what answers.
package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"pr-stack/internal/poll"
)

const (
	// twice in a row, since a load balancer's nodes do not all learn of a target at the same time.
	enough = 2
	// patience is how long one answer may take.
	patience = 10 * time.Second
)

// Wait asks for the URL until it has answered 2xx or 3xx twice in a row. A redirect is an answer and is not followed: it
// may lead to a login page elsewhere. An error tells the last answer when ctx is done.
func Wait(ctx context.Context, transport http.RoundTripper, url string, logf func(string, ...any)) error {
	client := &http.Client{
		Transport:     transport,
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	last, well := "it was not asked", 0
	for range poll.Every(ctx, time.Second) {
		answer, ok := ask(ctx, client, url)
		if ctx.Err() != nil {
			break // an answer that was cut off says nothing about the far side
		}
		last = answer
		if !ok {
			well = 0
			continue
		}
		if well++; well == enough {
			return nil
		}
	}
	return fmt.Errorf("ask %s: %s: %w", url, last, context.Cause(ctx))
}

func ask(ctx context.Context, client *http.Client, url string) (answer string, ok bool) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err.Error(), false
	}
	request.Header.Set("User-Agent", "pr-stack")
	response, err := client.Do(request)
	if err != nil {
		// Without *url.Error's method and URL, which the caller names.
		return errors.Unwrap(err).Error(), false
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)) // so that the connection can serve again
	return "the last answer was " + response.Status, response.StatusCode >= 200 && response.StatusCode < 400
}
