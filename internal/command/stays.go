package command

import (
	"cmp"
	"context"

	"pr-stack/internal/admission"
	"pr-stack/internal/cfn"
	"pr-stack/internal/hint"
	"pr-stack/internal/policy"
)

// stays decides whether the stack of a pull request is to be deleted as far as production is concerned: it
// may be promoted, or serves production already. If it is not to be deleted, the skip or the error says why.
// Else check is to be called directly before: a promotion may begin meanwhile.
func stays(ctx context.Context, t target, stack cfn.Stack, with destroyClients) (*policy.Skip, func(context.Context, cfn.Stack) error, error) {
	if t.environment.PullRequest == 0 {
		return nil, func(context.Context, cfn.Stack) error { return nil }, nil
	}
	base, err := readBase(ctx, t.baseStack, with.stacks)
	if err != nil {
		return nil, nil, err
	}
	if t.closing {
		promotable := cmp.Or(string(t.promoteBy), base[promoteBy]) != ""
		if skip := policy.AfterMerge(t.environment.PullRequest, t.merged, promotable); skip != nil {
			return skip, nil, nil
		}
	}
	look := serving{with.serving, t.environment.Service, t.hostname, base}
	check := func(ctx context.Context, stack cfn.Stack) error { return t.refuse(ctx, look, stack) }
	if err := check(ctx, stack); err != nil {
		skip := admission.Halted(err)
		if skip != nil {
			err = nil
		}
		return skip, nil, err
	}
	return nil, check, nil
}

// refuse returns an error if the stack serves production. If its pull request was closed, nobody has made a
// mistake, and the error is a skip.
func (t target) refuse(ctx context.Context, look serving, stack cfn.Stack) error {
	why, err := look.why(ctx, stack)
	switch {
	case err != nil || why == "":
		return err
	case t.closing:
		return admission.Halt(&policy.Skip{Comment: true, Reason: "the environment stays: " + why})
	}
	return hint.New("promote another pull request first, or roll back",
		"delete stack %s: %s, and nothing was deleted", stack.Name, why)
}
