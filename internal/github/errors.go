package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v92/github"
)

var (
	// ErrNotFound is GitHub's 404: the object does not exist, or the token may not see it.
	ErrNotFound = errors.New("not found")
	// ErrForbidden is GitHub's 401 and 403, unless they are rate limits: the token lacks a
	// permission, or is not valid (any more), or nobody may make this call.
	ErrForbidden = errors.New("forbidden")
)

// failure describes a call that failed: GitHub's answer, or why there is no answer.
type failure struct {
	status  int    // 0: there was no answer, and the call may have had its effect
	message string // GitHub's own message
	err     error  // why there was no answer

	limited bool          // the answer reports a rate limit; the call had no effect
	after   time.Duration // how long GitHub asks to wait; 0: it does not say
}

func (f *failure) Error() string {
	switch {
	case f.status == 0:
		return f.err.Error()
	case f.after > maxPause:
		return fmt.Sprintf("%d %s (try again in %s)", f.status, f.message, f.after.Round(time.Second))
	}
	return fmt.Sprintf("%d %s", f.status, f.message)
}

func (f *failure) Unwrap() error { return f.err }

// Is reports whether f is ErrNotFound or ErrForbidden, the two answers that callers act upon. A rate
// limit is not a lack of rights, though GitHub may answer it with 403.
func (f *failure) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return f.status == http.StatusNotFound
	case ErrForbidden:
		return !f.limited && (f.status == http.StatusForbidden || f.status == http.StatusUnauthorized)
	}
	return false
}

// ambiguous reports whether the call may have had its effect, though it failed.
func (f *failure) ambiguous() bool { return f.status == 0 || f.status >= 500 }

// pause returns how long to wait after the nth attempt, and whether another one makes sense.
func (f *failure) pause(n int, idempotent bool) (time.Duration, bool) {
	pause := time.Second << (n - 1)
	switch {
	case f.limited && f.after == 0:
		// If its answer names no time, GitHub wants a pause of at least a minute, and a longer one
		// each time.
		pause = time.Minute << (n - 1)
	case f.limited:
		pause = f.after
	case errors.Is(f.err, github.ErrPathForbidden), !f.ambiguous(), !idempotent:
		return 0, false
	default:
		pause = max(pause, f.after)
	}
	return pause, pause <= maxPause
}

// newFailure converts what go-github returns to a failure, whether GitHub answered or not.
func newFailure(response *github.Response, err error) *failure {
	if response == nil || response.Response == nil || response.StatusCode < 300 {
		// Leave out the method and URL of *url.Error: the caller says what it was doing.
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("no answer within %s", requestTimeout)
		}
		return &failure{err: err}
	}
	f := &failure{status: response.StatusCode, message: message(err)}
	if f.message == "" {
		f.message = http.StatusText(f.status)
	}
	f.limited, f.after = limit(response.Response, f.message)
	return f
}

// message returns GitHub's message, with its messages about single fields of the request.
func message(err error) string {
	if e, ok := errors.AsType[*github.RateLimitError](err); ok {
		return e.Message
	}
	if e, ok := errors.AsType[*github.AbuseRateLimitError](err); ok {
		return e.Message
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err.Error() // a redirect that was not followed
	}
	e, ok := errors.AsType[*github.ErrorResponse](err)
	if !ok {
		return ""
	}
	parts := []string{e.Message}
	for _, field := range e.Errors {
		parts = append(parts, strings.TrimSpace(field.Field+" "+field.Message))
	}
	return strings.Join(parts, ": ")
}

// limit reports whether an answer is about a rate limit, and how long the answer asks to wait,
// whatever it is about.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
func limit(r *http.Response, message string) (limited bool, after time.Duration) {
	if seconds, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil {
		after = max(time.Second, time.Duration(seconds)*time.Second)
	}
	if r.StatusCode != http.StatusForbidden && r.StatusCode != http.StatusTooManyRequests {
		return false, after
	}
	if after > 0 {
		return true, after
	}
	if r.Header.Get(github.HeaderRateRemaining) == "0" {
		if reset, err := strconv.ParseInt(r.Header.Get(github.HeaderRateReset), 10, 64); err == nil {
			// Use GitHub's clock, since the runner's may be wrong.
			now, err := http.ParseTime(r.Header.Get("Date"))
			if err != nil {
				now = time.Now()
			}
			return true, max(time.Second, time.Unix(reset, 0).Sub(now))
		}
		return true, 0
	}
	return r.StatusCode == http.StatusTooManyRequests || strings.Contains(message, "secondary rate limit"), 0
}
