package poll

import (
	"fmt"
	"time"
)

const (
	// quiet is how long a loop may wait before it says what for.
	quiet = 10 * time.Second
	// repeat is how long it may then be silent.
	repeat = 30 * time.Second
)

// Reporter says what a loop waits for, so that nobody who reads along has to guess. It says nothing
// in the first 10 seconds; then a line whenever that changes, at most one in 10 seconds, and at the
// latest every 30. A Reporter without Logf says nothing.
type Reporter struct {
	Logf func(format string, args ...any)

	began, called, said time.Time
	last                string
}

// Waiting is called on every round of the loop, with what is still missing.
func (r *Reporter) Waiting(format string, args ...any) {
	now := time.Now()
	if r.began.IsZero() {
		r.began, r.called, r.said = now, now, now
	}
	text := fmt.Sprintf(format, args...)
	silent, round := now.Sub(r.said), now.Sub(r.called)
	r.called = now
	// The next call would come too late if another round like the last one ended after repeat.
	if r.Logf == nil || silent < quiet || text == r.last && silent < repeat && silent+round <= repeat {
		return
	}
	r.said, r.last = now, text
	r.Logf("%s (%s)", text, now.Sub(r.began).Round(time.Second))
}
