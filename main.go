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
	code := command.Main(ctx, command.Process{Args: os.Args[1:], Environ: os.Environ(), Stdout: os.Stdout})
	stop()
	os.Exit(code)
}
