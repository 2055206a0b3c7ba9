package ledger

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"pr-stack/internal/hint"
	"pr-stack/internal/poll"
	"pr-stack/internal/ssm"
)

// Run is who has the lock: an attempt of a run of GitHub Actions, or a process elsewhere.
type Run struct {
	ID      string    `json:"run,omitempty"`     // GitHub's number of the run; "" elsewhere
	Attempt string    `json:"attempt,omitempty"` // "" is the first
	URL     string    `json:"url,omitempty"`
	Process string    `json:"process"` // which is different for each process: a run may have several
	Since   time.Time `json:"since"`
}

// NewRun returns this process as a Run.
func NewRun(id, attempt, url string) Run {
	return Run{ID: id, Attempt: attempt, URL: url, Process: rand.Text(), Since: time.Now().UTC().Truncate(time.Second)}
}

// String returns the run as JSON.
func (r Run) String() string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // it has only values that JSON has
	}
	return string(text)
}

// Words returns the run for people: its URL, or since when it has the lock.
func (r Run) Words() string {
	if r.URL != "" {
		return r.URL + ", since " + r.Since.UTC().Format("2006-01-02 15:04 UTC")
	}
	return "a process outside GitHub, since " + r.Since.UTC().Format("2006-01-02 15:04 UTC")
}

// parse reads a run. A text that is none is a run of which nothing is known.
func parse(text string) (r Run) {
	_ = json.Unmarshal([]byte(text), &r)
	return r
}

// Lock takes the lock, also if the run that has it is over. Otherwise its error wraps ErrHeld and names
// that run. With force it takes the lock from any run.
func (b Book) Lock(ctx context.Context, force bool) (taken Run, err error) {
	lock := b.parameter("lock")
	err = lock.Create(ctx, b.Run.String())
	if !errors.Is(err, ssm.ErrExists) {
		return Run{}, err
	}
	text, _, found, err := lock.Read(ctx)
	holder := parse(text)
	switch {
	case err != nil:
		return Run{}, err
	case !found: // it was released meanwhile, or what was read is old
		if err = lock.Create(ctx, b.Run.String()); errors.Is(err, ssm.ErrExists) {
			err = held(lock.Name, holder, "it has only just taken the lock")
		}
		return Run{}, err
	case holder.Process == b.Run.Process: // the answer to the first call was lost
		return Run{}, nil
	case force:
		_, err = lock.Write(ctx, b.Run.String())
		return holder, err
	}
	over, why := b.isOver(ctx, holder)
	if !over {
		return holder, held(lock.Name, holder, why)
	}
	return holder, b.takeOver(ctx, lock, text, holder)
}

// LockWithin is Lock for a lock that is expected to be released: it tries for some time.
func (b Book) LockWithin(ctx context.Context, limit time.Duration) (taken Run, err error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err = ErrHeld
	for range poll.Every(limited, 2*time.Second) {
		before, locking := b.Lock(ctx, false)
		if !errors.Is(locking, ErrHeld) {
			return before, locking
		}
		err = locking
	}
	if ctx.Err() != nil {
		return Run{}, context.Cause(ctx)
	}
	return Run{}, err
}

// readDelay is longer than a read of the Parameter Store is older than what was written last.
const readDelay = 3 * time.Second

// takeOver takes the lock of a run that is over. Of several runs that see it at the same time, one succeeds:
// the one that creates a parameter with the name of the lock's holder. It looks at the lock once more, since
// another may have had its turn, and be done with it, and it waits before that: what was read may be old, and
// the lock may have another holder by now.
func (b Book) takeOver(ctx context.Context, lock ssm.Parameter, text string, holder Run) error {
	claim := b.parameter("claim-" + holder.Process)
	if err := b.claim(ctx, claim); err != nil {
		return err
	}
	err := poll.Pause(ctx, readDelay)
	if err == nil {
		err = b.replace(ctx, lock, text)
	}
	return errors.Join(err, claim.Delete(context.WithoutCancel(ctx)))
}

// claim creates the parameter that shows that this run is taking a lock over. A run that did that before may
// have ended without deleting it: then it is taken over in the same way.
func (b Book) claim(ctx context.Context, claim ssm.Parameter) error {
	err := claim.Create(ctx, b.Run.String())
	if !errors.Is(err, ssm.ErrExists) {
		return err
	}
	text, _, _, err := claim.Read(ctx)
	other := parse(text)
	if err != nil || other.Process == b.Run.Process { // the answer to the first call was lost
		return err
	}
	if over, _ := b.isOver(ctx, other); over {
		return b.takeOver(ctx, claim, text, other)
	}
	return held(claim.Name, other, "it is taking the lock over from a run that is over")
}

// replace takes a lock whose value is still that text, or that was released.
func (b Book) replace(ctx context.Context, lock ssm.Parameter, text string) error {
	now, _, found, err := lock.Read(ctx)
	switch {
	case err != nil:
		return err
	case !found:
		return lock.Create(ctx, b.Run.String())
	case now == text:
		_, err = lock.Write(ctx, b.Run.String())
		return err
	}
	return held(lock.Name, parse(now), "")
}

// isOver reports whether the run that has the lock is over, or why that is not known.
func (b Book) isOver(ctx context.Context, holder Run) (over bool, why string) {
	switch {
	case holder.ID == "":
		return false, "whether it is still at work cannot be asked"
	case b.Over == nil:
		return false, "without a token, GitHub cannot be asked whether it is over"
	}
	over, err := b.Over(ctx, holder)
	if err != nil {
		return false, "whether it is over could not be asked: " + err.Error()
	}
	return over, "GitHub says that it is at work"
}

func held(name string, holder Run, why string) error {
	message := "production is locked by another run: " + holder.Words()
	if why != "" {
		message += "; " + why
	}
	return &hint.Error{
		Message: message,
		Hint:    fmt.Sprintf("wait for that run, or stop it with command: rollback; if it is surely over, delete parameter %s or set force: true", name),
		Cause:   ErrHeld,
	}
}

// Unlock releases the lock if this run has it. If this run took it a moment ago, a read may not show that
// yet, so it looks again for as long as ctx lasts, but not for longer than that takes.
func (b Book) Unlock(ctx context.Context) error {
	lock := b.parameter("lock")
	limited, cancel := context.WithTimeout(ctx, readDelay)
	defer cancel()
	for n := range poll.Every(limited, 500*time.Millisecond) {
		text, _, found, err := lock.Read(ctx)
		if err != nil && n == 0 {
			return err
		}
		if found && parse(text).Process == b.Run.Process {
			return lock.Delete(ctx)
		}
	}
	return nil
}

// Holds reports whether this run still has the lock: another may have taken it with force.
func (b Book) Holds(ctx context.Context) (bool, error) {
	text, _, found, err := b.parameter("lock").Read(ctx)
	return found && parse(text).Process == b.Run.Process, err
}
