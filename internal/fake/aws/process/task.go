package process

import (
	"context"
	"os"

	fakeaws "pr-stack/internal/fake/aws"
)

// Task runs the program of an image once, with a command as its arguments if there is one. The container
// ends with the program, whose exit code and last lines on its standard error are those of the container.
func (r *Runner) Task(image string, command []string, env map[string]string) fakeaws.Container {
	ctx, stop := context.WithCancel(context.Background())
	p := &process{up: make(chan struct{}), gone: make(chan struct{}), stop: stop}
	r.add(p)
	go func() {
		defer close(p.gone)
		p.err = p.start(ctx, r.Pull, image, command, env)
		close(p.up)
		if p.err == nil {
			<-p.written          // Wait closes what it writes to
			_ = p.command.Wait() // its exit code is read from the process
		}
		_ = os.RemoveAll(p.dir)
	}()
	return fakeaws.Container{Ended: p.ended, Stop: func() { r.end(p) }}
}

// cannotRun is the exit code of a program that could not be started, as of a shell.
const cannotRun = 127

// ended reports whether the program has ended. It never waits: it is called with the account's lock held.
func (p *process) ended() (code int, log []string, over bool) {
	select {
	case <-p.gone:
	default:
		return 0, nil, false
	}
	if p.err != nil {
		return cannotRun, []string{p.err.Error()}, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.command.ProcessState.ExitCode(), p.lines, true
}
