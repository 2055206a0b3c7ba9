package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/actiontest"
	"pr-stack/internal/timeline"
)

// productionURL is where users find production.
const productionURL = "https://production." + domain

// change is a pull request that is merged.
type change struct {
	number       int
	head, merged string // commits
}

var (
	first  = change{7, firstCommit, "a7d1c9e05b3f42688e6f10c2b4d5a39786c1e2f0"}
	second = change{8, secondCommit, "b8e2daf16c4053799f7021d3c5e6b4a897d2f301"}
	broken = change{9, thirdCommit, "c9f3eb027d51648aa08132e4d6f7c5b9a8e30412"}
	late   = change{10, "3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60", "da04fc138e62759bb19243f5e708d6cab9f41523"}
)

// production is the story of what users get.
type production struct {
	*demo
	way   way
	by    string
	crowd *crowd
	bad   tally         // of the bad release, as users met it
	back  time.Duration // from the start of the rollback until all answers were those of before
}

// production plays the story.
func (d *demo) production(ctx context.Context, by string, began time.Time) error {
	p := &production{demo: d, way: ways[by], by: by}
	d.entry = p.way.entry
	if !d.app.build {
		d.Docker, d.app.build = d.app.withoutDocker, true
	}
	for _, part := range []func(context.Context) error{
		p.begin, p.firstGeneration, p.secondGeneration, p.badRelease, p.rollback, p.laterMerge, p.status, p.check,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	fmt.Fprintf(d.out, "\nDone in %s, by %s: %s\n", timeline.Duration(time.Since(began)), by, p.sentence())
	return nil
}

func (p *production) begin(ctx context.Context) error {
	p.title("A person creates the base stack, once: bootstrap with promote-by: " + p.by)
	p.AddZone()
	event := actiontest.Event{Name: "workflow_dispatch", Payload: []byte("{}")}
	inputs := slices.Concat(p.entry.inputs(), p.way.bootstrap, []string{"INPUT_COMMAND=bootstrap", "INPUT_PROMOTE-BY=" + p.by})
	_, err := p.play(ctx, p.page(p.out, "Create stack", "The workflow"), event, "", inputs...)
	return err
}

// firstGeneration promotes a pull request when production has none yet.
func (p *production) firstGeneration(ctx context.Context) error {
	if err := p.deployed(ctx, first); err != nil {
		return err
	}
	p.title("Pull request 7 is merged and promoted: it is the first generation of production")
	run, err := p.promoted(ctx, p.page(p.out), first, 0)
	if err != nil {
		return err
	}
	if err := want(run, map[string]string{"status": "promoted", "generation": "1", "url": productionURL}); err != nil {
		return err
	}
	return p.request(ctx, productionURL, first.head)
}

// secondGeneration promotes the next one step by step, while users request production, and while the pull
// request's own close event comes.
func (p *production) secondGeneration(ctx context.Context) error {
	if err := p.deployed(ctx, second); err != nil {
		return err
	}
	p.title(fmt.Sprintf("%d visitors request %s every second from now on", visitorsAtOnce, productionURL))
	p.crowd = p.visit(productionURL)
	p.title("Pull request 8 is merged and promoted, step by step; its close event comes meanwhile")
	var shares []string
	var wrong error
	closing := make(chan error, 1)
	var closed bytes.Buffer
	w := &watch{
		began: func(percent int) {
			if percent == p.way.steps[len(p.way.steps)-2] {
				go func() { closing <- p.closed(ctx, &closed, second) }()
			}
		},
		ended: func(percent int, began time.Time) {
			share, err := p.measure(percent, began, second)
			shares, wrong = append(shares, share), errors.Join(wrong, err)
			fmt.Fprintln(p.out, "  ● "+share)
		},
	}
	run, err := p.promoted(ctx, also{p.page(p.out), w}, second, 0)
	if err != nil {
		return errors.Join(err, wrong)
	}
	select {
	case err = <-closing:
	default:
		err = errors.New("the close event was not over before the promotion")
	}
	fmt.Fprint(p.out, "  The close event of pull request 8, which came at ", p.way.steps[len(p.way.steps)-2], " %, deleted nothing:\n", closed.String())
	if err = errors.Join(err, wrong, want(run, map[string]string{"status": "promoted", "generation": "2"})); err != nil {
		return err
	}
	if len(shares) != len(p.way.steps) {
		return fmt.Errorf("there were %d steps, want %d", len(shares), len(p.way.steps))
	}
	p.commentOn(8)
	return p.request(ctx, productionURL, second.head)
}

// also is a log that a watch reads as well.
type also struct {
	io.WriteCloser
	watch *watch
}

func (a also) Write(text []byte) (int, error) {
	n, err := a.WriteCloser.Write(text)
	a.watch.take(text)
	return n, err
}

// scaled is how long a duration of AWS takes here.
func (p *production) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * p.scale)
}

