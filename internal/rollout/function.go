package rollout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/awsconfig"
	"pr-stack/internal/cfn"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/lambda"
	"pr-stack/internal/logs"
	"pr-stack/internal/poll"
	"pr-stack/internal/probe"
)

// aliasType is the type of an alias of a function, by which the function is called in one of its versions.
const aliasType = "AWS::Lambda::Alias"

// function returns the workload of a Lambda function of the stack, or of an alias of one.
func (c Clients) function(r cfn.Resource) Workload {
	f := lambda.Function{API: c.Lambda, Name: r.PhysicalID, Logf: c.Log.Line}
	return Workload{
		Resource: r,
		Ready: func(ctx context.Context, seen Seen) (Seen, error) {
			running, err := f.Wait(ctx)
			switch {
			case errors.Is(err, lambda.ErrDenied):
				// The stack may have been deployed with another role's rights (role-arn).
				seen.Unread = append(seen.Unread, fmt.Sprintf("function %s could not be described (%s)", r.LogicalID,
					awsconfig.Message(awsconfig.Innermost(err))))
				return seen, nil
			case err != nil:
				return seen, err
			}
			if r.Type == aliasType {
				seen.Aliases = append(seen.Aliases, running)
				return seen, nil
			}
			seen.Functions = append(seen.Functions, running)
			return seen, nil
		},
		Trouble: func(ctx context.Context) (Trouble, error) {
			found, err := f.Trouble(ctx)
			if err != nil {
				return Trouble{}, err
			}
			t := Trouble{Resource: r, Function: diagnosis.Function{Failed: found.Failed}}
			lines, err := logs.Group{API: c.Logs, Name: found.LogGroup}.Since(ctx, found.Modified, maxFunctionLog)
			for _, line := range lines {
				t.Function.Log = append(t.Function.Log, c.Log.Clean(line))
			}
			t.Stuck = t.Function.NeverStarts()
			return t, err
		},
	}
}

// maxFunctionLog is how many events of a function's log are read. The first ones matter.
const maxFunctionLog = 100

// watchInterval is how often functions are checked while their URL does not answer.
const watchInterval = 10 * time.Second

// ask requests the stack's URL until it answers well. Code that Lambda cannot start is only seen when a
// request comes; ask then ends early, because more requests do not change that.
func (c Clients) ask(ctx context.Context, found workloads, expect probe.Expect, want Want) error {
	ctx, cancel := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if name := neverStarts(ctx, found.functions); name != "" {
			cancel(fmt.Errorf("function %s does not start: %w", name, errNotReady))
		}
	}()
	err := expect.Wait(ctx, c.HTTP, address(want.URL, want.Path), c.Log.Line)
	cancel(nil)
	<-watched
	return err
}

// neverStarts returns the first function whose code does not start, and "" when ctx is done.
func neverStarts(ctx context.Context, functions []Workload) (logicalID string) {
	if len(functions) == 0 {
		return ""
	}
	for round := range poll.Every(ctx, watchInterval) {
		for _, f := range functions {
			if round == 0 {
				break // the first request was not made yet
			}
			if trouble, err := f.Trouble(ctx); err == nil && trouble.Stuck {
				return f.LogicalID
			}
		}
	}
	return ""
}

// otherImageHint is what to check if no function runs the image of the job.
const otherImageHint = "give the template's function the parameter ImageUri; if requests reach it by an alias, " +
	"let each commit publish a version: AWS::Lambda::Version with Description: !Ref Commit"

// runsImage reports whether a service or a function runs the wanted image.
func (s Seen) runsImage(want Want) bool {
	return s.Running.Runs(want.Image, want.Digest) || s.functionRuns(want)
}

// functionRuns reports whether a function runs the image: in a stack with aliases, one of these, because
// others may be called by their version, while nothing calls the newest code.
func (s Seen) functionRuns(want Want) bool {
	called := s.Functions
	if len(s.Aliases) > 0 {
		called = s.Aliases
	}
	for _, f := range called {
		if f.Runs(want.Image, want.Digest) {
			return true
		}
	}
	return false
}

// explainFunctions explains why the URL of a stack with functions does not answer. It returns nil if nothing
// is known.
func (c Clients) explainFunctions(ctx context.Context, found workloads, facts diagnosis.Facts, notReady error) error {
	for _, f := range found.functions {
		trouble, err := f.Trouble(ctx)
		if err != nil {
			continue
		}
		facts.Resource = diagnosis.Resource{LogicalID: f.LogicalID, Type: f.Type}
		facts.Function = trouble.Function
		facts.Function.Uncalled = len(found.apis) > 0 && len(trouble.Function.Log) == 0 &&
			strings.Contains(notReady.Error(), "500 Internal Server Error")
		if diagnosis.Knows(facts) {
			return &Diagnosed{Finding: diagnosis.Explain(facts), Cause: notReady}
		}
	}
	return nil
}
