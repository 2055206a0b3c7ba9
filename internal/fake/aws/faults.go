package aws

import (
	"time"

	"pr-stack/internal/fake/internal/serve"
)

// Fault is something that goes wrong with API calls. Operation, Skip, Every and Times select the
// calls that it affects; the other fields say what happens to them.
type Fault struct {
	Operation string // such as DescribeStackEvents; "" is any
	Skip      int    // calls that are let through first
	Every     int    // of the calls after that, every n-th is affected; 0 and 1 mean all
	Times     int    // how many calls are affected in all; 0 means no limit

	Code    string        // the call is answered with this error and has no effect
	Message string        // of the error
	Status  int           // of the error's answer; 0 means 400
	Break   bool          // the connection breaks before the call has an effect
	Lost    bool          // the call takes effect, and the connection breaks before the answer
	Delay   time.Duration // whatever happens, happens this late; Scale does not change it

	counter serve.Counter
}

// Inject adds a fault. If several match a call, the one injected first applies.
func (a *AWS) Inject(f Fault) {
	a.account.Lock()
	defer a.account.Unlock()
	a.faults = append(a.faults, &f)
}

// fault returns the fault of a call of the operation; the zero Fault has no effect.
func (a *AWS) fault(operation string) Fault {
	a.account.Lock()
	defer a.account.Unlock()
	for _, f := range a.faults {
		if f.Operation != "" && f.Operation != operation || f.counter.Done(f.Times) {
			continue
		}
		if f.counter.Next(f.Skip, f.Every) {
			return *f
		}
	}
	return Fault{}
}

// bucket is a token bucket that refills as time passes.
type bucket struct {
	tokens float64
	filled time.Time
}

// limited takes one token from the operation's bucket and reports whether there was none.
func (a *AWS) limited(operation string) bool {
	limit := a.rate
	if limit.PerSecond == 0 {
		return false
	}
	b, ok := a.buckets[operation]
	if !ok {
		b = &bucket{tokens: float64(limit.Burst), filled: a.account.Now()}
		a.buckets[operation] = b
	}
	b.tokens = min(float64(limit.Burst), b.tokens+a.account.Now().Sub(b.filled).Seconds()*limit.PerSecond)
	b.filled = a.account.Now()
	if b.tokens < 1 {
		return true
	}
	b.tokens--
	return false
}

// Heal removes all faults and failures: from now on everything works. What has failed already stays
// failed.
func (a *AWS) Heal() {
	a.account.Lock()
	defer a.account.Unlock()
	a.account.Advance()
	a.faults = nil
	a.stacks.Heal()
}
