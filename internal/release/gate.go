package release

import (
	"fmt"
	"time"
)

// Sample is what was measured of the requests to one generation during a step.
type Sample struct {
	Requests, Errors int           // how many there were, and how many were answered 5xx
	P95              time.Duration // 95 of 100 were answered within it; 0 if it was not measured
}

// Limits are what a candidate must keep to while it gets a part of the requests.
type Limits struct {
	MinRequests int     // fewer say nothing; 0: requests are not judged
	ErrorRate   float64 // how many of the requests may fail, from 0 to 1
	ErrorRatio  float64 // how many times the stable generation's rate that may be
	Latency     float64 // how many times the stable generation's P95 that of the candidate may be
}

// DefaultLimits are those that apply unless an input says otherwise.
var DefaultLimits = Limits{MinRequests: 20, ErrorRate: 0.01, ErrorRatio: 2, Latency: 1.5}

// Verdict is what a gate says of a candidate.
type Verdict string

// The verdicts.
const (
	Good      Verdict = "good"
	Bad       Verdict = "bad"
	Undecided Verdict = "undecided" // there were too few requests
	Unjudged  Verdict = "not judged"
)

// slack is by how much a P95 may be above its limit anyway: a few milliseconds say nothing.
const slack = 50 * time.Millisecond

// Judge compares a candidate with the stable generation, and says why in words. An error rate within
// ErrorRate is good whatever the other's is, and so is one that is not more than ErrorRatio times the
// other's: the candidate is not to blame for what fails in both.
func (l Limits) Judge(candidate, stable Sample) (Verdict, string) {
	switch {
	case l.MinRequests == 0:
		return Unjudged, "requests were not judged: min-requests is 0"
	case candidate.Requests < l.MinRequests:
		return Undecided, fmt.Sprintf("it got %s, and fewer than %d say nothing", count(candidate.Requests, "request"), l.MinRequests)
	}
	rate, before := candidate.rate(), stable.rate()
	if rate > l.ErrorRate && (stable.Requests < l.MinRequests || rate > before*l.ErrorRatio) {
		return Bad, fmt.Sprintf("%d of %d requests were answered 5xx (%s); of the generation before %d of %d (%s)",
			candidate.Errors, candidate.Requests, percent(rate), stable.Errors, stable.Requests, percent(before))
	}
	limit := time.Duration(float64(stable.P95) * l.Latency)
	if stable.Requests >= l.MinRequests && stable.P95 > 0 && candidate.P95 > limit+slack {
		return Bad, fmt.Sprintf("95 of 100 requests were answered within %s; of the generation before within %s",
			candidate.P95.Round(time.Millisecond), stable.P95.Round(time.Millisecond))
	}
	return Good, fmt.Sprintf("%s, %d of them answered 5xx", count(candidate.Requests, "request"), candidate.Errors)
}

func (s Sample) rate() float64 {
	if s.Requests == 0 {
		return 0
	}
	return float64(s.Errors) / float64(s.Requests)
}

func percent(rate float64) string { return fmt.Sprintf("%.1f %%", 100*rate) }

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
