package command

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	"pr-stack/internal/price"
	"pr-stack/internal/report"
)

// priceOf estimates what a stack of this template costs; nil if that cannot be told.
func priceOf(body string, stack cfn.Stack) *price.Estimate {
	switch stack.Status {
	case types.StackStatusReviewInProgress, types.StackStatusRollbackComplete, types.StackStatusDeleteComplete:
		return &price.Estimate{} // there is nothing in it
	}
	estimate, err := price.Of(body, stack.Parameters)
	if err != nil {
		return nil
	}
	return &estimate
}

// inWords says what something costs, and whose price that is; "" if it is not known.
func inWords(e *price.Estimate) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf("%s (%s)", e, price.Source)
}

// prices estimates what stacks cost of which only a listing is known. Stacks with the same parameters and outputs are
// taken to be of the same template, of which one is read: asking for each of thousands would take minutes.
type prices struct {
	edges  *edges
	bodies map[string]string // by the names of parameters and outputs
	failed bool              // CloudFormation did not tell once, and that was said
}

func (p *prices) of(ctx context.Context, stack cfn.Stack) *price.Estimate {
	names := slices.Concat(slices.Sorted(maps.Keys(stack.Parameters)), []string{"/"}, slices.Sorted(maps.Keys(stack.Outputs)))
	shape := strings.Join(names, " ")
	body, known := p.bodies[shape]
	if !known && !p.failed {
		var err error
		body, err = p.edges.stacks.Template(ctx, stack.ID)
		if notFound(err) {
			return nil // it went meanwhile; another of its kind will do
		}
		if err != nil {
			p.failed = true
			p.edges.log.line("What the environments cost is not told: %s", brief(err))
		}
		p.bodies[shape] = body
	}
	return priceOf(body, stack)
}

// left is what those cost together that a sweep did not delete; nil if that of none of them is known.
func left(candidates []candidate, swept []report.Swept) *price.Estimate {
	var sum *price.Estimate
	for i, c := range candidates {
		if c.price == nil || swept[i].Outcome == report.Removed {
			continue
		}
		if sum == nil {
			sum = &price.Estimate{}
		}
		*sum = sum.Plus(*c.price)
	}
	return sum
}
