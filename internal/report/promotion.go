package report

import (
	"time"

	"pr-stack/internal/release"
)

// Promotion is the result of promote and of rollback. After a failure it holds what was known before.
type Promotion struct {
	Run
	Stack Stack       // that serves production
	By    release.Way // "" if it is not known
	Back  bool        // it is a rollback
	// Live has all requests now. If no generation is known to have all of them, its Number is 0, and Weights
	// says what was last seen.
	Live    release.Generation
	Weights release.Weights    // by listener or record, as they were last read; nil if they were not
	From    release.Generation // that had the requests before; its Number is 0 if there was none
	To      release.Generation // that they were to be shifted to; its Number is 0 if it is not known
	// Untouched means that this run is known to have changed nothing that decides who gets the requests.
	Untouched bool
	URL       string          // of production
	Steps     []Step          // by listener, record or canary, in order
	Locked    *release.Locked // why merges are not promoted; nil if they are, or if it is not known
	Tested    string          // in a sentence, what shows that the code was tested, or that it was not
	Proof     []string        // what was proved, in sentences
	Unproved  []string        // what could not be checked, in sentences
	Changes   []PlannedStack  // what was to change in stacks, by digest
	Seconds   float64         // from the decision to go back until it was done; 0 if it did not go back, or if it is not known
}

// Step is one step of a promotion, or the step back.
type Step struct {
	Percent int       // of the requests that To gets; 0 in the step back
	Began   time.Time // when the weights were in effect
	Ended   time.Time // when the next step began, or the promotion ended; zero if the step did not end
	Verdict string    // in words, of the candidate in this step; "" if none was needed
	Failed  bool      // the candidate was not good, and the requests went back
}

// Overview is the result of status.
type Overview struct {
	Run
	Environments []Placed  // those of pull requests by their numbers, before them the permanent ones
	Production   *Served   // nil if nothing was promoted
	Now          time.Time // from which ages are counted; zero leaves them out
	AsJSON       bool      // the log has JSON in place of the tables
}

// Placed is one environment and what it runs. Its JSON is what programs read: in the output environments,
// in status --json, and, with the same names, in the marker of a comment.
type Placed struct {
	Environment string   `json:"environment"`
	PullRequest int      `json:"pullRequest,omitempty"`
	State       string   `json:"state"` // ready, deploying, failed or deleting, after the stack's status
	URL         string   `json:"url,omitempty"`
	Commit      string   `json:"commit,omitempty"`
	Stack       string   `json:"stack"`
	Since       string   `json:"since,omitempty"`   // when the stack was created, in RFC 3339
	Changed     string   `json:"changed,omitempty"` // when it was last deployed to, in RFC 3339
	Ingress     string   `json:"ingress,omitempty"`
	CostPerDay  *float64 `json:"costPerDay,omitempty"` // US dollars; nil if it is not known
	Protected   bool     `json:"protected,omitempty"`  // its termination protection is on
	Generation  int      `json:"generation,omitempty"` // of production that it serves
}

// Served is production: who serves it, and who did.
type Served struct {
	Environment string               `json:"environment"`
	URL         string               `json:"url,omitempty"`
	By          release.Way          `json:"by"`
	Status      release.Status       `json:"status"`
	Stable      int                  `json:"stable,omitempty"`
	Candidate   int                  `json:"candidate,omitempty"`
	Weights     release.Weights      `json:"weights,omitempty"` // as AWS has them now
	Differs     string               `json:"differs,omitempty"` // how they differ from the ledger, with both sides
	Locked      *release.Locked      `json:"locked,omitempty"`
	Generations []release.Generation `json:"generations"`
}
