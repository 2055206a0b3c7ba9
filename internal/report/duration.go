package report

import (
	"fmt"
	"time"

	"pr-stack/internal/timeline"
)

// Age returns roughly how long ago something was, in words: 3h, 2 days.
func Age(d time.Duration) string {
	switch days := int(d / (24 * time.Hour)); {
	case days >= 2:
		return fmt.Sprintf("%d days", days)
	case d >= time.Hour:
		return fmt.Sprintf("%dh", int(d/time.Hour))
	}
	return fmt.Sprintf("%dm", int(d/time.Minute))
}

// minTook is the shortest duration of a run that is worth showing.
const minTook = time.Second

// took returns how long a run took, in words; "" if it took less than minTook.
func took(d time.Duration) string {
	if d < minTook {
		return ""
	}
	return "took " + timeline.Duration(d)
}
