package command_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
	fakegithub "pr-stack/internal/fake/github"
)

// simulation plays a history in an env and collects what the action did wrong.
type simulation struct {
	*env
	began   time.Time
	commits int
	head    string
	taken   bool // a stack that is not pr-stack's has the environment's name
	outage  int  // calls that were to fail
	excuses excuses

	mu    sync.Mutex // of what follows, which goroutines that judge runs read, too
	open  bool
	all   []*simulatedRun // oldest first
	wrong []string
}

// simulatedRun is a run and what the simulation knows of it.
type simulatedRun struct {
	run
	action, commit, digest string
	ended                  atomic.Bool
}

func newSimulation(t *testing.T) *simulation {
	t.Helper()
	s := &simulation{began: time.Now()}
	reads := 0
	s.env = newEnv(t, fakeaws.Options{
		Scale: 0.03, PageSize: 20,
		// Reads are up to two seconds old, and events up to one and a half late, each time by
		// another span.
		Staleness: func() time.Duration {
			reads++
			return time.Duration(reads*7%5) * 500 * time.Millisecond
		},
		EventDelay: func(logicalID, status string) time.Duration {
			return time.Duration(len(logicalID)*3%4+len(status)%2) * 300 * time.Millisecond
		},
	})
	s.Environ = []string{"INPUT_GITHUB-TOKEN=ghs_0123456789", "INPUT_HEALTH-CHECK-TIMEOUT=3m"}
	// What must never be touched: an environment whose name begins alike, a foreign stack, and
	// their images.
	s.createForeignStack("hello-world-pr-71")
	s.createForeignStack("other")
	for _, tag := range []string{"pr-71-000000000000", "latest"} {
		s.pushAs(tag)
	}
	return s
}

func (s *simulation) createForeignStack(name string) {
	s.check(s.CreateStack(s.t.Context(), name, "", nil))
	<-time.After(time.Second)
}

func (s *simulation) move(words []string) {
	switch words[0] {
	case "open", "push", "close", "reopen", "stranger":
		s.pullRequestMove(words[0])
	case "kill", "interrupt":
		running := s.running()
		n := number(words[1])
		if n > len(running) {
			return
		}
		r := running[n-1]
		if words[0] == "kill" {
			s.excuses.add(excuse{"its machine was lost", mayEndAnyhow, r})
			r.Kill()
		} else {
			s.excuses.add(excuse{"it was interrupted", mayFail, r})
			r.Cancel()
		}
	case "github":
		s.GitHub.Inject(fakegithub.Fault{Status: number(words[1]), Times: number(words[2]), Message: "no"})
		// The run does not know that a newer one has replaced it.
		s.excuses.add(excuse{"GitHub did not answer", mayFail, nil})
		// GitHub takes up to four seconds for what a run publishes. This account is thirty times as
		// fast as AWS, and gets two minutes further in those.
		s.excuses.add(excuse{"GitHub is slow", mayServeOther, nil})
	default:
		s.awsMove(words)
	}
}

// pullRequestMove is what a person does to the pull request, or in the account.
func (s *simulation) pullRequestMove(what string) {
	switch {
	case what == "open":
		s.head = s.commit()
		s.setOpen(true)
		s.GitHub.Open(7, s.head)
		s.event("opened")
	case what == "push" && s.isOpen():
		s.head = s.commit()
		s.GitHub.Push(7, s.head)
		s.event("synchronize")
	case what == "close" && s.isOpen():
		s.setOpen(false)
		s.GitHub.Close(7, false)
		s.event("closed")
	case what == "reopen" && !s.isOpen():
		s.setOpen(true)
		s.GitHub.Reopen(7)
		s.event("reopened")
	case what == "stranger":
		s.taken = true
		s.excuses.add(excuse{"the name of its stack is taken", mayFail, nil})
		s.createForeignStack(stackName)
	}
}

// awsMove is what goes wrong on AWS.
func (s *simulation) awsMove(words []string) {
	switch words[0] {
	case "throttle":
		operation := words[1]
		if operation == "any" {
			operation = ""
		}
		s.AWS.Inject(fakeaws.Fault{Operation: operation, Every: 2, Times: number(words[2]), Code: "Throttling", Message: "Rate exceeded"})
	case "broken", "lost", "faulty":
		f := fakeaws.Fault{Times: number(words[1]), Break: words[0] == "broken", Lost: words[0] == "lost"}
		if words[0] == "faulty" {
			f.Status, f.Code = http.StatusInternalServerError, "InternalFailure"
		}
		s.AWS.Inject(f)
		s.outage += f.Times
		if s.outage >= 15 {
			s.excuses.add(excuse{"the outage is longer than the twenty attempts at a call", mayFail, nil})
		}
	case "slow":
		d, _ := time.ParseDuration(words[2])
		s.AWS.Inject(fakeaws.Fault{Operation: words[1], Times: 1, Delay: d})
	case "fail":
		s.AWS.FailResource(stackName, words[1],
			fakeaws.Failure{Operation: words[2], Reason: "it was to fail", After: 500 * time.Millisecond, Times: 1})
		s.excuses.add(excuse{"a resource failed", mayFail, nil})
	case "app":
		scenario := words[1]
		if scenario == "well" {
			scenario = ""
		} else {
			s.excuses.add(excuse{"containers are not healthy", mayFail, nil})
		}
		s.setScenario(scenario)
	default:
		s.t.Fatalf("%q is no move", words)
	}
}

func number(word string) int {
	n, _ := strconv.Atoi(word)
	return n
}

func (s *simulation) commit() string {
	s.commits++
	return fmt.Sprintf("%02x%038x", s.commits, s.commits)
}

// event starts the run of an event, and judges it at its end.
func (s *simulation) event(action string) *simulatedRun {
	r := &simulatedRun{action: action, commit: s.head}
	if action != "closed" {
		r.digest = s.built(r.commit)
	}
	r.run = s.start(action, r.commit)
	s.mu.Lock()
	s.all = append(s.all, r)
	s.mu.Unlock()
	go func() {
		<-r.Done
		r.ended.Store(true)
		s.judge(r)
	}()
	return r
}

func (s *simulation) complain(r *simulatedRun, format string, args ...any) {
	s.note(fmt.Sprintf("after %s, %s of %s ended with exit code %d and status %q: %s",
		time.Since(s.began), r.action, r.commit, r.ExitCode, r.Output("status"), fmt.Sprintf(format, args...)))
}

func (s *simulation) note(wrong string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, wrong)
}

func (s *simulation) running() []*simulatedRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.all), func(r *simulatedRun) bool { return r.ended.Load() })
}

func (s *simulation) setOpen(open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = open
}

func (s *simulation) isOpen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// checkRights notes every access that a run's role did not have.
func (s *simulation) checkRights() {
	if len(s.AWS.Accesses()) == 0 && !s.taken { // then no last run follows, and the first may be lost at once
		s.note("no role was asked for anything: the runs had an administrator's rights")
	}
	for _, a := range s.AWS.Accesses() {
		if !a.Allowed {
			s.note(fmt.Sprintf("%s was denied %s on %s", a.Principal, a.Action, a.Resource))
		}
	}
}
