// Package report renders what one run came to: the action's outputs, the job summary, the comment on
// the pull request and the last line of the log. It is pure; where the texts go is not its concern.
package report

import (
	"time"

	"pr-stack/internal/environment"
	"pr-stack/internal/price"
	"pr-stack/internal/timeline"
)

// Result is what one run came to: a *Deployment, *Destruction, *Sweep, *Bootstrap or *Refusal.
type Result interface {
	// Common returns what every result has, to be read or completed.
	Common() *Run
}

// Run is what every result has. After a failure it holds what was known until then.
type Run struct {
	Environment environment.Environment // Sweep and Bootstrap have only its Service
	Repository  string                  // owner/name on GitHub; "" outside it
	ServerURL   string                  // https://github.com; "" leaves links to commits out
	RunURL      string                  // of the workflow's run; ""
	Region      string
	Commit      string // the full SHA, or ""
	Version     string // of pr-stack, or ""

	Ending  Ending
	Status  Status   // of Up and Gone; that of a Sweep follows from its Environments
	Reason  string   // of Skipped: why, in a sentence
	Failure *Failure // of Failed and Interrupted

	Took   time.Duration    // the whole run, not the sum of its phases, which may overlap
	Phases []timeline.Phase // in the order in which they began
	Bars   []timeline.Bar   // what went on in them
}

// Common returns the run itself.
func (r *Run) Common() *Run { return r }

// Ending is how a run ended.
type Ending string

// The endings.
const (
	Up          Ending = "up"          // what was to be deployed is deployed
	Gone        Ending = "gone"        // what was to be deleted does not exist any more
	Skipped     Ending = "skipped"     // nothing was to be done
	Failed      Ending = "failed"      // it could not be done
	Interrupted Ending = "interrupted" // the run was cancelled before it was done
)

// Status is what a run that went well did. Together with skipped, and nothing after a failure, these
// are the values of the output status.
type Status string

// The statuses.
const (
	Created   Status = "created"
	Updated   Status = "updated"
	Unchanged Status = "unchanged"
	Recreated Status = "recreated"
	Deleted   Status = "deleted"
	Absent    Status = "absent"
)

// Failure is why a run failed, in words for the user.
type Failure struct {
	Summary  string   // one plain sentence: "Your container exited with code 1, twice"; or ""
	Message  string   // what failed, on what and why, with AWS's names
	Log      []string // the last lines of a container's log
	Hint     string   // what to change; or ""
	NextStep string   // what happens now: "stack hello-pr-7 is being rolled back"; or ""
}

// Stack is a CloudFormation stack. A bootstrap that was refused since the stack is not its own leaves
// the ID and the outputs empty, so that they are not shown.
type Stack struct {
	Name    string
	ID      string
	Outputs map[string]string
	Created time.Time
}

// Previous is what is up while a new commit is deployed, or after that failed.
type Previous struct {
	Commit string // the full SHA, or ""
	URL    string // or ""
}

// Deployment is the result of deploy.
type Deployment struct {
	Run
	Stack       Stack
	URL         string
	Image       string // host/repository@sha256:…
	ImageDigest string
	Parameters  []string        // the names of the parameters that the stack was given
	Proof       []string        // what was proved, in sentences: "The URL answers."
	Unproved    []string        // what could not be checked, in sentences
	Cost        *price.Estimate // nil if it is not known
	StillUp     *Previous       // what is up although this run did not deploy; nil if that is nothing, or not known
	NothingUp   bool            // it is known that nothing is up
	Removed     bool            // Skipped, and there is no environment any more: the pull request is closed
	Comment     bool            // Skipped, and the comment says why
}

// Destruction is the result of destroy, and of a sweep for each environment that it deleted.
type Destruction struct {
	Run
	Stack    Stack
	Images   int           // how many were deleted
	StaleFor time.Duration // how long nothing was deployed to it, if it was deleted for that (max-age); else 0
}

// Bootstrap is the result of bootstrap.
type Bootstrap struct {
	Run
	Stack Stack
}

// Refusal is the result of a run that did not begin: an input is wrong, or it could not sign in.
type Refusal struct {
	Run
	Stack    Stack     // of which only the name is known
	Command  string    // or "", if that is what is wrong
	Failures []Failure // one for each thing to change; none if Run.Failure says it
}

// Sweep is the result of sweep.
type Sweep struct {
	Run
	DryRun       bool
	Environments []Swept         // in the order of the pull requests' numbers
	Cost         *price.Estimate // of those that are left; nil if it is not known of any
}

// Swept is what a sweep did with one environment.
type Swept struct {
	Environment environment.Environment
	Age         time.Duration   // since its last deployment
	Cost        *price.Estimate // nil if it is not known
	Outcome     Outcome
	Why         string // in a few words
}

// Outcome is what a sweep did with an environment.
type Outcome string

// The outcomes.
const (
	SweepDeleted     Outcome = "deleted"
	SweepWouldDelete Outcome = "would be deleted"
	SweepKept        Outcome = "kept"
	SweepFailed      Outcome = "could not be deleted"
)

// OutputStatus returns the value of the output status; it is empty after a failure.
func OutputStatus(r Result) string {
	run := r.Common()
	switch run.Ending {
	case Skipped:
		return "skipped"
	case Failed, Interrupted:
		return ""
	}
	if sweep, ok := r.(*Sweep); ok {
		return string(sweep.status())
	}
	return string(run.Status)
}

// Failures returns why the run failed: one entry for each thing to change.
func Failures(r Result) []Failure {
	if refusal, ok := r.(*Refusal); ok && len(refusal.Failures) > 0 {
		return refusal.Failures
	}
	if f := r.Common().Failure; f != nil {
		return []Failure{*f}
	}
	return nil
}

// stackOf returns the stack of a result; the zero Stack if it has none.
func stackOf(r Result) Stack {
	switch r := r.(type) {
	case *Deployment:
		return r.Stack
	case *Destruction:
		return r.Stack
	case *Bootstrap:
		return r.Stack
	case *Refusal:
		return r.Stack
	}
	return Stack{}
}
