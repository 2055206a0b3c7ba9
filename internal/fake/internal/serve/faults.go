package serve

import (
	"net/http"
	"net/http/httptest"
	"time"
)

// Connection is how the connection of one request misbehaves. The zero value works.
type Connection struct {
	Break bool          // it breaks before the request has an effect
	Lost  bool          // the request takes effect, and the connection breaks before the answer
	Delay time.Duration // whatever happens, happens this late
}

// Answer answers a request over the connection.
func (c Connection) Answer(answer Handler, w http.ResponseWriter, r *http.Request) error {
	if c.Delay > 0 {
		timer := time.NewTimer(c.Delay)
		select {
		case <-timer.C:
		case <-r.Context().Done():
			timer.Stop()
			return r.Context().Err()
		}
	}
	switch {
	case c.Break:
		return ErrBroken
	case c.Lost:
		if err := answer(httptest.NewRecorder(), r); err != nil {
			return err
		}
		return ErrBroken
	}
	return answer(w, r)
}

// Counter counts the requests that match a fault, to decide which of them it affects.
type Counter struct {
	matched, affected int
}

// Done reports whether the fault has affected as many requests as it should; 0 means no limit.
func (c *Counter) Done(times int) bool { return times > 0 && c.affected == times }

// Next counts one more request that matches the fault, and reports whether the fault affects it:
// the first skip requests are let through, and after that every n-th one is affected. 0 and 1 mean
// each of them.
func (c *Counter) Next(skip, every int) bool {
	c.matched++
	if n := c.matched - skip; n <= 0 || every > 1 && n%every != 0 {
		return false
	}
	c.affected++
	return true
}
