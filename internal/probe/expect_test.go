package probe

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A server whose bad answers may come again must answer well for a while.
func TestExpect(t *testing.T) {
	good := func(n int) (list []any) {
		for range n {
			list = append(list, 200)
		}
		return list
	}
	for name, test := range map[string]struct {
		expect  Expect
		answers []any
		asked   int
		err     string
	}{
		"good for the whole time":              {Expect{Steady: 10 * time.Second}, good(1), 11, ""},
		"a bad answer begins the time again":   {Expect{Steady: 10 * time.Second}, append(good(9), 503, 200), 21, ""},
		"401 is no answer where none is asked": {Expect{}, []any{401}, 0, "request http://x.example.com/: the last answer was 401 Unauthorized: too late"},
		"401 is the answer without a token":    {Expect{Token: true}, []any{503, 401}, 3, ""},
		"403 is not":                           {Expect{Token: true}, []any{403}, 0, "request http://x.example.com/: the last answer was 403 Forbidden: too late"},
		"good too late": {
			Expect{Steady: 40 * time.Second}, append(append(good(30), 503), good(1)...), 0,
			"request http://x.example.com/: it did not answer for 40s without an error: too late",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("too late"))
				defer cancel()
				far := &answers{list: test.answers}
				err := test.expect.Wait(ctx, far, "http://x.example.com/", nil)
				switch {
				case test.err == "" && (err != nil || far.asked != test.asked):
					t.Errorf("Wait = %v after %d requests, want nil after %d", err, far.asked, test.asked)
				case test.err != "" && (err == nil || err.Error() != test.err):
					t.Errorf("Wait = %v\nwant %s", err, test.err)
				}
			})
		})
	}
}
