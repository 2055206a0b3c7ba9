package command_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
	fakegithub "pr-stack/internal/fake/github"
)

const liveHost = "production.preview.example.com"

// productionSimulation plays a history of production in an env and collects what the action did wrong.
type productionSimulation struct {
	*env
	by       string // digest, canary, listener or record
	began    time.Time
	commits  int
	main     string // newest commit of the default branch
	pulls    map[int]*simulatedPull
	bad      sync.Map // digests of images that are not fine in production
	visitors *watch

	mu      sync.Mutex
	all     []*productionRun // oldest first
	wrong   []string
	states  []productionState // oldest first, as they changed
	byHand  time.Time         // when somebody last changed the weights by hand
	touched bool              // by hand, since a run has last restored them
	locked  time.Time         // when a rollback has ended after which nobody has promoted by hand; zero if none has
}

// simulatedPull is a pull request.
type simulatedPull struct {
	head   string
	open   bool
	merged string // the commit as which it was merged
}

// productionRun is a run and what the simulation knows of it.
type productionRun struct {
	run
	what         string
	began, ended time.Time
	production   bool // it is one that promotes or rolls back
	hand         bool // by hand
	lost         atomic.Bool
	over         atomic.Bool
}

func newProductionSimulation(t *testing.T, how []string) *productionSimulation {
	t.Helper()
	s := &productionSimulation{by: how[0], began: time.Now(), pulls: map[int]*simulatedPull{}}
	reads := 0
	staleness := func() time.Duration {
		reads++
		return time.Duration(reads*7%5) * 400 * time.Millisecond
	}
	options := fakeaws.Options{
		Scale: 0.1, Staleness: staleness, RuleStaleness: staleness, ParameterStaleness: staleness, ResolverTTL: time.Minute, Container: s.container,
	}
	base := []string{"INPUT_PROMOTE-BY=digest"}
	switch s.by {
	case "listener":
		base = []string{"INPUT_PROMOTE-BY=listener", "INPUT_PARAMETER-OVERRIDES=" + actiontest.SharedBase}
	case "record":
		base = []string{"INPUT_PROMOTE-BY=record", `INPUT_PARAMETER-OVERRIDES={"Domain": "preview.example.com", "HostedZoneId": "` + actiontest.ZoneID + `"}`}
	}
	s.env = newEnv(t, options, base...)
	s.Environ = []string{"INPUT_GITHUB-TOKEN=ghs_0123456789", "INPUT_HEALTH-CHECK-TIMEOUT=3m", "INPUT_ALARMS=errors", "INPUT_STEPS=10 50"}
	if len(how) > 1 {
		s.Environ = append(s.Environ, "INPUT_BAKE-TIME=1m", "INPUT_MIN-REQUESTS=5")
	} else {
		s.Environ = append(s.Environ, "INPUT_BAKE-TIME=20s", "INPUT_MIN-REQUESTS=0")
	}
	s.AWS.SetAlarm("errors", "OK")
	s.visitors = s.startWatch()
	return s
}

// container is how containers behave: one of a bad image fails where it is production.
func (s *productionSimulation) container(image string, environ map[string]string) fakeaws.Container {
	_, digest, _ := strings.Cut(image, "@")
	_, bad := s.bad.Load(digest)
	permanent := environ["PR_STACK_ENVIRONMENT"] == "production"
	return fakeaws.Container{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ofVisitor := !strings.HasPrefix(r.UserAgent(), "ELB-HealthChecker")
		if bad && ofVisitor && (permanent || r.Host == liveHost) {
			http.Error(w, "bad "+image, http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, image)
	})}
}

func (s *productionSimulation) move(words []string) {
	switch words[0] {
	case "open", "push", "close", "merge":
		s.pullMove(words)
	case "promote":
		s.promote(s.main, true)
	case "rollback", "sweep":
		s.command(words[0])
	case "kill", "interrupt":
		running := s.running()
		if n := number(words[1]); n <= len(running) {
			r := running[n-1]
			if words[0] == "interrupt" {
				r.Cancel()
				return
			}
			r.lost.Store(true)
			r.Kill()
		}
	case "weights":
		s.changeByHand(number(words[1]))
	case "alarm":
		s.AWS.SetAlarm("errors", words[1])
	case "day":
		s.settle()
		s.visitors.sleep(26 * time.Hour)
	case "calm":
		s.calm(words[1])
	default:
		s.awsMove(words)
	}
}

// pullMove is what a person does to a pull request.
func (s *productionSimulation) pullMove(words []string) {
	n := number(words[1])
	p := s.pulls[n]
	switch {
	case words[0] == "open" && p == nil:
		p = &simulatedPull{head: s.commit(len(words) > 2), open: true}
		s.pulls[n] = p
		s.GitHub.Open(n, p.head)
		s.pullRequest("opened", n, p)
	case p == nil || !p.open:
	case words[0] == "push":
		p.head = s.commit(len(words) > 2)
		s.GitHub.Push(n, p.head)
		s.pullRequest("synchronize", n, p)
	case words[0] == "close":
		p.open = false
		s.GitHub.Close(n, false)
		s.pullRequest("closed", n, p)
	case words[0] == "merge":
		s.merge(n, p, words[2])
	}
}

