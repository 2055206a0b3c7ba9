package policy

import "fmt"

// Promotes returns why a run does not promote, or nil: after a rollback, production stays as it is until
// a person promotes. why says since when and by whom.
func Promotes(locked, byHand bool, why string) *Skip {
	if !locked || byHand {
		return nil
	}
	return &Skip{Reason: why + "; to promote again, start this workflow by hand (workflow_dispatch)"}
}

// Newest returns why a commit is not promoted, or nil: production follows the branch, and a run that was
// started again, or waited, must not take it back.
func Newest(branch, commit, head string) *Skip {
	if head == "" || head == commit {
		return nil
	}
	return &Skip{Reason: fmt.Sprintf("%s has a newer commit, %.12s, and its run promotes that; this one was for %.12s", branch, head, commit)}
}
