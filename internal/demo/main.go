// Command demo shows the main use of pr-stack on an AWS account in memory: a base stack, a pull
// request that is opened, a new commit, one that fails, and the close. The action runs as it does on GitHub, and its
// log is shown as GitHub shows it. Only AWS and GitHub are fakes, and this AWS is much faster. The
// load balancer really listens, and the program in the pushed image answers.
//
// -ingress and -template choose how requests reach the environment, and what answers them.
//
// With -story=promote, pull requests become production and are taken back, while visitors request it all the
// time; -by says what is moved: the image, the requests that a listener gets, or a record.
//
// With -fail=CASE one deployment goes wrong instead, to show how the action reports a failure;
// -fail=list names the cases.
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
	story := flag.String("story", lifecycle, "what is played: lifecycle, of a pull request, or promote, from pull requests to production and back")
	by := flag.String("by", "digest", "with -story=promote, what a promotion moves: digest, listener or record")
	keep := flag.Bool("keep", false, "leave the environment up, until interrupted, before the pull request is closed")
	scale := flag.Float64("scale", 0, "AWS's durations are multiplied by this; 0.08 if not set, and 0.1 with -fail, so that there is time to read what is taken away, and with -story=promote")
	dir := flag.String("out", "", "folder for each step's job summary and the comment on the pull request, as Markdown; a new one if not set")
	fail := flag.String("fail", "", "have one deployment go wrong in this way; list names them")
	ingress := flag.String("ingress", "dedicated", "how requests reach the environment: dedicated, shared, api or none")
	architecture := flag.String("template", "fargate", "what answers them: fargate or lambda")
	flag.Parse()
	if *fail == "list" {
		list(os.Stdout)
		return
	}

	if *scale == 0 {
		*scale = 0.08
		if *fail != "" || *story == promote {
			*scale = 0.1
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, options{story: *story, by: *by, scale: *scale, keep: *keep, fail: *fail, out: *dir, entry: entry{*ingress, *architecture}})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
