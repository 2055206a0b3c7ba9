package policy

import "fmt"

// Promotes reports whether a run promotes: after a rollback, production stays as it is until a person
// promotes.
func Promotes(locked, byHand bool) bool { return !locked || byHand }

// Newest returns why a commit is not promoted, or nil: production follows the branch, and a run that was
// started again, or waited, must not take it back.
func Newest(branch, commit, head string) *Skip {
	if head == "" || head == commit {
		return nil
	}
	return &Skip{Reason: fmt.Sprintf("%s has a newer commit, %.12s, and its run promotes that; this one was for %.12s", branch, head, commit)}
}