// measure says who answered the visitors in a step, from when all of them followed it until now. Its error is
// that this is not what the step should give.
func (p *production) measure(percent int, began time.Time, c change) (string, error) {
	from := began.Add(p.scaled(p.way.follow)).Add(100 * time.Millisecond)
	t := count(p.crowd.between(from, time.Now()), c.head)
	failed := "none failed"
	if t.failed > 0 {
		failed = fmt.Sprintf("%d FAILED", t.failed)
	}
	share := fmt.Sprintf("Visitors at %d %%: pull request %d answered %.1f %% of %d requests, and %s.", percent, c.number, t.percent(), t.requests, failed)
	near := math.Abs(t.percent()-float64(percent)) <= 3
	if percent == 100 {
		near = t.of == t.requests
	}
	if !near || t.failed > 0 || t.requests < 2*visitorsAtOnce {
		return share, fmt.Errorf("in the step of %d %%: %s", percent, share)
	}
	return share, nil
}

// deployed opens a pull request whose environment is deployed.
func (p *production) deployed(ctx context.Context, c change) error {
	p.title(fmt.Sprintf("Pull request %d is opened", c.number))
	p.GitHub.Open(c.number, c.head)
	event, err := c.event("opened")
	if err != nil {
		return err
	}
	inputs, err := p.app.inputs(ctx, c.head)
	if err != nil {
		return err
	}
	run, err := p.play(ctx, p.page(p.out, "Build and push", "Deploy stack"), event, c.head, p.inputs(inputs...)...)
	if err != nil {
		return err
	}
	return want(run, map[string]string{"status": "created"})
}

// promoted merges a pull request, and promotes what was merged as the workflow for the default branch does.
func (p *production) promoted(ctx context.Context, log io.WriteCloser, c change, minRequests int) (*actiontest.Run, error) {
	p.GitHub.Merge(c.number, "squash", c.merged)
	event, err := actiontest.ReadEvent("push", "")
	if err != nil {
		return nil, err
	}
	return p.play(ctx, log, event, c.merged, p.inputs(slices.Concat(p.way.promote, []string{
		"INPUT_COMMAND=promote", "GITHUB_SHA=" + c.merged, "GITHUB_REF_NAME=main", fmt.Sprint("INPUT_MIN-REQUESTS=", minRequests),
	})...)...)
}

// closed runs the action for the close event of a merged pull request. Its log goes to out.
func (p *production) closed(ctx context.Context, out io.Writer, c change) error {
	event, err := c.event("closed-merged")
	if err != nil {
		return err
	}
	run, err := p.play(ctx, p.page(out), event, c.head, p.inputs()...)
	if err != nil {
		return err
	}
	return want(run, map[string]string{"status": "skipped"})
}

// inputs are those of every step, and more.
func (p *production) inputs(more ...string) []string {
	return slices.Concat(p.entry.template(), []string{"INPUT_HEALTH-CHECK-PATH=/healthz"}, more)
}

// event returns an event of the pull request.
func (c change) event(action string) (actiontest.Event, error) {
	event, err := actiontest.ReadEvent("pull_request."+action, c.head)
	if err != nil {
		return event, err
	}
	return event.Edit(func(fields map[string]any) {
		pull := fields["pull_request"].(map[string]any)
		fields["number"], pull["number"] = c.number, c.number
		pull["html_url"] = strings.Replace(pull["html_url"].(string), "/7", fmt.Sprint("/", c.number), 1)
	})
}

// want returns an error unless the run has these outputs.
func want(run *actiontest.Run, outputs map[string]string) (err error) {
	for name, value := range outputs {
		if got := run.Output(name); got != value {
			err = errors.Join(err, fmt.Errorf("output %s is %q, want %q", name, got, value))
		}
	}
	return err
}
