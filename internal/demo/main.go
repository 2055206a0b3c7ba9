// Command demo plays the main job on an AWS account in memory: a base stack, a pull request that is opened, a new commit,
// and the close. The action runs as it does on GitHub, and its log is shown as GitHub shows it; only AWS is a fake, at a
// fraction of its durations. The load balancer really listens, and what answers is the program in the pushed image.
//
// With a Docker daemon the image is built from testdata/hello-world-app; without one an image is prepared by other means
// and handed to the action by its input image.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	keep := flag.Bool("keep", false, "leave the environment up, until interrupted, before the pull request is closed")
	scale := flag.Float64("scale", 0.03, "AWS's durations are multiplied by this")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := demo(ctx, os.Stdout, *scale, *keep)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
