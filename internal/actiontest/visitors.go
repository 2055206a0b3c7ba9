package actiontest

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Visitors request a URL again and again, as people do.
type Visitors struct {
	stop    context.CancelFunc
	done    chan struct{}
	mu      sync.Mutex
	answers []Answer
}

// Answer is what a visitor got.
type Answer struct {
	At   time.Time
	Body string // "" if there was no answer
	OK   bool   // the status was 2xx
}

// Visit has a visitor request the URL each time that the pause is over, until Leave is called.
func (e *Env) Visit(url string, pause time.Duration) *Visitors { return Visit(e.HTTP, url, pause) }

// Visit does so for a visitor with a way of its own to reach URLs.
func Visit(by http.RoundTripper, url string, pause time.Duration) *Visitors {
	ctx, cancel := context.WithCancel(context.Background())
	v := &Visitors{stop: cancel, done: make(chan struct{})}
	go func() {
		defer close(v.done)
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			at := time.Now()
			status, body, err := get(ctx, by, url)
			if ctx.Err() != nil { // the visitor did not wait for the answer
				return
			}
			v.mu.Lock()
			v.answers = append(v.answers, Answer{At: at, Body: strings.TrimSpace(body), OK: err == nil && strings.HasPrefix(status, "2")})
			v.mu.Unlock()
		}
	}()
	return v
}

// Leave ends the visits, and returns what the visitors got.
func (v *Visitors) Leave() []Answer {
	v.stop()
	<-v.done
	return v.answers
}

// Since returns what the visitors got since a moment.
func (v *Visitors) Since(t time.Time) (list []Answer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, a := range v.answers {
		if !a.At.Before(t) {
			list = append(list, a)
		}
	}
	return list
}
