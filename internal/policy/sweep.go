package policy

import (
	"fmt"
	"slices"
	"time"

	"pr-stack/internal/environment"
)

// orphanAge is how long the environment of a pull request that does not exist is kept after its last
// deployment. Somebody who chose that name may still use it.
const orphanAge = 24 * time.Hour

// Candidate is an environment of a pull request that a sweep looks at.
type Candidate struct {
	Number     int                    // of the pull request
	Stack      string                 // its name
	Repository environment.Repository // that its stack says it belongs to; empty if it was deployed from outside of GitHub
	Protected  bool                   // its stack has termination protection
	Changed    time.Time
	Standing
}

// SweepLimits is what a sweep's decisions depend on.
type SweepLimits struct {
	Repository environment.Repository // the repository that sweeps
	MaxAge     time.Duration          // of an open pull request's environment, since its last deployment; 0 is no limit
	KeepLabel  string                 // label that keeps an open pull request's environment at any age; "" is none
	Promotable bool                   // environments of merged pull requests may become production
}

// Pull is what is known about a candidate's pull request.
type Pull struct {
	Listed bool         // it is in GitHub's list of open pull requests
	Pull   *PullRequest // nil if it was not asked for by itself
	None   bool         // GitHub has no pull request of that number
	Err    error        // why it could not be read
}

// NeedsPull reports whether Expired has to know the candidate's pull request by itself. The list of
// open ones is one call for a hundred of them, and is enough for most.
func NeedsPull(c Candidate, l SweepLimits, listed bool, now time.Time) bool {
	if foreign(c, l) || c.Stays != "" || c.Protected && c.Retired == "" {
		return false
	}
	return !listed || tooOld(c, l, now) && l.KeepLabel != ""
}

// Expired reports whether a sweep deletes an environment, and why or why not. It deletes what a
// closed pull request left, what is of no pull request, and what was not deployed to for longer than
// max-age. It keeps what belongs to another repository with a service of that name, what is
// protected, what production needs or may need, and what GitHub could not be asked about; where no later
// sweep will delete it either, it says what to do.
func Expired(c Candidate, l SweepLimits, p Pull, now time.Time) (expired bool, why string) {
	switch {
	case c.Repository == (environment.Repository{}):
		return false, fmt.Sprintf("it was deployed from outside of GitHub; to delete it, run pr-stack "+
			"with command: destroy and environment: pr-%d", c.Number)
	case foreign(c, l) && c.Repository.ID != "" && l.Repository.ID != "":
		return false, "it belongs to repository " + c.Repository.Name
	case foreign(c, l):
		return false, fmt.Sprintf("it belongs to repository %s; if that was this repository's name, "+
			"delete stack %s in CloudFormation", c.Repository.Name, c.Stack)
	case c.Stays != "":
		return false, c.Stays
	case c.Protected && c.Retired == "":
		return false, "its termination protection is on"
	case p.None && now.Sub(c.Changed) > orphanAge:
		return true, fmt.Sprintf("there is no pull request %d", c.Number)
	case p.None:
		return false, fmt.Sprintf("there is no pull request %d, and it was deployed less than %s ago", c.Number, age(orphanAge))
	case p.Pull == nil && NeedsPull(c, l, p.Listed, now):
		return false, uncheckedPull(p.Err)
	case p.Pull != nil && p.Pull.Merged:
		return afterMerge(c, l, *p.Pull, now)
	case p.Pull != nil && !p.Pull.Open:
		return true, fmt.Sprintf("pull request %d is closed", c.Number)
	case !tooOld(c, l, now):
		return false, fmt.Sprintf("pull request %d is open", c.Number)
	case p.Pull != nil && l.KeepLabel != "" && slices.Contains(p.Pull.Labels, l.KeepLabel):
		return false, fmt.Sprintf("pull request %d has the label %s", c.Number, l.KeepLabel)
	}
	return true, fmt.Sprintf("it was last deployed %s ago, and max-age is %s", age(now.Sub(c.Changed)), age(l.MaxAge))
}

// IsOurs reports whether an environment is known to be of the repository that sweeps.
func IsOurs(c Candidate, l SweepLimits) bool { return !foreign(c, l) }

// foreign reports whether an environment is not known to be of the repository that sweeps.
func foreign(c Candidate, l SweepLimits) bool {
	same, _ := l.Repository.Is(c.Repository)
	return !same
}

func uncheckedPull(err error) string {
	if err == nil {
		return "its pull request was not checked"
	}
	return "its pull request could not be checked: " + err.Error()
}

func tooOld(c Candidate, l SweepLimits, now time.Time) bool {
	return l.MaxAge > 0 && now.Sub(c.Changed) > l.MaxAge
}

// age words a duration as report.Age does, which a pure package of the domain does not import.
func age(d time.Duration) string {
	switch days := int(d / (24 * time.Hour)); {
	case days >= 2:
		return fmt.Sprintf("%d days", days)
	case d >= time.Hour:
		return fmt.Sprintf("%dh", int(d/time.Hour))
	}
	return fmt.Sprintf("%dm", int(d/time.Minute))
}
