package aws

import (
	"strings"
	"time"
)

// Fault is something that goes wrong with API calls. Which calls it strikes is said by Operation, Skip, Every and Times;
// what happens to them by the other fields.
type Fault struct {
	Operation string // such as DescribeStackEvents; "" is any
	Skip      int    // calls that are let through first
	Every     int    // of the calls after that, each so-and-so-manieth is struck; 0 and 1 mean all
	Times     int    // how many calls are struck in all; 0 means no end

	Code    string        // the call is answered with this error and has no effect
	Message string        // of the error
	Status  int           // of the error's answer; 0 means 400
	Break   bool          // the connection breaks before the call has an effect
	Lost    bool          // the call takes effect, and the connection breaks before the answer
	Delay   time.Duration // the answer, or whatever else happens, is late; Scale does not change it

	matched, struck int
}

// Inject puts a fault in place. Of several that match a call, the first injected strikes.
func (a *AWS) Inject(f Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults = append(a.faults, &f)
}

// fault returns what strikes a call of the operation; the zero Fault lets it be.
func (a *AWS) fault(operation string) Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range a.faults {
		if f.Operation != "" && f.Operation != operation || f.Times > 0 && f.struck == f.Times {
			continue
		}
		f.matched++
		if n := f.matched - f.Skip; n <= 0 || f.Every > 1 && n%f.Every != 0 {
			continue
		}
		f.struck++
		return *f
	}
	return Fault{}
}

// bucket is a token bucket that refills as time passes.
type bucket struct {
	tokens float64
	filled time.Time
}

// limited takes one token of the operation's bucket and tells whether there was none.
func (a *AWS) limited(operation string) bool {
	limit := a.opts.Rate
	if limit.PerSecond == 0 {
		return false
	}
	b, ok := a.buckets[operation]
	if !ok {
		b = &bucket{tokens: float64(limit.Burst), filled: a.now}
		a.buckets[operation] = b
	}
	b.tokens = min(float64(limit.Burst), b.tokens+a.now.Sub(b.filled).Seconds()*limit.PerSecond)
	b.filled = a.now
	if b.tokens < 1 {
		return true
	}
	b.tokens--
	return false
}

// Failure is a resource that does not do what CloudFormation asks of it.
type Failure struct {
	Operation string        // CREATE, UPDATE or DELETE
	Reason    string        // the event's ResourceStatusReason
	After     time.Duration // from the beginning of the operation on the resource
	Times     int           // how often; 0 means always
	Never     bool          // instead of failing, the operation never ends

	stack, logicalID string
	struck           int
}

// FailResource makes the resource of that logical ID fail, in every stack of that name from now on. A name that ends in *
// is of every stack whose name begins so: nested stacks have random ends.
func (a *AWS) FailResource(stackName, logicalID string, f Failure) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settle(time.Now()) // what is past was not to fail
	f.stack, f.logicalID = stackName, logicalID
	a.failures = append(a.failures, &f)
}

// failure returns what is to go wrong with an operation on a resource, or nil.
func (a *AWS) failure(stackName, logicalID, operation string) *Failure {
	for _, f := range a.failures {
		if (f.stack == stackName || strings.HasSuffix(f.stack, "*") && strings.HasPrefix(stackName, strings.TrimSuffix(f.stack, "*"))) && f.logicalID == logicalID && f.Operation == operation && (f.Times == 0 || f.struck < f.Times) {
			f.struck++
			return f
		}
	}
	return nil
}

// Heal takes all faults and failures away: from now on everything works. What has failed already stays so.
func (a *AWS) Heal() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settle(time.Now())
	a.faults, a.failures, a.hooks, a.checks = nil, nil, nil, nil
}
