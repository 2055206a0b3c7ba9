package timeline

import (
	"slices"
	"time"
)

// Critical returns the bars that the run waited for. It starts at the bar that ended last, and goes
// back each time to the bar that was ready last before the current bar began. All parts of such a
// bar are included, since they follow each other. A bar may begin up to clockSkew before the bar
// that it waited for was ready, since the times come from two clocks.
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

// previous returns the bar that was ready last before next began.
func previous(bars []Bar, next Bar, clockSkew time.Duration) (last Bar, found bool) {
	for _, b := range bars {
		// A previous bar must begin before the next one, so that the search ends.
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
