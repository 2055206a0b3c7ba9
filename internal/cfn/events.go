package cfn

import (
	"cmp"
	"context"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// Event is one line of a stack's history.
type Event struct {
	ID         string
	Time       time.Time
	StackID    string
	LogicalID  string // of the resource, or the stack's name
	PhysicalID string // "" until the resource has one
	Type       string // AWS::ECS::Service
	Status     types.ResourceStatus
	Reason     string
	Configured bool   // what depends on the resource may begin, although it is not consistent everywhere yet
	Hook       string // the message of a hook that refused the resource; "" in all other events
}

// OfStack reports whether the event is about the stack itself rather than about a resource in it.
func (e Event) OfStack() bool { return e.PhysicalID == e.StackID }

// Failed reports whether the event says that something went wrong.
func (e Event) Failed() bool { return strings.HasSuffix(string(e.Status), "_FAILED") }

// InProgress reports whether another event about the same resource is to come.
func (e Event) InProgress() bool { return strings.HasSuffix(string(e.Status), "_IN_PROGRESS") }

const (
	// pace is how often events are read. Users report that an account gets about five reads a second.
	pace = time.Second
	// lateness is how long after its time an event may still turn up behind younger ones.
	lateness = time.Minute
	// silence is how long no event may come before the stack itself is described: an operation can
	// end without an event of its own, as when the deletion of a stack is refused because its
	// export is in use (aws-cdk#604).
	silence = 20 * time.Second
	// stragglers is how long to wait for the last events of resources after the stack is idle.
	stragglers = 5 * time.Second
)

// read yields the events of one operation on a stack, oldest first, each once, as they become known,
// and ends after the one after which the stack is idle. The operation is identified by the token that
// it was called with, and the stack by its ID, since the name of a deleted stack is forgotten.
//
// Throttling, broken connections and faults of CloudFormation only make it slower. While no event
// comes, what is still in progress is logged. It ends with an error when ctx is done
// (context.Cause) or when CloudFormation refuses to answer for good.
func (c *Client) read(ctx context.Context, stackID, token string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		h := history{c: c, stackID: stackID, token: token, seen: map[string]bool{}, open: map[string]Event{}}
		heard := time.Now()
		waiting := poll.Reporter{Logf: c.Logf}
		for range poll.Paced(ctx, func(int) time.Duration { return jitter(pace) }) {
			events, err := h.read(ctx)
			if err != nil {
				yield(Event{}, err)
				return
			}
			for _, e := range events {
				heard = time.Now()
				waiting = poll.Reporter{Logf: c.Logf} // the events are shown, so this begins again
				if !yield(e, nil) {
					return
				}
			}
			if h.complete() {
				return
			}
			waiting.Waiting("  waiting for %s", cmp.Or(h.pending(), "CloudFormation's next event"))
			if time.Since(heard) < silence {
				continue
			}
			heard = time.Now()
			if stack, err := c.Describe(ctx, stackID); err == nil && idle(stack.Status) {
				return
			}
		}
		yield(Event{}, context.Cause(ctx))
	}
}

// jitter takes up to a quarter off: fifty jobs that began together must not keep calling together.
func jitter(d time.Duration) time.Duration {
	return d - rand.N(d/4)
}
