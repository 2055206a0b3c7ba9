package cfn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"pr-stack/internal/poll"
)

// Preview is what Deploy would do to a stack.
type Preview struct {
	Stack Stack // as it is now; the zero Stack if there is none
	// New means that Deploy would create the stack. If Stack has an ID, it would first delete that one,
	// which never worked.
	New bool
	// Unknown means that Deploy would first roll the stack back, or end an operation that cannot succeed.
	// Until then CloudFormation cannot work out the changes.
	Unknown bool
	// Differs reports whether Deploy would change anything: perhaps only outputs.
	Differs bool
	Changes []Change // of an existing stack, by logical ID
}

// Change is what would happen to one resource of a stack.
type Change struct {
	Action          types.ChangeAction
	LogicalID, Type string
	Replacement     Replacement
	Kept            bool     // removed from the stack, and not deleted
	Because         []string // the names of the properties that differ, or Tags
}

// Replacement says whether another resource would be created in place of the one that exists.
type Replacement string

// The kinds of replacement.
const (
	NotReplaced     Replacement = ""
	Replaced        Replacement = "replaced"
	PerhapsReplaced Replacement = "perhaps replaced" // it depends on what is not known before the update
)

// Preview returns what Deploy would do. It waits for an operation that another run has begun, unless
// d.Watch says that it cannot succeed, and changes nothing.
func (c *Client) Preview(ctx context.Context, d Deployment) (Preview, error) {
	stack, err := c.Describe(ctx, d.StackName)
	if err == nil && courseOf(stack.Status).deploying == wait {
		during := stack
		err = c.watched(ctx, during, d.Watch, func(ctx context.Context) (err error) {
			stack, err = c.waitIdle(ctx, during.ID)
			return err
		})
		if _, hopeless := errors.AsType[*abortedError](err); hopeless {
			return Preview{Stack: during, Unknown: true, Differs: true}, d.Allow(ctx, during)
		}
	}
	if errors.Is(err, ErrNotFound) || err == nil && stack.Status == types.StackStatusDeleteComplete {
		return Preview{New: true, Differs: true}, d.Allow(ctx, Stack{})
	}
	if err != nil {
		return Preview{}, err
	}
	if err := d.Allow(ctx, stack); err != nil {
		return Preview{Stack: stack}, err
	}
	switch courseOf(stack.Status).deploying {
	case replace:
		return Preview{Stack: stack, New: true, Differs: true}, nil
	case rollBack:
		return Preview{Stack: stack, Unknown: true, Differs: true}, nil
	case refuse:
		return Preview{Stack: stack}, stuckError(stack, nil)
	}
	return c.changeSet(ctx, stack, d)
}

// changeSet has CloudFormation work the changes out. The change set is deleted: Deploy needs none.
func (c *Client) changeSet(ctx context.Context, stack Stack, d Deployment) (Preview, error) {
	name := newToken()
	_, err := c.API.CreateChangeSet(ctx, &cloudformation.CreateChangeSetInput{
		StackName: &stack.ID, ChangeSetName: &name, ChangeSetType: types.ChangeSetTypeUpdate,
		TemplateBody: d.Template.inCall(), TemplateURL: optional(d.Template.URL),
		Parameters: parameters(d.Parameters), Tags: tags(d.Tags), Capabilities: capabilities(d.Capabilities), RoleARN: optional(d.RoleARN),
	})
	if err != nil {
		return Preview{Stack: stack}, fmt.Errorf("work out the changes of stack %s: %w", stack.Name, readError(ctx, err))
	}
	defer c.deleteChangeSet(ctx, stack.ID, name)
	began := time.Now()
	for range poll.Every(ctx, time.Second) {
		set, changes, err := c.readChangeSet(ctx, stack.ID, name)
		switch {
		case ctx.Err() != nil:
			return Preview{}, context.Cause(ctx)
		case transient(err), absent(err) && time.Since(began) < visible:
			// Reads may not find a change set right after it was created (aws-cdk#6674).
		case err != nil:
			return Preview{Stack: stack}, fmt.Errorf("work out the changes of stack %s: %w", stack.Name, translate(err))
		case set.Status == types.ChangeSetStatusCreateComplete:
			return Preview{Stack: stack, Differs: true, Changes: toChanges(changes)}, nil
		case set.Status == types.ChangeSetStatusFailed && withoutChanges(aws.ToString(set.StatusReason)):
			return Preview{Stack: stack}, nil
		case set.Status == types.ChangeSetStatusFailed:
			return Preview{Stack: stack}, fmt.Errorf("work out the changes of stack %s: %s", stack.Name, aws.ToString(set.StatusReason))
		}
	}
	return Preview{}, context.Cause(ctx)
}

