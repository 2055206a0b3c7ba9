// Package ledger keeps the ledger of production's generations in the Parameter Store, and the lock with
// which one run at a time works on production. Package release says what a ledger means. Who may go on
// without a lock is for the caller to decide.
package ledger

import (
	"context"
	"errors"
	"fmt"

	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"

	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
	"pr-stack/internal/poll"
	"pr-stack/internal/release"
	"pr-stack/internal/ssm"
)

// Name returns the name of the parameter that holds something of the environment of that name: ledger, lock or
// stop.
// The policies of the roles name it as well.
func Name(service, name, what string) string {
	return environment.ParameterPath(service, name) + "/" + what
}

// Book is the ledger of one environment, and the lock on it. All fields but Over must be set.
type Book struct {
	API                  *awsssm.Client
	Service, Environment string
	Run                  Run // that reads and writes
	// Over reports whether a run of GitHub Actions is over. It is nil if GitHub cannot be asked.
	Over func(ctx context.Context, r Run) (bool, error)
}

func (b Book) parameter(what string) ssm.Parameter {
	return ssm.Parameter{API: b.API, Name: Name(b.Service, b.Environment, what)}
}

// Read returns the ledger. It is the zero Ledger if nothing was promoted yet.
func (b Book) Read(ctx context.Context) (release.Ledger, error) {
	p := b.parameter("ledger")
	text, _, _, err := p.Read(ctx)
	if err != nil {
		return release.Ledger{}, err
	}
	l, err := release.Parse(text)
	if err != nil {
		return release.Ledger{}, &hint.Error{
			Message: fmt.Sprintf("read parameter %s: %s", p.Name, err),
			Hint:    "look at the parameter's history in the Systems Manager console, and put the last good value back",
			Cause:   err,
		}
	}
	return l, nil
}

// ReadLast is Read for a run that has just taken the lock. If the ledger says that a run is at work, which
// must be over then, it is read again after a time: what was read first may be older than what that run has
// written last.
func (b Book) ReadLast(ctx context.Context) (release.Ledger, error) {
	l, err := b.Read(ctx)
	if err != nil || l.Candidate == 0 && l.Goal == 0 {
		return l, err
	}
	if err := poll.Pause(ctx, readDelay); err != nil {
		return l, err
	}
	return b.Read(ctx)
}

// Write replaces the ledger. Only the run that has the lock may do so: the Parameter Store has no
// compare-and-swap.
func (b Book) Write(ctx context.Context, l release.Ledger) error {
	_, err := b.parameter("ledger").Write(ctx, l.String())
	return err
}

// Stop asks the run that has the lock to give all requests back to the generation before.
func (b Book) Stop(ctx context.Context) error {
	_, err := b.parameter("stop").Write(ctx, b.Run.String())
	return err
}

// Stopped returns the run that asks for the requests to go back, or the zero Run.
func (b Book) Stopped(ctx context.Context) (Run, error) {
	text, _, _, err := b.parameter("stop").Read(ctx)
	if err != nil || text == "" {
		return Run{}, err
	}
	return parse(text), nil
}

// ForgetStop deletes the request of Stop, which was for an earlier run or was carried out.
func (b Book) ForgetStop(ctx context.Context) error { return b.parameter("stop").Delete(ctx) }

// ErrHeld means that another run has the lock.
var ErrHeld = errors.New("another run has the lock")
