// Package release is what is known of production over time: its generations, the ledger that records
// them, the steps in which traffic is shifted from one to the next, and what a step must pass. It is
// pure: it calls neither AWS nor GitHub. The ledger is a record and not the truth, which is AWS's own
// rule, record or service: Ledger.Compare says how the two differ.
package release

import "time"

// Way is what a promotion moves.
type Way string

// The ways.
const (
	Digest   Way = "digest"   // the image, into the permanent stack
	Listener Way = "listener" // the weights of a rule of the shared listener, between two stacks
	Record   Way = "record"   // the weights of two DNS records, between two stacks
)

// MovesTraffic reports whether a promotion leaves the image where it was tested, and moves requests.
func (w Way) MovesTraffic() bool { return w == Listener || w == Record }

// Generation is one version that production runs or ran.
type Generation struct {
	Number      int       `json:"n"` // which only grows
	Stack       string    `json:"stack"`
	StackID     string    `json:"stackId,omitempty"` // the stack's ARN
	Image       string    `json:"image,omitempty"`   // host/repository@sha256:…
	Commit      string    `json:"commit,omitempty"`  // the full SHA of the commit on the production branch
	Tree        string    `json:"tree,omitempty"`    // that was tested; "" if it was built for production
	PullRequest int       `json:"pr,omitempty"`
	Previous    int       `json:"prev,omitempty"` // the generation that was stable before it; 0 if there was none
	Since       time.Time `json:"since,omitzero"` // since when it had all requests
	Until       time.Time `json:"until,omitzero"` // until when; zero if it still has them
}

// Weights are the percent of the requests that each stack gets, by the stack's name. A stack that gets
// none is not among them.
type Weights map[string]int

// Only returns the weights with which one stack gets all requests.
func Only(stack string) Weights { return Weights{stack: 100} }

// Between returns the weights with which to gets percent of the requests, and from the others.
func Between(from, to string, percent int) Weights {
	w := Weights{}
	if percent > 0 {
		w[to] = percent
	}
	if percent < 100 {
		w[from] = 100 - percent
	}
	return w
}
