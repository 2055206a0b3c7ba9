package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/fake/aws/scenario"
)

// list names the cases that -fail takes.
func list(out io.Writer) {
	for _, m := range scenario.All {
		fmt.Fprintf(out, "  %-20s %s\n", m.Name, m.About)
	}
}

// mishap plays a deployment that goes wrong. What the action says of it is what there is to look at.
func (p *play) mishap(ctx context.Context, name string) error {
	m, _ := scenario.Find(name)
	if err := p.bootstrap(ctx); err != nil {
		return err
	}
	p.title("Pull request 7 is opened, and " + m.About)
	p.github.Open(7, firstCommit)
	if m.Container != nil {
		p.account.misbehave(func() fakeaws.Container { return m.Container(fakeaws.Container{}) })
	}
	if m.Apply != nil {
		m.Apply(p.account.AWS, service+"-pr-7")
	}
	inputs, err := p.app.inputs(p.boundary["RepositoryName"], firstCommit)
	if err != nil {
		return err
	}
	failed, err := p.act(ctx, "pull_request", p.event("opened", firstCommit), inputs)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if failed.exitCode == 0 {
		return fmt.Errorf("-fail=%s: the action ended well", name)
	}
	if err != nil && failed.summary == "" {
		return err
	}
	p.title("Its job summary")
	for line := range strings.Lines(failed.summary) {
		fmt.Fprint(p.out, "  "+line)
	}
	p.comment()
	return nil
}
