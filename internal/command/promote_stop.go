package command

import (
	"context"
	"errors"
	"fmt"

	"pr-stack/internal/release"
)

// begin records that requests are being shifted to a candidate. From now on, another run can ask for them to
// go back; a run that asked before meant an earlier promotion.
func (p *production) begin(ctx context.Context, candidate release.Generation) error {
	asked, err := p.with.book.Stopped(ctx)
	p.stopBefore = asked.Process
	return errors.Join(err, p.with.book.ForgetStop(ctx), p.write(ctx, p.ledger.Begin(p.result.By, candidate, p.RunURL)))
}

// stopRequested returns an error if another run asks for the requests to go back.
func (p *production) stopRequested(ctx context.Context) error {
	by, err := p.with.book.Stopped(ctx)
	if err == nil && by.Process != "" && by.Process != p.stopBefore {
		return fmt.Errorf("it was asked to go back by %s", by.Words())
	}
	return nil // what cannot be read is read again soon, and stopBefore is from before begin
}