// readChangeSet returns a change set, with the changes of all its pages.
func (c *Client) readChangeSet(ctx context.Context, stackID, name string) (*cloudformation.DescribeChangeSetOutput, []types.Change, error) {
	var changes []types.Change
	input := &cloudformation.DescribeChangeSetInput{StackName: &stackID, ChangeSetName: &name}
	for {
		page, err := c.API.DescribeChangeSet(ctx, input)
		if err != nil {
			return nil, nil, err
		}
		changes = append(changes, page.Changes...)
		if page.NextToken == nil {
			return page, changes, nil
		}
		input.NextToken = page.NextToken
	}
}

// deleteChangeSet deletes a change set, also after an interruption. One that stays does no harm.
func (c *Client) deleteChangeSet(ctx context.Context, stackID, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_, err := c.API.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{StackName: &stackID, ChangeSetName: &name})
	if err != nil {
		c.logf("change set %s of stack %s is not deleted: %s", name, short(stackID), message(err))
	}
}

// absent reports whether CloudFormation does not find a change set.
func absent(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "ChangeSetNotFound"
}

// withoutChanges reports whether a change set failed because nothing would change. There is no status of
// its own for that. The second text is that of change sets that differ in what reaches no resource.
// https://github.com/aws/aws-cdk/blob/v2.100.0/packages/aws-cdk/lib/api/deploy-stack.ts, changeSetHasNoChanges
func withoutChanges(reason string) bool {
	return strings.HasPrefix(reason, "The submitted information didn't contain changes.") || strings.HasPrefix(reason, "No updates are to be performed")
}

// toChanges returns the changes in the order of their logical IDs.
func toChanges(list []types.Change) []Change {
	var changes []Change
	replaced := replacements(list)
	for _, one := range list {
		r := one.ResourceChange
		if r == nil { // a hook
			continue
		}
		change := Change{
			Action: r.Action, LogicalID: aws.ToString(r.LogicalResourceId),
			Type: aws.ToString(r.ResourceType), Kept: r.PolicyAction == types.PolicyActionRetain,
		}
		change.Replacement = replaced[change.LogicalID]
		for _, d := range r.Details {
			if d.Target == nil {
				continue
			}
			if name := aws.ToString(d.Target.Name); name != "" {
				change.Because = append(change.Because, name)
			} else {
				change.Because = append(change.Because, string(d.Target.Attribute))
			}
		}
		slices.Sort(change.Because)
		change.Because = slices.Compact(change.Because)
		changes = append(changes, change)
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.LogicalID, b.LogicalID) })
	return changes
}

// replacements returns which resources would be replaced. CloudFormation says "Conditional" of each that
// uses an attribute of one that is changed in any way, such as the ID of a security group that gets a
// tag. Such an attribute changes only with the resource, so this is decided here: the one that uses it is
// replaced if the other one is new, or is replaced itself.
func replacements(list []types.Change) map[string]Replacement {
	result, added := map[string]Replacement{}, map[string]bool{}
	for _, one := range list {
		if r := one.ResourceChange; r != nil {
			added[aws.ToString(r.LogicalResourceId)] = r.Action == types.ChangeActionAdd
		}
	}
	for settled := false; !settled; {
		settled = true
		for _, one := range list {
			r := one.ResourceChange
			if r == nil {
				continue
			}
			id := aws.ToString(r.LogicalResourceId)
			if is := replacement(r, result, added); is != result[id] {
				result[id], settled = is, false
			}
		}
	}
	return result
}

// replacement returns whether one resource would be replaced, as far as it is known of the others.
func replacement(r *types.ResourceChange, others map[string]Replacement, added map[string]bool) (is Replacement) {
	if r.Replacement != types.ReplacementConditional {
		if r.Replacement == types.ReplacementTrue {
			return Replaced
		}
		return NotReplaced
	}
	for _, d := range r.Details {
		if d.Target == nil || d.Target.RequiresRecreation == types.RequiresRecreationNever || repeats(d, r.Details) {
			continue
		}
		cause, _, _ := strings.Cut(aws.ToString(d.CausingEntity), ".")
		_, inStack := added[cause]
		always := d.Target.RequiresRecreation == types.RequiresRecreationAlways
		switch {
		case d.Evaluation == types.EvaluationTypeDynamic && inStack && !added[cause] && others[cause] == NotReplaced:
		case always && (added[cause] || others[cause] == Replaced):
			return Replaced
		default:
			is = PerhapsReplaced
		}
	}
	return is
}

// repeats reports whether a detail has no cause, and another one says the cause of the same change.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-samples.html
func repeats(d types.ResourceChangeDetail, all []types.ResourceChangeDetail) bool {
	return d.CausingEntity == nil && slices.ContainsFunc(all, func(other types.ResourceChangeDetail) bool {
		return other.CausingEntity != nil && other.Target != nil && aws.ToString(other.Target.Name) == aws.ToString(d.Target.Name)
	})
}
