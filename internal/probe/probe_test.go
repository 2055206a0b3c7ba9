package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pr-stack/internal/hint"
)

// answers is a server that gives the answers of a list in turn, and then repeats the last one.
type answers struct {
	list  []any // int: a status; error: no answer; time.Duration: silence until the request times out
	asked int
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := a.list[min(a.asked, len(a.list)-1)]
	a.asked++
	switch answer := answer.(type) {
	case error:
		return nil, answer
	case time.Duration:
		select {
		case <-time.After(answer):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		return nil, errors.New("late")
	}
	code := answer.(int)
	header := http.Header{"Location": {"http://elsewhere.example.com/login"}}
	return &http.Response{StatusCode: code, Status: fmt.Sprintf("%d \x1b[31mhostile reason", code), Header: header, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

func TestWait(t *testing.T) {
	refused := errors.New("connection refused")
	for name, test := range map[string]struct {
		answers []any
		asked   int    // how often the URL is requested, if Wait succeeds
		err     string // "" if Wait succeeds
	}{
		"well at once, and requested again to be sure": {[]any{200}, 2, ""},
		"a redirect is an answer":                      {[]any{302}, 2, ""},
		"twice in a row, not twice in all":             {[]any{200, 503, 200, 502, 204, 200}, 6, ""},
		"comes up after a while":                       {[]any{refused, 503, 404, 200}, 5, ""},
		"silence counts as no answer":                  {[]any{time.Hour, 200}, 3, ""},
		"never well":                                   {[]any{500}, 0, "request http://x.example.com/: the last answer was 500 Internal Server Error: too late"},
		"well every other time":                        {[]any{200, 500, 200, 500, 200, 500, 200, 500, 200, 500, 200, 500, 200, 500, 200, 500, 200, 500, 500}, 0, "request http://x.example.com/: the last answer was 500 Internal Server Error: too late"},
		"nothing there":                                {[]any{refused}, 0, "request http://x.example.com/: connection refused: too late"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("too late"))
				defer cancel()
				far := &answers{list: test.answers}
				err := Expect{}.Wait(ctx, far, "http://x.example.com/", nil)
				switch {
				case test.err == "" && err != nil:
					t.Errorf("Wait = %v, want nil", err)
				case test.err == "" && far.asked != test.asked:
					t.Errorf("Wait asked %d times, want %d", far.asked, test.asked)
				case test.err != "" && (err == nil || err.Error() != test.err):
					t.Errorf("Wait = %v\nwant %s", err, test.err)
				}
			})
		})
	}
}

func TestWait_keeps_the_last_answer_when_its_time_is_up(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Second, errors.New("too late"))
		defer cancel()
		err := Expect{}.Wait(ctx, &answers{list: []any{503, time.Hour}}, "http://x.example.com/", nil)
		if want := "request http://x.example.com/: the last answer was 503 Service Unavailable: too late"; err == nil || err.Error() != want {
			t.Errorf("Wait = %v\nwant %s", err, want)
		}
	})
}

// Each kind of failed answer has its own hint about what to check.
func TestWait_hints_at_what_is_missing(t *testing.T) {
	for name, test := range map[string]struct {
		answer any
		hint   string
	}{
		"no name":      {&net.DNSError{Err: "no such host", Name: "x.example.com", IsNotFound: true}, "does not resolve"},
		"refused":      {&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connect: connection refused")}, "accepts connections"},
		"silence":      {time.Hour, "security group"},
		"reset":        {&net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}, "container's log"},
		"certificate":  {&tls.CertificateVerificationError{Err: errors.New("x509: unknown authority")}, "certificate"},
		"no TLS":       {http.ErrSchemeMismatch, "does not speak TLS"},
		"no handshake": {&net.OpError{Op: "remote error", Err: tls.AlertError(40)}, "does not speak TLS"},
		"not found":    {404, "health-check-path"},
		"code fails":   {500, "container's log"},
		"no task":      {503, "no healthy task"},
		"no HTTP":      {errors.New(`malformed HTTP response "hostile words"`), "protocol"},
		"other errors": {errors.New("the network is down"), "reached from the job"},
	} {
		synctest.Test(t, func(t *testing.T) {
			late := errors.New("too late")
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, late)
			defer cancel()
			err := Expect{}.Wait(ctx, &answers{list: []any{test.answer}}, "http://x.example.com/", nil)
			hints := hint.Of(err)
			if strings.Contains(err.Error(), "hostile") {
				t.Errorf("%s: Wait = %v, want nothing that the far side wrote", name, err)
			}
			if !errors.Is(err, late) || len(hints) != 1 || !strings.Contains(hints[0], test.hint) {
				t.Errorf("%s: Wait = %v, hints %q, want the cause and a hint about %q", name, err, hints, test.hint)
			}
		})
	}
}

// A dead endpoint takes ten seconds for each request.
func TestWait_is_not_silent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		began := time.Now()
		var lines []string
		var at []time.Duration
		logf := func(format string, args ...any) {
			lines, at = append(lines, fmt.Sprintf(format, args...)), append(at, time.Since(began))
		}
		_ = Expect{}.Wait(ctx, &answers{list: []any{time.Hour}}, "http://x.example.com/", logf)
		if len(lines) == 0 || !strings.Contains(lines[0], "waiting for http://x.example.com/: no answer within 10s") {
			t.Fatalf("it said %q, want what is missing", lines)
		}
		if at[0] > 11*time.Second {
			t.Errorf("the first line came after %s, want about 10s", at[0])
		}
		for n := 1; n < len(at); n++ {
			if silent := at[n] - at[n-1]; silent > 30*time.Second {
				t.Errorf("it was silent for %s, want 30s at the most", silent)
			}
		}
	})
}
