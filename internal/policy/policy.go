// Package policy decides who gets an environment: which event means what, whose code may be built or
// run with the repository's credentials, whether a run is still wanted, whether there is room, and
// what a sweep deletes. It is pure: its callers ask GitHub and AWS.
//
// decide.go asks, in this order: what does the event ask for (events.go), whose code is it and may it
// be built here (code.go), is the pull request excluded (rules.go)?
package policy

// Verb is what pr-stack does for an event.
type Verb string

// The verbs.
const (
	Deploy    Verb = "deploy"
	Destroy   Verb = "destroy"
	Sweep     Verb = "sweep"
	Promote   Verb = "promote"
	Rollback  Verb = "rollback"
	Status    Verb = "status"
	Bootstrap Verb = "bootstrap"
	Doctor    Verb = "doctor"
)

// Source is where the image to deploy comes from. It is "" for verbs that deploy no image.
type Source string

// The sources.
const (
	Build   Source = "build"   // it is built in this run, from what is checked out
	Image   Source = "image"   // it exists in a registry
	Archive Source = "archive" // it is a file that was built elsewhere, in this run or in another
)

// Decision is what to do. Exactly one of its fields is set.
type Decision struct {
	Allow  Verb
	Skip   *Skip
	Refuse *Refusal
}

// Skip is why a run does nothing more. It is no failure: the job succeeds with a notice.
type Skip struct {
	Reason            string
	RemoveEnvironment bool // the pull request is closed: its environment has to be deleted
	Comment           bool // the pull request's comment says so as well
}

// Refusal is why a run fails before it does anything.
type Refusal struct {
	Input   string // that has to change; "" if it is none
	Message string
	Hint    string
	Cause   error // the Trigger's LookupError, if that is why; else nil
}

func allow(verb Verb) Decision { return Decision{Allow: verb} }

func skip(reason string) Decision { return Decision{Skip: &Skip{Reason: reason}} }

func refuse(input, hint, message string) Decision {
	return Decision{Refuse: &Refusal{Input: input, Message: message, Hint: hint}}
}
