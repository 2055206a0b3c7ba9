package workflow

import "go.yaml.in/yaml/v3"

// asksForRuns: a run that promotes or rolls back asks GitHub whether another one that has the lock on
// production is over.
func asksForRuns(u use, _ Rules) []Mistake {
	if granted := u.permissions(); !u.promotes() || !granted.stated || granted.may("actions", "read") {
		return nil
	}
	return mistake(false, "add actions: read to its permissions",
		"the permission actions: read is missing, so a lock on production whose run was lost stays until somebody sets force")
}

// followsBranch: a merge is a push to the default branch. A push to another one fails, because the role of
// production trusts the default branch only.
func followsBranch(u use, _ Rules) []Mistake {
	if !u.promotes() {
		return nil
	}
	push, onPush := u.events()["push"]
	if !onPush {
		return mistake(false, "add on: push: branches: [main], with the default branch", "it does not run on push, so a merge is not promoted")
	}
	var filter struct{ Branches yaml.Node }
	_ = push.Decode(&filter) // an invalid one has no branches
	if filter.Branches.IsZero() {
		return mistake(false, "write on: push: branches: [main], with the default branch",
			"it runs on pushes to every branch, of which only the default one may assume the role of production")
	}
	return nil
}

// letsRollBack: a rollback stops a promotion that is under way. It cannot if it waits for it.
func letsRollBack(u use, _ Rules) []Mistake {
	group, _ := u.concurrency()
	if !u.promotes() || !isExpression(u.with["command"]) || group == "" || isExpression(group) {
		return nil
	}
	return mistake(false, "write group: pr-stack-production-${{ inputs.command || 'promote' }}",
		"a rollback is in the group of promote, so it waits until the promotion that it is to stop has ended")
}
