package probe

import (
	"context"
	"fmt"
	"net/http"
)

// IsOpen requests the URL once, and reports whether it answers 2xx to somebody who has not signed in.
func IsOpen(ctx context.Context, transport http.RoundTripper, url string) (bool, error) {
	if transport == nil {
		transport = newTransport()
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false, fmt.Errorf("request %s: %w", url, err)
	}
	request.Header.Set("User-Agent", "pr-stack")
	response, err := transport.RoundTrip(request)
	if err != nil {
		return false, fmt.Errorf("request %s: %s", url, unanswered(err).text)
	}
	defer response.Body.Close()
	return response.StatusCode >= 200 && response.StatusCode < 300, nil
}
