package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/actiontest"
	"pr-stack/internal/timeline"
)

// badRelease promotes code that is healthy, and whose answers to users are errors.
func (p *production) badRelease(ctx context.Context) error {
	err := p.app.replaceCode(ctx, `fmt.Fprintf(w, "Hello`, `w.WriteHeader(http.StatusInternalServerError); fmt.Fprintf(w, "No hello`)
	if err == nil {
		err = p.deployed(ctx, broken)
	}
	if err = errors.Join(err, p.app.replaceCode(ctx, "", "")); err != nil {
		return err
	}
	p.title("Pull request 9 is merged and promoted. It is healthy, but answers 500 to users. CloudWatch counts them by the minute, so this takes one")
	began := time.Now()
	w := &watch{
		began: func(int) {},
		ended: func(percent int, _ time.Time) {
			t := count(p.crowd.between(began, time.Now()), broken.head)
			fmt.Fprintf(p.out, "  ● Visitors at %d %%: %.1f %% of %d requests got the bad release.\n", percent, t.percent(), t.requests)
		},
	}
	_, err = p.promoted(ctx, also{p.page(p.out), w}, broken, 20)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err == nil:
		return errors.New("the bad release was promoted")
	case !errors.Is(err, errStep):
		return err
	}
	<-time.After(p.scaled(p.way.follow) + time.Second)
	p.bad = count(p.crowd.between(began, time.Now()), broken.head)
	if p.bad.of == 0 || p.bad.percent() > 8 || p.bad.failedElsewhere > 0 {
		return fmt.Errorf("of %d requests, %d got the bad release, and %d others failed", p.bad.requests, p.bad.of, p.bad.failedElsewhere)
	}
	fmt.Fprintf(p.out, "  ● Visitors: %d of %d requests (%.1f %%) got the bad release, and no other failed.\n", p.bad.of, p.bad.requests, p.bad.percent())
	return p.request(ctx, productionURL, second.head)
}

// rollback is what a person does who does not like generation 2 any more.
func (p *production) rollback(ctx context.Context) error {
	p.title("A person rolls production back to the generation before")
	event := actiontest.Event{Name: "workflow_dispatch", Payload: []byte("{}")}
	began := time.Now()
	run, err := p.play(ctx, p.page(p.out), event, "", p.inputs("INPUT_COMMAND=rollback")...)
	if err != nil {
		return err
	}
	if err := want(run, map[string]string{"status": "rolled-back", "generation": "1"}); err != nil {
		return err
	}
	<-time.After(p.scaled(p.way.follow) + 2*time.Second)
	answers := p.crowd.between(began, time.Now())
	t := count(answers, first.head)
	for i, a := range answers {
		if !isOf(a, first.head) && i+1 < len(answers) {
			p.back = answers[i+1].At.Sub(began)
		}
	}
	fmt.Fprintf(p.out, "  ● Visitors: all answers are those of pull request 7 again, %s after the command began; %d of %d requests failed.\n",
		timeline.Duration(p.back), t.failed, t.requests)
	if t.failed > 0 || t.of == 0 || p.back == 0 {
		return fmt.Errorf("%d requests failed while production was rolled back", t.failed)
	}
	return p.request(ctx, productionURL, first.head)
}

// laterMerge shows that production is locked.
func (p *production) laterMerge(ctx context.Context) error {
	p.title("Pull request 10 is merged. Production is locked")
	p.GitHub.Open(late.number, late.head)
	run, err := p.promoted(ctx, p.page(p.out), late, 20)
	if err != nil {
		return err
	}
	return want(run, map[string]string{"status": "skipped"})
}

func (p *production) status(ctx context.Context) error {
	p.title("What runs now: command status")
	event := actiontest.Event{Name: "workflow_dispatch", Payload: []byte("{}")}
	run, err := p.play(ctx, p.page(p.out), event, "", "INPUT_COMMAND=status")
	if err != nil {
		return err
	}
	var found struct {
		Production struct {
			Stable, Candidate int
			Locked            *struct{ Reason string }
		}
	}
	err = json.Unmarshal([]byte(run.Output("environments")), &found)
	if is := found.Production; err != nil || is.Stable != 1 || is.Candidate != 0 || is.Locked == nil {
		return fmt.Errorf("production is not at generation 1, locked: %s", run.Output("environments"))
	}
	return nil
}

// check returns an error if anything is not as it should be at the end.
func (p *production) check(ctx context.Context) error {
	p.crowd.leave()
	t := count(p.crowd.between(time.Time{}, time.Now()), broken.head)
	if t.failedElsewhere > 0 {
		return fmt.Errorf("%d requests failed that did not get the bad release", t.failedElsewhere)
	}
	for _, stack := range p.way.stacks {
		if _, err := p.Stack(ctx, stack); err != nil {
			return fmt.Errorf("stack %s must be there: %w", stack, err)
		}
	}
	fmt.Fprintf(p.out, "  Of %d requests in all, %d got the bad release, and no other failed.\n", t.requests, t.of)
	return nil
}

// sentence says what was shown.
func (p *production) sentence() string {
	var steps []string
	for _, percent := range p.way.steps {
		steps = append(steps, fmt.Sprintf("%d %%", percent))
	}
	return fmt.Sprintf("what was tested became production at %s of the requests; a bad release that %.1f %% of them got meanwhile "+
		"came back by itself; a rollback took %s on this faster AWS; and no other request failed.",
		strings.Join(steps, ", "), p.bad.percent(), timeline.Duration(p.back))
}
