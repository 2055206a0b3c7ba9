package process

import (
	"context"

	fakeaws "pr-stack/internal/fake/aws"
)

// Task runs the program of an image once, with a command as its arguments if there is one. The container
// ends with the program, whose exit code and last lines on its standard error are those of the container.
func (r *Runner) Task(image string, command []string, env map[string]string) fakeaws.Container {
	p := r.run(image, command, func(context.Context, *process) ([]string, error) { return variables(env), nil })
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
