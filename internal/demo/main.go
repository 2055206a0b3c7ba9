// Command demo shows the main use of pr-stack on an AWS account in memory: a base stack, a pull
// request that is opened, a new commit, and the close. The action runs as it does on GitHub, and its
// log is shown as GitHub shows it. Only AWS and GitHub are fakes, and this AWS is much faster. The
// load balancer really listens, and the program in the pushed image answers.
//
// With -fail=CASE one deployment goes wrong instead, to show how the action reports a failure;
// -fail=list names the cases.
//
// With -ingress=shared the environment has a host name on a load balancer of the base stack.
//
// With a Docker daemon the action builds the image from testdata/hello-world-app. Without a daemon
// the demo prepares an image by other means and passes it to the action in the input image.
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
	scale := flag.Float64("scale", 0, "AWS's durations are multiplied by this; 0.03 if not set, and 0.1 with -fail, so that there is time to read what is taken away")
	dir := flag.String("out", "", "folder for each step's job summary and the comment on the pull request, as Markdown; a new one if not set")
	ingress := flag.String("ingress", "dedicated", "how requests reach the environment: dedicated or shared")
	fail := flag.String("fail", "", "have one deployment go wrong in this way; list names them")
	flag.Parse()
	if *fail == "list" {
		list(os.Stdout)
		return
	}

	if *scale == 0 {
		*scale = 0.03
		if *fail != "" {
			*scale = 0.1
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, options{scale: *scale, keep: *keep, fail: *fail, out: *dir, ingress: *ingress})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
