package promotion

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

// calls counts the calls of a promotion, and may do something before one of them. A call that was sent
// takes effect, even if nobody waits for its answer any more.
type calls struct {
	to     *fakeaws.AWS
	mu     sync.Mutex
	made   []string // their operations
	before func(n int, operation string)
	late   func(n int, operation string) time.Duration // how long a call takes before it has an effect
}

func (c *calls) Do(r *http.Request) (*http.Response, error) {
	operation := operationOf(r)
	c.mu.Lock()
	n := len(c.made)
	c.made = append(c.made, operation)
	before, late := c.before, c.late
	c.mu.Unlock()
	if before != nil {
		before(n, operation)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if late == nil {
		return c.to.Do(r)
	}
	type answer struct {
		response *http.Response
		err      error
	}
	answered := make(chan answer, 1)
	go func() {
		<-time.After(late(n, operation))
		response, err := c.to.Do(r.WithContext(context.WithoutCancel(r.Context()))) //nolint:bodyclose // by who made the call
		answered <- answer{response, err}
	}()
	select {
	case a := <-answered:
		return a.response, a.err
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// operationOf returns the operation that a request is for, or its method and path.
func operationOf(r *http.Request) string {
	if _, name, found := strings.Cut(r.Header.Get("X-Amz-Target"), "."); found {
		return name
	}
	if r.Body != nil && r.GetBody == nil {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if _, rest, found := strings.Cut(string(body), "Action="); found {
			name, _, _ := strings.Cut(rest, "&")
			return name
		}
	}
	return r.Method + " " + r.URL.Path
}

// writes returns how many calls have changed weights.
func (c *calls) writes() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, operation := range c.made {
		if isWrite(operation) {
			n++
		}
	}
	return n
}

func isWrite(operation string) bool {
	return slices.Contains([]string{"ModifyRule", "CreateRule", "DeleteRule"}, operation) || strings.HasPrefix(operation, "POST") && strings.HasSuffix(operation, "/rrset")
}
