// Package report renders what a command came to: the action's outputs and the job summary. It is pure; where the texts
// go is the caller's to decide.
package report

import (
	"time"

	"pr-stack/internal/environment"
)

// Result is what a command came to. After a failure it holds what was known until then.
type Result struct {
	Command     string // deploy, destroy or bootstrap
	Status      Status
	Reason      string // why the status is skipped, in a sentence
	Tell        bool   // a run that was skipped has something to tell the pull request
	Gone        bool   // a run that was skipped has found or left no environment
	Interrupted bool   // it was ended from outside, and failed for that
	Environment environment.Environment
	Commit      string // full SHA, or ""
	Region      string
	URL         string
	StackName   string
	StackID     string
	Image       string // host/repository@sha256:…
	ImageDigest string
	Age         time.Duration // of the stack; 0 if it is not known
	Price       string        // of the stack, or of what a sweep leaves: 1.20 USD a day (…); "" if it is not known

	Swept        []Swept // by sweep, in the order of the pull requests' numbers
	StackOutputs map[string]string
	Phases       []Phase // in the order in which they began
	Bars         []Bar   // what went on in them
	Failure      *Failure
}

// Status is the value of the output status. It is empty after a failure.
type Status string

// The statuses.
const (
	Created   Status = "created"
	Updated   Status = "updated"
	Unchanged Status = "unchanged"
	Recreated Status = "recreated"
	Deleted   Status = "deleted"
	Absent    Status = "absent"
	Skipped   Status = "skipped"
)

// Phase is a part of the command that a reader would wait for.
type Phase struct {
	Name string
	Took time.Duration
	Note string // what came of it, if that is worth a word: "found in ECR"
}

// Swept is what a sweep made of one environment.
type Swept struct {
	Environment string
	Age         time.Duration // since its last deployment
	Daily       string        // its price, in US dollars: 1.20; "" if it is not known
	Outcome     Outcome
	Why         string // in a few words
}

// Outcome is what became of an environment in a sweep.
type Outcome string

// The outcomes.
const (
	Removed Outcome = "deleted"
	WouldGo Outcome = "would be deleted"
	Left    Outcome = "left"
	NotGone Outcome = "could not be deleted"
)

// Failure is why a command failed, in words for the user.
type Failure struct {
	Message string // what was done, on what, why
	Hint    string // what to change; "" if there is nothing to say
}
