// Package promotion shifts production's requests to a candidate in steps, judges each step, and takes
// the requests back if one is not good. It reads and writes what AWS has: the weights of a listener's rule or
// of DNS records, or the deployment of an ECS service. It keeps no ledger and takes no lock, and it does not
// decide what may be promoted: its caller does.
package promotion

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"

	"pr-stack/internal/release"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// Clients holds the services that a promotion calls, and the log that it writes to. All fields but HTTP
// must be set.
type Clients struct {
	ELB        *elbv2.Client
	Route53    *route53.Client
	CloudWatch *cloudwatch.Client
	ECS        *ecs.Client
	HTTP       http.RoundTripper // for the URL; nil is the default one
	Log        *runner.Log
	Times      *timeline.Recorder
}

// Backend is what a stack has that requests can be sent to.
type Backend struct {
	Stack        string // its name
	TargetGroup  string // ARN
	LoadBalancer string // ARN; that of the base stack, or the stack's own
	Host         string // DNS name of the load balancer
	Zone         string // ID of the load balancer's hosted zone, which an alias needs
	Service      string // ARN of the ECS service; "" if it has none
	Alone        bool   // the load balancer has no other target group
}

// Traffic is who gets production's requests. It is a struct of functions, as rollout.Workload is.
type Traffic struct {
	What string // in words: "the rule of www.example.com on the shared listener"
	// Read returns the weights that AWS has now. They are empty if there is no rule, or no record, yet.
	// Targets that are no stack known to the caller are in them by their ARNs or DNS names.
	Read func(ctx context.Context) (release.Weights, error)
	// Write changes the weights from what they must be to what they shall be, in one call, and returns once
	// AWS says that they are in effect. It changes nothing and returns ErrChanged if they are not as from says.
	// If ctx ends before that, the change is made or not, but never later.
	Write func(ctx context.Context, from, to release.Weights) error
}

// ErrChanged means that somebody else has changed the weights. The text of the error has both sides.
var ErrChanged = errors.New("somebody else has changed the weights")

// Shift is what is to be shifted, and how.
type Shift struct {
	Traffic   Traffic
	From, To  Backend // From.Stack is "" if nothing has requests yet: then the only step is 100 percent
	Steps     []int   // percent of To; 100 is added if it is missing
	Bake      time.Duration
	Limits    release.Limits
	Alarms    []string
	URL, Path string // that must answer
	// Stop is asked at each look at a step, every ten seconds or so. An error is why the requests go back now.
	Stop func(ctx context.Context) error
	// OnStep is called when a step begins, and when it ends.
	OnStep func(Step)
	// OnWeights is called directly before and after a step changes the weights, to record them. If it
	// returns an error, the shift ends as if the step had failed. When the requests go back it is not called:
	// the error says whether they did, and a run that was interrupted has a few seconds only.
	OnWeights func(ctx context.Context, w release.Weights) error
}

// Step is one step of a shift.
type Step struct {
	Percent      int
	Began, Ended time.Time // Ended is zero while it lasts
	Verdict      string    // in words
	Failed       bool
}

// ReturnedError means that the candidate was not good, or that the shift was stopped, and that all
// requests went back. If Cause is set they could not be given back, or it is not known.
type ReturnedError struct {
	Why   string
	Took  time.Duration // from the decision until the weights were in effect
	Cause error         // of the return; nil if From has all requests again
	Stop  error         // what Stop returned, or why ctx ended; nil if a gate failed
}

func (e *ReturnedError) Error() string { return e.Why }

func (e *ReturnedError) Unwrap() error { return errors.Join(e.Cause, e.Stop) }
