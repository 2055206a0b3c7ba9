package command

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
	"pr-stack/internal/report"
	"pr-stack/internal/runner"
)

// showPlan logs what will be changed.
func showPlan(result *report.Bootstrap, log *runner.Log) {
	logPlan(result.Plan, log)
	switch {
	case len(result.Plan) == 0:
		log.Line("There is nothing to change.")
	case result.Idle != nil:
		log.Line("%s", result.Price())
	}
}

// agree reports whether to make the changes, because the input yes is set or a person agrees. It refuses
// to replace or delete what running environments use.
func agree(ctx context.Context, job config.Bootstrap, base plannedStack, result *report.Bootstrap, with bootstrapClients) (bool, error) {
	if err := refuseLoss(ctx, job, base.preview, with); err != nil {
		return false, err
	}
	if job.Yes {
		return true, nil
	}
	if with.terminal == nil {
		return false, hint.New("read the changes above, and run bootstrap again with --yes (in a workflow: with yes: true)",
			"bootstrap asks before it changes anything, and there is no terminal to answer at: nothing was changed")
	}
	question := "Make these changes?"
	if base.preview.New {
		question = "Create these?"
	}
	with.log.Prompt(question + " [y/N] ")
	answer, err := readLine(ctx, with)
	if err != nil || slices.Contains([]string{"y", "yes"}, strings.ToLower(answer)) {
		return err == nil, err
	}
	result.Ending, result.Status = report.Skipped, ""
	result.Reason = "nothing was changed: the answer was not yes"
	return false, nil
}

// readLine reads a person's answer. If nobody answers, the goroutine that reads ends with the process.
func readLine(ctx context.Context, with bootstrapClients) (string, error) {
	answered := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(with.terminal).ReadString('\n') // the end of the input is no
		answered <- strings.TrimSpace(line)
	}()
	select {
	case line := <-answered:
		return line, nil
	case <-ctx.Done():
		with.log.Line("\n") // ends the question
		return "", context.Cause(ctx)
	}
}

// refuseLoss refuses to replace or delete what running environments use. They get the base stack's outputs,
// so any of its resources may be in use.
func refuseLoss(ctx context.Context, job config.Bootstrap, p cfn.Preview, with bootstrapClients) error {
	var lost []string
	for _, c := range p.Changes {
		if action := actionOf(c); action != "create" && action != "change" && action != "leave" {
			lost = append(lost, fmt.Sprintf("%s (%s)", c.LogicalID, action))
		}
	}
	if len(lost) == 0 || job.AllowReplacement {
		return nil
	}
	running, err := environmentsOn(ctx, job.Service, p.Stack, with.stacks)
	if err != nil || len(running) == 0 {
		return err
	}
	return hint.New("leave out the inputs and parameters that cause this, delete these environments first, or set allow-replacement",
		"stack %s: this would take away what running environments use. Environments: %s. Lost: %s",
		p.Stack.Name, some(running), some(lost))
}

// environmentsOn returns the stacks of the environments on a base stack. One of another service is on it
// if it runs in its cluster.
func environmentsOn(ctx context.Context, service string, base cfn.Stack, stacks *cfn.Client) (names []string, err error) {
	for stack, err := range stacks.List(ctx) {
		if err != nil {
			return nil, err
		}
		e, ok := environment.FromTags(stack.Tags)
		cluster := base.Outputs["ClusterName"]
		if ok && !stack.Nested && (e.Service == service || cluster != "" && stack.Parameters["ClusterName"] == cluster) {
			names = append(names, stack.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// some names the first few, and says how many more there are.
func some(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
