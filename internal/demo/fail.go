package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"pr-stack/internal/fake/aws/scenario"
)

// list prints the cases that -fail accepts.
func list(out io.Writer) {
	for _, m := range scenario.All {
		fmt.Fprintf(out, "  %-20s %s\n", m.Name, m.About)
	}
}

// failure runs a deployment that goes wrong, and shows how the action reports the failure.
func (d *demo) failure(ctx context.Context, name string) error {
	scenario, _ := scenario.Find(name)
	if err := d.bootstrap(ctx); err != nil {
		return err
	}
	d.title("Pull request 7 is opened, and " + scenario.About)
	d.GitHub.Open(7, firstCommit)
	d.SetBehavior(scenario.Container)
	if scenario.Apply != nil {
		scenario.Apply(d.AWS, service+"-pr-7")
	}
	inputs, err := d.app.inputs(ctx, firstCommit)
	if err != nil {
		return err
	}
	failed, err := d.pullRequestStep(ctx, "opened", firstCommit, inputs...)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err == nil:
		return fmt.Errorf("-fail=%s: the action succeeded", name)
	case !errors.Is(err, errStep) || failed.Summary() == "":
		return err
	}
	d.title("Its job summary")
	for line := range strings.Lines(failed.Summary()) {
		fmt.Fprint(d.out, "  "+line)
	}
	d.comment()
	return nil
}
