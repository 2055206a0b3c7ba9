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
	Configured bool   // resources that depend on this one may begin, although it is not consistent everywhere yet
	Hook       string // the message of a hook that refused the resource; "" in all other events
}

// OfStack reports whether the event is about the stack itself rather than about a resource in it.
func (e Event) OfStack() bool { return e.PhysicalID == e.StackID }

// Failed reports whether the event says that something went wrong.
func (e Event) Failed() bool { return strings.HasSuffix(string(e.Status), "_FAILED") }

// InProgress reports whether another event about the same resource is to come.
func (e Event) InProgress() bool { return strings.HasSuffix(string(e.Status), "_IN_PROGRESS") }

const (
	// pace is the time between two reads of the events. Users report that CloudFormation allows an
	// account about five reads a second.
	pace = time.Second
	// lateness is how long after its timestamp an event may still appear behind newer events.
	lateness = time.Minute
	// silence is the time without events after which the stack itself is described. An operation can
	// end without an event of its own, for example when the deletion of a stack is refused because
	// an export of the stack is in use (aws-cdk#604).
	silence = 20 * time.Second
	// visible is the time after a call within which CloudFormation may still not find the stack that the
	// call made. Its reads are eventually consistent (aws-cdk-cli#1803, stacker#683).
	visible = 30 * time.Second
	// stragglers is how long to wait for the last events of resources after the stack is idle.
	stragglers = 5 * time.Second
)

// read yields the events of one operation on a stack, oldest first, each once, as they become
// known. It ends when the stack is idle and no more events are expected. token is the
// ClientRequestToken of the operation. read needs the stack's ID, since CloudFormation does not
// find a deleted stack by its name.
//
// Throttling, broken connections and faults of CloudFormation only make read slower. While no event
// comes, it logs which resources are still in progress. It ends with an error when ctx is done
// (context.Cause) or when CloudFormation permanently refuses to answer.
func (c *Client) read(ctx context.Context, stackID, token string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		heard := time.Now()
		h := history{c: c, stackID: stackID, token: token, began: heard, seen: map[string]bool{}, open: map[string]Event{}}
		waiting := poll.Reporter{Logf: c.Logf}
		for range poll.Paced(ctx, func(int) time.Duration { return jitter(pace) }) {
			events, err := h.read(ctx)
			if err != nil {
				yield(Event{}, err)
				return
			}
			for _, e := range events {
				heard = time.Now()
				waiting = poll.Reporter{Logf: c.Logf} // the log shows the event, so a new wait begins
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

// jitter shortens d by up to a quarter, so that fifty jobs that began together do not keep calling
// at the same time.
func jitter(d time.Duration) time.Duration {
	return d - rand.N(d/4)
}
