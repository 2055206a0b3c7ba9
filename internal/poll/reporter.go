package poll

import (
	"fmt"
	"time"
)

const (
	// minGap is the time before the first line, and the least time between two lines.
	minGap = 10 * time.Second
	// maxGap is the longest time between two lines.
	maxGap = 30 * time.Second
)

// Reporter logs what a loop waits for. It logs nothing in the first 10 seconds. After that it logs a
// line when the text changes, at most one in 10 seconds, and the same line again after 30 seconds. A
// Reporter without Logf logs nothing.
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
	// If the next round takes as long as the last one, the next call may come after maxGap: log now.
	if r.Logf == nil || silent < minGap || text == r.last && silent < maxGap && silent+round <= maxGap {
		return
	}
	r.said, r.last = now, text
	r.Logf("%s (%s)", text, now.Sub(r.began).Round(time.Second))
}
