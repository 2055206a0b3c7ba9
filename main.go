// Command pr-stack gives every pull request a dedicated environment in the user's AWS account.
// The first argument names the command, and every input of action.yml is also a flag; on GitHub
// both come from the environment.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"pr-stack/internal/command"
)

func main() {
	// The runner sends SIGINT, then SIGTERM 7.5 s later, to a job that is cancelled.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	process := command.Process{Args: os.Args[1:], Environ: os.Environ(), Stdout: os.Stdout}
	if isTerminal(os.Stdin) && isTerminal(os.Stdout) {
		process.Terminal = os.Stdin
	}
	code := command.Main(ctx, process)
	stop()
	os.Exit(code)
}

// isTerminal reports whether a person may be at the other end. The null device looks like one otherwise.
func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
