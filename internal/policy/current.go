package policy

import "fmt"

// Current returns why a deployment is not wanted any more, or nil: the pull request was closed, or
// has a newer commit whose own run deploys that. A nil pull means that GitHub could not be
// asked; then the event is used. If the event is not the pull request's own, a newer commit has no run
// of its own that would deploy it, and this one continues.
func Current(t Trigger, commit string, pull *PullRequest) *Skip {
	switch {
	case pull == nil:
		return nil
	case !pull.Open:
		return &Skip{
			Reason:            fmt.Sprintf("pull request %d was closed while this ran", pull.Number),
			RemoveEnvironment: true,
		}
	case t.DrivesEnvironment() && commit != "" && pull.Head != "" && pull.Head != commit:
		return &Skip{Reason: fmt.Sprintf("pull request %d has a newer commit, %.12s, and its run deploys that; "+
			"this one was for %.12s", pull.Number, pull.Head, commit)}
	}
	return nil
}

// StillClosed returns why an environment is not deleted, or nil. Closing says that it is deleted
// because its pull request was closed, which may have been opened again since. A nil pull could not
// be checked.
func StillClosed(closing bool, pull *PullRequest) *Skip {
	if !closing || pull == nil || !pull.Open {
		return nil
	}
	return &Skip{Reason: fmt.Sprintf("pull request %d was reopened, and its environment stays", pull.Number)}
}

// Limit returns why there is no room for an environment, or nil. The service may have limit
// environments of pull requests (0 is any number) and has count; exists says that this environment
// is one of them. That is not a mistake in anyone's code, so the job succeeds, and the pull request's
// comment says why.
func Limit(limit, count int, exists bool) *Skip {
	if limit == 0 || exists || count < limit {
		return nil
	}
	return &Skip{Comment: true, Reason: fmt.Sprintf("the service has %s for pull requests, as many as max-environments allows; "+
		"close a pull request whose environment is not needed, and run this job again", environments(count))}
}

// maxShared is how many target groups, or rules, a load balancer has at most before new environments of
// pull requests are skipped. AWS allows 100, and an outage is worse than a pull request without a preview
// (FlowFuse/website#411).
const maxShared = 95

// SharedLimit returns why there is no room for an environment on the load balancer that environments
// share, of whose quota that much is used; or nil. keeps says that it may use the last places.
func SharedLimit(used int, keeps bool) *Skip {
	if keeps || used < maxShared {
		return nil
	}
	return &Skip{Comment: true, Reason: fmt.Sprintf("the shared load balancer has %d of its 100 target groups in use; "+
		"close a pull request whose environment is not needed, and run this job again, or set ingress to dedicated", used)}
}

func environments(n int) string {
	if n == 1 {
		return "1 environment"
	}
	return fmt.Sprintf("%d environments", n)
}
