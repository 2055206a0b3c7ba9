package report

import (
	"fmt"
	"time"

	"pr-stack/internal/timeline"
)

// Age words how long ago something was, roughly: 3h, 2 days.
func Age(d time.Duration) string {
	switch days := int(d / (24 * time.Hour)); {
	case days >= 2:
		return fmt.Sprintf("%d days", days)
	case d >= time.Hour:
		return fmt.Sprintf("%dh", int(d/time.Hour))
	}
	return fmt.Sprintf("%dm", int(d/time.Minute))
}

// minTook is how long a run takes at least for that to be worth a word.
const minTook = time.Second

// took says how long a run took; "" if that is not worth a word.
func took(d time.Duration) string {
	if d < minTook {
		return ""
	}
	return "took " + timeline.Duration(d)
}
