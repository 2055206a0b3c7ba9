// Package report renders the result of one run: the action's outputs, the job summary, the comment
// on the pull request and the last line of the log. It is pure; other packages decide where the
// texts go.
package report

import (
	"time"

	"pr-stack/internal/environment"
	"pr-stack/internal/price"
	"pr-stack/internal/timeline"
)

// Result is the result of one run: a *Deployment, *Destruction, *Promotion, *Overview, *Sweep,
// *Bootstrap, *Doctor or *Refusal.
type Result interface {
	// Common returns the fields that every result has; the caller may read or complete them.
	Common() *Run
}

// Run holds the fields that every result has. After a failure, it holds what was known before the
// failure.
type Run struct {
	Environment environment.Environment // Sweep and Bootstrap have only its Service
	Repository  string                  // owner/name on GitHub; "" outside it
	ServerURL   string                  // https://github.com; "" leaves links to commits out
	RunURL      string                  // of the workflow's run, or ""
	Region      string
	Commit      string // the full SHA, or ""
	Version     string // of pr-stack, or ""

	Ending  Ending
	Status  Status   // of Up and Gone; a Sweep's status follows from its Environments
	Reason  string   // of Skipped: why, in a sentence
	Failure *Failure // of Failed and Interrupted

	Took   time.Duration    // the whole run, not the sum of its phases, which may overlap
	Phases []timeline.Phase // in the order in which they began
	Bars   []timeline.Bar   // what happened in the phases
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
	Failed      Ending = "failed"      // the work could not be done
	Interrupted Ending = "interrupted" // the run was cancelled before the work was done
)

// Status is what a successful run did. The output status has one of these values, or skipped; after
// a failure it is empty.
type Status string

// The statuses.
const (
	Created    Status = "created"
	Updated    Status = "updated"
	Unchanged  Status = "unchanged"
	Recreated  Status = "recreated"
	Deleted    Status = "deleted"
	Absent     Status = "absent"
	Promoted   Status = "promoted"    // a generation of production has all requests that had not all before
	RolledBack Status = "rolled-back" // the generation before has all requests again
)

// Failure is why a run failed, in words for the user.
type Failure struct {
	Summary  string   // one plain sentence: "Your container exited with code 1, twice"; or ""
	Message  string   // what failed, on what and why, with AWS's names
	Log      []string // the last lines of a container's log
	Hint     string   // what to change; or ""
	NextStep string   // what happens now: "stack hello-pr-7 is being rolled back"; or ""
}

// Stack is a CloudFormation stack. If a bootstrap was refused because the stack is not its own, the
// ID and the outputs are empty, so that they are not shown.
type Stack struct {
	Name    string
	ID      string
	Outputs map[string]string
	Created time.Time
}

// Previous is what is up while a new commit is deployed, or after its deployment failed.
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
	StillUp     *Previous       // what is up although this run did not deploy; nil if nothing is up, or if it is not known
	NothingUp   bool            // it is known that nothing is up
	Removed     bool            // Skipped because the pull request is closed; its environment does not exist any more
	Comment     bool            // Skipped, and the comment says why
	Changes     []PlannedStack  // what was to change in the stack of a permanent environment
}

// Destruction is the result of destroy, and of a sweep for each environment that it deleted.
type Destruction struct {
	Run
	Stack    Stack
	Images   int           // how many were deleted
	StaleFor time.Duration // the time since the last deployment, if max-age was the reason for the deletion; else 0
	Deleted  bool          // Failed, but only in before-destroy: the environment does not exist any more
	Kept     *Previous     // Skipped since production needs, or may need, what is up; nil if it is not for that
}

// Refusal is the result of a run that did not begin: an input is wrong, or sign-in failed.
type Refusal struct {
	Run
	Stack    Stack     // only its name is known
	Command  string    // "" if the command itself is wrong
	Failures []Failure // one for each thing to change; none if Run.Failure says it
}

// Sweep is the result of sweep.
type Sweep struct {
	Run
	DryRun       bool
	Environments []Swept         // in the order of the pull requests' numbers
	Cost         *price.Estimate // of the environments that are left; nil if no cost is known
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
	SweepScaled      Outcome = "scaled to 0 tasks"
	SweepWouldScale  Outcome = "would be scaled to 0 tasks"
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
	if doctor, ok := r.(*Doctor); ok && r.Common().Failure == nil {
		return doctor.failures()
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
	case *Promotion:
		return r.Stack
	case *Bootstrap:
		return r.Stack
	case *Refusal:
		return r.Stack
	}
	return Stack{}
}