// merge merges a pull request: two runs begin, one for its close and one for the push.
func (s *productionSimulation) merge(n int, p *simulatedPull, method string) {
	_, bad := s.bad.Load(s.built(p.head))
	p.open, p.merged = false, s.commit(bad)
	if method == "other" {
		s.GitHub.SetTree(p.merged, "feed"+p.merged[4:])
		method = "queue"
	}
	s.GitHub.Merge(n, fakegithub.Method(method), p.merged)
	s.main = p.merged
	s.pullRequest("closed-merged", n, p)
	s.promote(p.merged, false)
}

// commit makes a commit; the image of a bad one fails in production.
func (s *productionSimulation) commit(bad bool) string {
	s.commits++
	sha := fmt.Sprintf("%02x%038x", s.commits, s.commits)
	if bad {
		s.bad.Store(s.built(sha), true)
	}
	return sha
}

// pullRequest starts the run of an event of a pull request.
func (s *productionSimulation) pullRequest(action string, n int, p *simulatedPull) {
	event, err := actiontest.ReadEvent("pull_request."+action, p.head)
	s.check(err)
	event, err = event.Edit(func(fields map[string]any) {
		fields["number"] = n
		fields["pull_request"].(map[string]any)["number"] = n
	})
	s.check(err)
	s.begin(&productionRun{what: fmt.Sprintf("%s of pull request %d", action, n)}, actiontest.Step{Event: event, Commit: p.head})
}

// promote starts the promotion of a commit.
func (s *productionSimulation) promote(commit string, hand bool, environ ...string) *productionRun {
	if commit == "" {
		return nil
	}
	r := &productionRun{what: "promote on push of " + commit, production: true, hand: hand}
	step := actiontest.Step{Event: s.readEvent("push"), Commit: commit, Environ: []string{"INPUT_COMMAND=promote", "GITHUB_SHA=" + commit, "GITHUB_REF_NAME=main"}}
	if hand {
		r.what, step.Event = "promote by hand of "+commit, s.readEvent("workflow_dispatch")
		s.mu.Lock()
		s.locked = time.Time{}
		s.mu.Unlock()
	}
	if s.by == "canary" {
		step.Environ = append(step.Environ, "INPUT_STRATEGY=canary")
	}
	step.Environ = append(step.Environ, environ...)
	return s.begin(r, step)
}

// command starts rollback or sweep.
func (s *productionSimulation) command(name string) *productionRun {
	r := &productionRun{what: name, production: name == "rollback", hand: true}
	event := "workflow_dispatch"
	if name == "sweep" {
		event = "schedule"
	}
	return s.begin(r, actiontest.Step{Event: s.readEvent(event), Environ: []string{"INPUT_COMMAND=" + name, "GITHUB_SHA=" + s.main, "GITHUB_REF_NAME=main"}})
}

func (s *productionSimulation) readEvent(name string) actiontest.Event {
	event, err := actiontest.ReadEvent(name, "")
	s.check(err)
	return event
}

// begin starts a run, and judges it at its end.
func (s *productionSimulation) begin(r *productionRun, step actiontest.Step) *productionRun {
	s.Configure = func(c *aws.Config) { c.HTTPClient = &observed{c.HTTPClient, s} }
	started, err := s.Start(s.t.Context(), step)
	s.check(err)
	r.run, r.began = run{started}, time.Now()
	s.mu.Lock()
	s.all = append(s.all, r)
	s.mu.Unlock()
	go func() {
		<-r.Done
		r.ended = time.Now()
		s.judge(r)
		r.over.Store(true)
	}()
	return r
}

// observed has a simulation look at production after each call to AWS.
type observed struct {
	next interface {
		Do(r *http.Request) (*http.Response, error)
	}
	s *productionSimulation
}

func (o *observed) Do(r *http.Request) (*http.Response, error) {
	answer, err := o.next.Do(r)
	o.s.look()
	return answer, err
}

func (s *productionSimulation) running() []*productionRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.all), func(r *productionRun) bool { return r.over.Load() })
}

// awsMove is what goes wrong on AWS.
func (s *productionSimulation) awsMove(words []string) {
	switch words[0] {
	case "throttle":
		operation := words[1]
		if operation == "any" {
			operation = ""
		}
		s.AWS.Inject(fakeaws.Fault{Operation: operation, Every: 2, Times: number(words[2]), Code: "ThrottlingException", Message: "Rate exceeded"})
	case "broken", "lost", "faulty":
		f := fakeaws.Fault{Times: number(words[1]), Break: words[0] == "broken", Lost: words[0] == "lost"}
		if words[0] == "faulty" {
			f.Status, f.Code = http.StatusInternalServerError, "InternalFailure"
		}
		s.AWS.Inject(f)
	case "fail":
		s.AWS.FailResource("hello-world-production", words[1],
			fakeaws.Failure{Operation: words[2], Reason: "it was to fail", After: 500 * time.Millisecond, Times: 1})
	default:
		s.t.Fatalf("%q is no move", words)
	}
}
