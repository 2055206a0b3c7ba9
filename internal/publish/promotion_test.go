package publish_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pr-stack/internal/environment"
	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/publish"
	"pr-stack/internal/release"
	"pr-stack/internal/report"
)

// promoter returns the publisher of the next run that is about production.
func (w *world) promoter() *publish.Publisher {
	p := w.publisher(anotherCommit)
	p.Run.Environment = environment.Permanent("hello-world", "production")
	return p
}

var live = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// of returns the generation of that number, from pull request 6 or, if it is 5, from 7.
func of(number int) release.Generation {
	g := release.Generation{Number: number, Stack: "hello-world-production", Commit: oneCommit, PullRequest: 6, Previous: number - 1}
	if number == 5 {
		g.PullRequest, g.Commit = 7, anotherCommit
	}
	g.Since = live.Add(time.Duration(number) * time.Hour)
	return g
}

// moved returns the result of a run that shifted production from one generation to another.
func moved(p *publish.Publisher, from, to int, change func(*report.Promotion)) *report.Promotion {
	r := &report.Promotion{Run: p.Run, By: release.Listener, From: of(from), To: of(to), Live: of(to), URL: "https://www.example.com"}
	r.Ending, r.Status = report.Up, report.Promoted
	if r.Back = to < from; r.Back {
		r.Status, r.Live.Since = report.RolledBack, live.Add(9*time.Hour)
		r.Locked = &release.Locked{Reason: "it was rolled back"}
	}
	if change != nil {
		change(r)
	}
	return r
}

func (w *world) moves(from, to int, change func(*report.Promotion)) {
	w.Helper()
	p := w.promoter()
	p.Promoting(w.Context(), of(to).Commit)
	p.Finish(w.Context(), moved(p, from, to, change))
}

func wentBack(r *report.Promotion) {
	r.Ending, r.Status, r.Live, r.Seconds = report.Failed, "", r.From, 2
	r.Failure = &report.Failure{Summary: "too many errors", Log: []string{"a line of its log"}}
}

// wantProduction fails the test unless the newest comment about production on a pull request has this
// heading, and there is one.
func (w *world) wantProduction(number int, heading string) {
	w.Helper()
	var found []string
	for _, comment := range w.github.Comments(number) {
		if strings.HasPrefix(comment, report.Marker(environment.Permanent("hello-world", "production"))) {
			found = append(found, comment)
		}
	}
	switch {
	case heading == "" && len(found) == 0:
	case len(found) != 1 || heading == "" || !strings.Contains(found[0], "\n### "+heading+"\n"):
		w.Errorf("pull request %d has the comments %q, want one headed %q", number, found, heading)
	}
}

// Production has a second comment beside that of the preview. It is edited when another generation is live.
func TestPromotion_says_on_the_pull_requests_what_is_live(t *testing.T) {
	inWorld(t, func(w *world) {
		w.github.Open(6, oneCommit)
		w.deploys(oneCommit, report.Up, nil)
		w.moves(3, 4, nil)
		w.wantProduction(6, "🚀 Live in production")
		w.moves(4, 5, nil)
		w.wantProduction(7, "🚀 Live in production")
		w.wantProduction(6, "🕑 No longer live in production")
		w.moves(5, 4, nil)
		w.wantProduction(7, "↩️ Rolled back: no longer live in production")
		w.wantProduction(6, "🚀 Live in production again")
		if got := w.github.Comments(7); len(got) != 2 || !strings.Contains(got[0], "Preview is ready") ||
			!strings.Contains(got[1], "was live from 2026-11-24 17:00 to 21:00 UTC") {
			w.Errorf("comments = %q, want that of the preview and that of production", got)
		}
		if w.out.Len() > 0 {
			w.Errorf("the log is not empty:\n%s", w.out)
		}
	})
}

func TestPromotion_that_did_not_succeed(t *testing.T) {
	unknown := func(r *report.Promotion) { wentBack(r); r.Live = release.Generation{} }
	for name, test := range map[string]struct {
		from, to int
		change   func(*report.Promotion)
		six      string // heading of the comment on pull request 6, whose generation is 4
		seven    string // and on 7, whose generation is 5
	}{
		"went back":        {4, 5, wentBack, "🚀 Live in production", "❌ `89abcde` did not stay in production: it was rolled back"},
		"unknown":          {4, 5, unknown, "🚀 Live in production", "❌ `89abcde` could not be promoted, and it is not known what is live"},
		"changed nothing":  {4, 5, func(r *report.Promotion) { wentBack(r); r.Untouched, r.Seconds = true, 0 }, "🚀 Live in production", ""},
		"skipped":          {4, 5, func(r *report.Promotion) { wentBack(r); r.Ending = report.Skipped }, "🚀 Live in production", ""},
		"already live":     {5, 5, func(r *report.Promotion) { r.Status = report.Unchanged }, "🚀 Live in production", ""},
		"live, then broke": {4, 5, func(r *report.Promotion) { wentBack(r); r.Live = r.To }, "🕑 No longer live in production", "🚀 Live in production"},
		"not rolled back":  {4, 3, wentBack, "🚀 Live in production", ""},
		"rollback, unknown": {
			5, 4, unknown, "🚀 Live in production", "❌ Production could not be rolled back, and it is not known what is live",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.github.Open(6, oneCommit)
				w.moves(3, 4, nil)
				w.moves(test.from, test.to, test.change)
				w.wantProduction(6, test.six)
				w.wantProduction(7, test.seven)
			})
		})
	}
}

