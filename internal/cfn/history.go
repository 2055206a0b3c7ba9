package cfn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/poll"
)

// history holds what is known about one operation. It is filled by repeated reads of the stack's
// events, which CloudFormation lists newest first.
type history struct {
	c              *Client
	stackID, token string
	began          time.Time // when the operation was begun, by our clock

	seen   map[string]bool  // event IDs
	open   map[string]Event // the first event of each resource that has not had its last event, by logical ID
	newest time.Time        // the time of the stack's newest event, by CloudFormation's clock
	idled  time.Time        // when the stack was first seen idle, by our clock
}

// read returns the operation's events that were not seen before, oldest first. If it fails, it
// records no event. A stack that CloudFormation does not find yet has no events yet.
func (h *history) read(ctx context.Context) ([]Event, error) {
	var fresh []Event
	found := map[string]bool{}
	newest := h.newest
	pages := cloudformation.NewDescribeStackEventsPaginator(h.c.API, &cloudformation.DescribeStackEventsInput{StackName: &h.stackID})

reading:
	for pages.HasMorePages() {
		page, err := h.page(ctx, pages)
		if errors.Is(err, ErrNotFound) && time.Since(h.began) < visible {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, e := range page.StackEvents {
			id, at := aws.ToString(e.EventId), aws.ToTime(e.Timestamp)
			if at.After(newest) {
				newest = at
			}
			if aws.ToString(e.ClientRequestToken) == h.token && !h.seen[id] {
				if !found[id] {
					fresh = append(fresh, toEvent(e))
					found[id] = true
				}
				continue
			}
			if at.Before(newest.Add(-lateness)) {
				break reading // further down are only known events, or events of earlier operations
			}
		}
	}

	h.newest = newest
	slices.Reverse(fresh)
	for _, e := range fresh {
		h.note(e)
	}
	return fresh, nil
}

// page reads one page, and repeats the call for this page while the failure is temporary. Beginning
// again at the first page might never end, and skipping the page would lose its events.
func (h *history) page(ctx context.Context, pages *cloudformation.DescribeStackEventsPaginator) (*cloudformation.DescribeStackEventsOutput, error) {
	once := func(o *cloudformation.Options) { o.Retryer = aws.NopRetryer{} } // this loop retries
	waiting := poll.Reporter{Logf: h.c.Logf}
	for range poll.Paced(ctx, func(round int) time.Duration { return jitter(min(pace<<min(round, 4), 10*time.Second)) }) {
		page, err := pages.NextPage(ctx, once)
		if err == nil {
			return page, nil
		}
		if ctx.Err() == nil && !transient(err) {
			return nil, fmt.Errorf("read events of stack %s: %w", short(h.stackID), translate(err))
		}
		waiting.Waiting("  trying again to read the events of stack %s: %s", short(h.stackID), message(err))
	}
	return nil, context.Cause(ctx)
}

func (h *history) note(e Event) {
	h.seen[e.ID] = true
	switch {
	case !e.OfStack() && e.InProgress():
		if _, begun := h.open[e.LogicalID]; !begun {
			h.open[e.LogicalID] = e
		}
	case !e.OfStack():
		delete(h.open, e.LogicalID)
	case idle(types.StackStatus(e.Status)):
		h.idled = time.Now()
	}
}

// complete reports whether no more events are expected: the stack is idle, and either each resource
// has had its last event, or stragglers have had enough time.
func (h *history) complete() bool {
	return !h.idled.IsZero() && (len(h.open) == 0 || time.Since(h.idled) > stragglers)
}

// pending returns the names of the first few resources in progress, and the number of the others.
func (h *history) pending() string {
	const most = 3
	ids := slices.SortedFunc(maps.Keys(h.open), func(a, b string) int {
		return cmp.Or(h.open[a].Time.Compare(h.open[b].Time), cmp.Compare(a, b))
	})
	var names []string
	for _, id := range ids[:min(most, len(ids))] {
		names = append(names, fmt.Sprintf("%s (%s)", id, h.open[id].Type))
	}
	if more := len(ids) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

func toEvent(e types.StackEvent) Event {
	event := Event{
		ID:         aws.ToString(e.EventId),
		Time:       aws.ToTime(e.Timestamp),
		StackID:    aws.ToString(e.StackId),
		LogicalID:  aws.ToString(e.LogicalResourceId),
		PhysicalID: aws.ToString(e.PhysicalResourceId),
		Type:       aws.ToString(e.ResourceType),
		Status:     e.ResourceStatus,
		Reason:     aws.ToString(e.ResourceStatusReason),
		Configured: e.DetailedStatus == types.DetailedStatusConfigurationComplete,
	}
	if e.HookStatus == types.HookStatusHookCompleteFailed || e.HookStatus == types.HookStatusHookFailed {
		event.Hook = aws.ToString(e.HookStatusReason)
	}
	return event
}
