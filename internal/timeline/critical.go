package timeline

import (
	"slices"
	"time"
)

// Critical returns the bars that the run waited for: going back from the end, what ended last before
// the next one could begin. Parts of such a bar follow each other, so all of them are among these.
// A bar may begin by clockSkew before what it waited for ended, since the times are those of two
// clocks.
func Critical(bars []Bar, clockSkew time.Duration) map[Bar]bool {
	path := map[Bar]bool{}
	whole := slices.DeleteFunc(slices.Clone(bars), func(b Bar) bool { return b.Part != "" })
	if len(whole) == 0 {
		return path
	}
	last := slices.MaxFunc(whole, func(a, b Bar) int { return a.End.Compare(b.End) })
	for found := true; found; {
		path[last] = true
		last, found = previous(whole, last, clockSkew)
	}
	for _, b := range bars {
		for on := range path {
			if b.Part == on.Name && !b.Begin.Before(on.Begin.Add(-clockSkew)) && b.Part != "" {
				path[b] = true
			}
		}
	}
	return path
}

// previous returns the bar that was ready last before another began.
func previous(bars []Bar, next Bar, clockSkew time.Duration) (last Bar, found bool) {
	for _, b := range bars {
		// Each one begins before the next, so that there is an end to it.
		if !b.Begin.Before(next.Begin) || b.ready().After(next.Begin.Add(clockSkew)) {
			continue
		}
		if !found || b.ready().After(last.ready()) {
			last, found = b, true
		}
	}
	return last, found
}

func (b Bar) ready() time.Time {
	if b.Ready.IsZero() {
		return b.End
	}
	return b.Ready
}
