// Package diagnosis says why a deployment failed, in one paragraph for a person, and what to change. It is pure: it is
// given what others found out, in AWS's own words, and asks nothing.
package diagnosis

import (
	"fmt"
	"strings"
)

// Facts is what is known of a deployment that failed or cannot end well any more. All but Action may be missing.
type Facts struct {
	Action   string   // what was done on what: create stack hello-world-pr-7
	Resource Resource // the first of the stack's that failed by itself
	Reason   string   // what AWS said, if no resource failed
	Service  Service  // the ECS service that does not come up
	Inputs   Inputs
}

// Resource is a resource of a stack, as its event tells of it.
type Resource struct{ LogicalID, Type, Reason string }

// Service is an ECS service and how the tasks of its newest deployment fared.
type Service struct {
	Name      string
	Failed    string // why ECS gave the deployment up
	Crashes   int    // tasks that did not stay up
	Last      Crash  // the last of them
	Unplaced  string // why ECS found no place for a task
	Unhealthy string // why a load balancer found a task to be ill
	Port      int    // where the load balancer asked
}

// Crash is one task that did not stay up.
type Crash struct {
	Reason    string // ECS's stoppedReason
	Container string
	ExitCode  *int
	Detail    string   // the container's own reason
	Log       []string // the last lines that the container wrote, by whoever wrote them
}

// Inputs is what the user can change, to be named in hints.
type Inputs struct {
	Own             bool   // the template is the user's own, and its parameters are not known here
	Image           bool   // the user named the image
	HealthCheckPath string // "" if nothing is known
}

// Finding is what the facts come to.
type Finding struct {
	Case    string // the name of the case, for tests and statistics
	Message string // one paragraph, without a full stop at its end
	Summary string
	Hint    string   // "" if there is nothing to say
	Log     []string // of the container, safe to show: no control characters, no long lines
}

// Explain finds the first case that fits.
func Explain(f Facts) Finding {
	for _, c := range cases {
		if !c.fits(f) {
			continue
		}
		return Finding{Case: c.name, Message: f.message(c.what(f)), Hint: c.hint(f), Log: Lines(f.Service.Last.Log)}
	}
	return Finding{Message: f.message(f.said())}
}

// message is what was done, on what, and why.
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

// said is AWS's own words for the failure.
func (f Facts) said() string {
	for _, words := range []string{f.Service.Last.Detail, f.Service.Last.Reason, f.Service.Unplaced, f.Resource.Reason, f.Reason, f.Service.Failed} {
		if words = unwrap(words); words != "" {
			return words
		}
	}
	return "AWS gives no reason"
}
