// Package diagnosis explains to a person why a deployment failed and what to change. It is pure: its
// caller passes all facts, in AWS's own words, and the package makes no calls.
package diagnosis

import (
	"fmt"
	"slices"
	"strings"
)

// Facts is what is known of a deployment that failed or cannot succeed any more. All but Action may
// be missing.
type Facts struct {
	Action   string   // what was done on what: create stack hello-world-pr-7
	Resource Resource // the first resource of the stack that failed by itself
	Reason   string   // what AWS said, if no resource failed
	Service  Service  // the ECS service that did not come up
	Function Function // the Lambda function that did not answer
	API      API      // that answers 503
	Rule     Rule     // the listener's rule that does not lead to it
	Inputs   Inputs
}

// Resource is a resource of a stack, as its event describes it.
type Resource struct{ LogicalID, Type, Reason string }

// Service is an ECS service and what happened to the tasks of its newest deployment.
type Service struct {
	Name   string
	Task   string // the name of the one-off task that all of this is about, in place of a service; or ""
	Failed string // why ECS gave the deployment up
	// RolledBack is why ECS gave all requests back to the version before, in a deployment in stages.
	RolledBack string
	Crashes    int    // tasks that did not keep running
	Last       Crash  // the last of them
	Unplaced   string // why ECS found no place for a task
	Unhealthy  string // why a load balancer found a task unhealthy
	Port       int    // the port that the load balancer checks
}

// Rule is a listener's rule for other hosts than the URL's. Its URLHost is "" if there is no such rule.
type Rule struct {
	URLHost string
	Hosts   []string // that the stack's rules are for
}

// subject returns how a summary names what ended.
func (f Facts) subject() string {
	if f.Service.Task != "" {
		return "Your command " + f.Service.Task
	}
	return "Your container"
}

// Crash is one task that did not keep running.
type Crash struct {
	Reason    string // ECS's stoppedReason
	Container string
	ExitCode  *int
	Detail    string   // the container's own reason
	Log       []string // the last lines that the container wrote, not yet made safe to show
}

// Inputs describes what the user can change. Hints name it.
type Inputs struct {
	Own             bool   // the template is the user's own, and its parameters are not known here
	Image           bool   // the user named the image
	HealthCheckPath string // "" if nothing is known
}

// Finding is the explanation of a failure.
type Finding struct {
	Summary string   // one plain sentence for a person, without a full stop: "Your container exited with code 1, twice"; may be ""
	Message string   // precise, with AWS's names, on one line and without a full stop
	Hint    string   // "" if there is no advice
	Log     []string // the container's log, safe to show: no control characters, no long lines
}

// Explain returns the finding of the first case that fits, or AWS's own words if none fits.
func Explain(f Facts) Finding {
	c, found := match(f)
	if !found {
		return Finding{Message: f.message(f.awsSays())}
	}
	return Finding{
		Summary: printable(c.summary(f)), Message: f.message(c.what(f)), Hint: c.hint(f), Log: Lines(slices.Concat(f.Function.lines(), f.Service.Last.Log)),
	}
}

func match(f Facts) (cause, bool) {
	for _, c := range cases {
		if c.fits(f) {
			return c, true
		}
	}
	return cause{}, false
}

// message returns one line: the action, the resource or service, and why it failed.
func (f Facts) message(what string) string {
	parts := []string{f.Action}
	switch {
	case f.Resource.LogicalID != "" && f.Resource.Type != "":
		parts = append(parts, fmt.Sprintf("%s (%s)", f.Resource.LogicalID, f.Resource.Type))
	case f.Resource.LogicalID != "":
		parts = append(parts, f.Resource.LogicalID)
	case f.Service.Name != "" && f.Resource.Reason == "":
		parts = append(parts, "service "+f.Service.Name)
	}
	return printable(strings.Join(append(parts, what), ": "))
}

// awsSays returns AWS's own words for the failure.
func (f Facts) awsSays() string {
	for _, words := range []string{f.Service.Last.Detail, f.Service.Last.Reason, f.Service.Unplaced, f.Resource.Reason, f.Reason, f.Service.Failed} {
		if words = unwrap(words); words != "" {
			return words
		}
	}
	return "AWS gives no reason"
}