func TestPromotion_comments_only_as_it_may(t *testing.T) {
	for name, test := range map[string]struct {
		when   publish.When
		change func(*report.Promotion)
		want   string
	}{
		"never":               {publish.Never, wentBack, ""},
		"on failure, success": {publish.OnFailure, nil, ""},
		"on failure, failure": {publish.OnFailure, wentBack, "❌ `89abcde` did not stay in production: it was rolled back"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				p := w.promoter()
				p.Comment = test.when
				p.Finish(w.Context(), moved(p, 4, 5, test.change))
				w.wantProduction(7, test.want)
				if got := strings.Join(w.github.Comments(7), ""); strings.Contains(got, "a line of its log") {
					w.Errorf("the comment quotes the log:\n%s", got)
				}
			})
		})
	}
}

// GitHub's environment shows the commit that production runs: a failed promotion leaves the one before
// active, and a rollback is a deployment of the older commit.
func TestPromotion_is_a_deployment_of_production(t *testing.T) {
	inWorld(t, func(w *world) {
		w.moves(3, 4, nil)
		w.moves(4, 5, wentBack)
		w.wantProductionStatuses("queued in_progress success", "queued in_progress failure")
		w.moves(4, 5, nil)
		w.moves(5, 4, func(r *report.Promotion) { r.Ending, r.Failure = report.Failed, &report.Failure{Message: "the ledger"} })
		w.wantProductionStatuses("queued in_progress success inactive", "queued in_progress failure",
			"queued in_progress success inactive", "queued in_progress success")
		list := w.github.Deployments("hello-world-production")
		if d := list[3]; !d.Production || d.Transient || d.Ref != oneCommit || d.Statuses[2].URL != "https://www.example.com" {
			w.Errorf("the rollback's deployment = %+v", d)
		}
		w.moves(4, 5, func(r *report.Promotion) { r.Ending = report.Skipped })
		if last := w.github.Deployments("hello-world-production")[4].Statuses; last[len(last)-1].State != "inactive" {
			w.Errorf("a skipped run's deployment = %+v", last)
		}
		w.moves(4, 5, func(r *report.Promotion) { wentBack(r); r.Ending = report.Interrupted })
		if last := w.github.Deployments("hello-world-production")[5].Statuses; last[len(last)-1].State != "error" {
			w.Errorf("a cancelled run's deployment = %+v", last)
		}
	})
}

func (w *world) wantProductionStatuses(want ...string) {
	w.Helper()
	var got []string
	for _, d := range w.github.Deployments("hello-world-production") {
		var states []string
		for _, s := range d.Statuses {
			states = append(states, s.State)
		}
		got = append(got, strings.Join(states, " "))
	}
	if !slices.Equal(got, want) {
		w.Errorf("deployments had the statuses %q, want %q", got, want)
	}
}

func TestPromoting_without_deployments(t *testing.T) {
	inWorld(t, func(w *world) {
		w.github.Inject(fakegithub.Fault{Status: 500})
		p := w.promoter()
		p.Deployments = publish.Off
		p.Promoting(w.Context(), oneCommit)
		p.Deployments, p.GitHub = publish.Each, nil
		p.Promoting(w.Context(), oneCommit)
		if calls := w.github.Calls(); len(calls) > 0 {
			w.Errorf("GitHub was called: %v", calls)
		}
	})
}

func TestLocal_of_production(t *testing.T) {
	locked := &report.Promotion{Locked: &release.Locked{Since: live, By: "https://ci/1", Reason: "generation 5 was rolled back"}}
	locked.Environment, locked.Ending = environment.Permanent("hello", "production"), report.Skipped
	broken := moved(&publish.Publisher{Run: report.Run{Environment: locked.Environment}}, 4, 5, wentBack)
	overview := &report.Overview{Environments: []report.Placed{{Environment: "pr-7", State: "ready"}}}
	overview.Environment, overview.Ending = environment.Environment{Service: "hello"}, report.Up
	alone := *overview
	alone.AsJSON = true
	for name, test := range map[string]struct {
		result report.Result
		log    []string
	}{
		"locked": {locked, []string{"::notice title=skipped::Production is locked since 2026-11-24 12:00 UTC", "https://ci/1", "run promote by hand"}},
		"failed": {broken, []string{"Failed. Generation 4 (0123456) got all requests again, 2.0s after", "::error"}},
		"status": {overview, []string{"Environment  State", "pr-7         ready", "Environments of hello: 1."}},
	} {
		log, _, _ := local(t, test.result)
		for _, want := range test.log {
			if !strings.Contains(log, want) {
				t.Errorf("%s: the log has no %q:\n%s", name, want, log)
			}
		}
	}
	log, outputs, _ := local(t, &alone)
	if want := alone.JSON() + "\n"; log != want || !strings.Contains(outputs, alone.JSON()) {
		t.Errorf("the log is %q, want %q alone", log, want)
	}
}

// GitHub drops an output that holds a secret, and of JSON it would drop everything.
func TestLocal_keeps_the_environments_if_the_account_is_masked(t *testing.T) {
	o := &report.Overview{Production: &report.Served{URL: siteURL, Generations: []release.Generation{
		{Number: 1, Stack: "hello-pr-7", StackID: "arn:aws:cloudformation:eu-north-1:123456789012:stack/hello-pr-7/6f0a"},
	}}}
	o.Ending = report.Up
	_, outputs, _ := local(t, o, "123456789012")
	if strings.Contains(outputs, "123456789012") || !strings.Contains(outputs, `"stack":"hello-pr-7"`) {
		t.Errorf("the outputs are:\n%s", outputs)
	}
}
