package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// answers is a far side that gives one answer after another, the last one for ever.
type answers struct {
	list  []any // int: a status; error: no answer; time.Duration: silence until the request is given up
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
	return &http.Response{StatusCode: code, Status: fmt.Sprintf("%d %s", code, http.StatusText(code)), Header: header, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

func TestWait(t *testing.T) {
	refused := errors.New("connection refused")
	for name, test := range map[string]struct {
		answers []any
		asked   int    // how often, when it ends well
		err     string // "" if it does
	}{
		"well at once, and asked again to be sure": {[]any{200}, 2, ""},
		"a redirect is an answer":                  {[]any{302}, 2, ""},
		"twice in a row, not twice in all":         {[]any{200, 503, 200, 502, 204, 200}, 6, ""},
		"comes up after a while":                   {[]any{refused, 503, 404, 200}, 5, ""},
		"silence counts as no answer":              {[]any{time.Hour, 200}, 3, ""},
		"never well":                               {[]any{500}, 0, "ask http://x.example.com/: the last answer was 500 Internal Server Error: too late"},
		"well every other time":                    {[]any{200, 500, 200, 500, 200, 500, 200, 500, 200, 500, 200, 500, 200, 500, 200, 500, 200, 500, 500}, 0, "ask http://x.example.com/: the last answer was 500 Internal Server Error: too late"},
		"nobody there":                             {[]any{refused}, 0, "ask http://x.example.com/: connection refused: too late"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("too late"))
				defer cancel()
				far := &answers{list: test.answers}
				err := Wait(ctx, far, "http://x.example.com/")
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

func TestWait_keeps_the_last_answer_when_it_is_cut_off(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Second, errors.New("too late"))
		defer cancel()
		err := Wait(ctx, &answers{list: []any{503, time.Hour}}, "http://x.example.com/")
		if want := "ask http://x.example.com/: the last answer was 503 Service Unavailable: too late"; err == nil || err.Error() != want {
			t.Errorf("Wait = %v\nwant %s", err, want)
		}
	})
}
