package report

import (
	"fmt"
	"time"
)

// Duration words a duration as a person would: 0.4s, 12s, 2m36s, 1h05m.
func Duration(d time.Duration) string {
	switch d = max(d, 0); {
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute-500*time.Millisecond:
		return fmt.Sprintf("%.0fs", d.Seconds())
	case d < time.Hour-500*time.Millisecond:
		d = d.Round(time.Second)
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
}

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
	return "took " + Duration(d)
}
