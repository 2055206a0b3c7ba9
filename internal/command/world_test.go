package command_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/fake/aws/scenario"
	fakegithub "pr-stack/internal/fake/github"
)

// world is a stage on which a history is played.
type world struct {
	*stage
	began   time.Time
	commits int
	head    string
	foreign bool // the stack of the environment's name is a stranger's
	outage  int  // calls that were to fail

	// hushed: GitHub is slow to be told how a run went, by up to four seconds each time. In those this world, which is thirty
	// times as fast as AWS, gets two minutes further on.
	hushed atomic.Bool

	mu     sync.Mutex // of what follows, which those who judge the runs read as well
	open   bool
	excuse bool   // something happened for which a run may be red
	all    []*run // oldest first
	wrong  []string
}

// run is a job and what is known of it by the one who started it.
type run struct {
	*job
	action, commit, digest string
	excused                atomic.Bool // it was killed or interrupted
	ended                  atomic.Bool
}

func newWorld(t *testing.T) *world {
	w := &world{began: time.Now()}
	reads := 0
	w.stage = newStage(t, fakeaws.Options{
		Scale: 0.03, PageSize: 20,
		// Reads are up to two seconds old, and events up to one and a half late, each time by another span.
		Staleness: func() time.Duration {
			reads++
			return time.Duration(reads*7%5) * 500 * time.Millisecond
		},
		EventDelay: func(logicalID, status string) time.Duration {
			return time.Duration(len(logicalID)*3%4+len(status)%2) * 300 * time.Millisecond
		},
	})
	w.inputs = append(w.inputs, "INPUT_GITHUB-TOKEN=ghs_0123456789", "INPUT_HEALTH-CHECK-TIMEOUT=3m")
	// What must never be touched: a neighbour whose name begins alike, a stack of somebody's, their images.
	w.stranger("hello-world-pr-71")
	w.stranger("other")
	for _, tag := range []string{"pr-71-000000000000", "latest"} {
		w.pushAs(tag)
	}
	return w
}

func (w *world) stranger(name string) {
	body := "Resources: {Logs: {Type: AWS::Logs::LogGroup}}"
	if _, err := cloudformation.NewFromConfig(w.account.Config()).CreateStack(w.t.Context(), &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &body}); err != nil {
		w.t.Fatal(err)
	}
	<-time.After(time.Second)
}

func (w *world) move(words []string) {
	switch words[0] {
	case "open", "push", "close", "reopen", "stranger":
		w.people(words[0])
	case "kill", "interrupt":
		running := w.running()
		n := number(words[1])
		if n > len(running) {
			return
		}
		r := running[n-1]
		r.excused.Store(true)
		if words[0] == "kill" {
			r.kill()
		} else {
			r.stop(errors.New("interrupt signal received"))
		}
	default:
		w.farSide(words)
	}
}

// people are what somebody does to the pull request, or to the account.
func (w *world) people(what string) {
	switch {
	case what == "open":
		w.head = w.commit()
		w.setOpen(true)
		w.github.Open(7, w.head)
		w.event("opened")
	case what == "push" && w.isOpen():
		w.head = w.commit()
		w.github.Push(7, w.head)
		w.event("synchronize")
	case what == "close" && w.isOpen():
		w.setOpen(false)
		w.github.Close(7, false)
		w.event("closed")
	case what == "reopen" && !w.isOpen():
		w.setOpen(true)
		w.github.Reopen(7)
		w.event("reopened")
	case what == "stranger":
		w.foreign = true
		w.stranger("hello-world-pr-7")
	}
}

// farSide is what goes wrong there.
func (w *world) farSide(words []string) {
	switch words[0] {
	case "throttle":
		operation := words[1]
		if operation == "any" {
			operation = ""
		}
		w.account.Inject(fakeaws.Fault{Operation: operation, Every: 2, Times: number(words[2]), Code: "Throttling", Message: "Rate exceeded"})
	case "broken", "lost", "faulty":
		f := fakeaws.Fault{Times: number(words[1]), Break: words[0] == "broken", Lost: words[0] == "lost"}
		if words[0] == "faulty" {
			f.Status, f.Code = http.StatusInternalServerError, "InternalFailure"
		}
		w.account.Inject(f)
		// The action outlasts twenty failures in a row of one call, and may be red for an outage that is longer.
		w.outage += f.Times
		w.excuseIf(w.outage >= 15)
	case "slow":
		d, _ := time.ParseDuration(words[2])
		w.account.Inject(fakeaws.Fault{Operation: words[1], Times: 1, Delay: d})
	case "github":
		w.github.Inject(fakegithub.Fault{Status: number(words[1]), Times: number(words[2]), Message: "no"})
		w.excuseIf(true) // a run that is not told that it was overtaken may fail for it
		w.hushed.Store(true)
	case "fail":
		w.account.FailResource("hello-world-pr-7", words[1], fakeaws.Failure{Operation: words[2], Reason: "it was to fail", After: 500 * time.Millisecond, Times: 1})
		w.excuseIf(true)
	case "app":
		w.excuseIf(words[1] != "well")
		m, _ := scenario.Find(words[1])
		w.strike(m.Container)
	default:
		w.t.Fatalf("%q is no move", words)
	}
}

func number(word string) int {
	n, _ := strconv.Atoi(word)
	return n
}

func (w *world) commit() string {
	w.commits++
	return fmt.Sprintf("%02x%038x", w.commits, w.commits)
}

// event starts the run of an event, and looks at how it ends when it does.
func (w *world) event(action string) *run {
	r := &run{action: action, commit: w.head}
	if action != "closed" {
		r.digest = w.pushAs("pr-7-" + r.commit[:12])
	}
	r.job = w.start(action, r.commit)
	w.mu.Lock()
	w.all = append(w.all, r)
	w.mu.Unlock()
	go func() {
		<-r.done
		r.ended.Store(true)
		w.judge(r)
	}()
	return r
}

func (w *world) complain(r *run, format string, args ...any) {
	w.note(fmt.Sprintf("after %s, %s of %s ended with exit code %d and status %q: %s",
		time.Since(w.began), r.action, r.commit, r.code, r.output("status"), fmt.Sprintf(format, args...)))
}

func (w *world) note(wrong string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, wrong)
}

func (w *world) running() []*run {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.all), func(r *run) bool { return r.ended.Load() })
}

func (w *world) setOpen(open bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = open
}

func (w *world) isOpen() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.open
}

func (w *world) excuseIf(reason bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.excuse = w.excuse || reason
}

func (w *world) excused() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.excuse
}

// judge holds a run to what it says at the moment at which it ends.
func (w *world) judge(r *run) {
	alone := len(w.running()) == 0
	switch status := r.output("status"); {
	case r.excused.Load():
	case r.code != 0 && !w.excused() && !w.foreign:
		w.complain(r, "nothing happened for which it might be red")
	case r.code != 0:
		if !strings.Contains(r.log(), "::error") {
			w.complain(r, "it does not say why")
		}
	case w.foreign && status != "skipped":
		w.complain(r, "the stack is a stranger's")
	case slices.Contains([]string{"created", "updated", "unchanged", "recreated"}, status):
		if err := w.answers(r.output("url"), r.digest); err != nil && !w.hushed.Load() {
			w.complain(r, "%s", err)
		}
	case slices.Contains([]string{"deleted", "absent"}, status) && alone && !w.isOpen():
		if status, _ := w.stack(); status != "" {
			w.complain(r, "the stack is in %s", status)
		}
	}
}

// answers asks the URL whether the code of that image answers. Each container answers with the image that it is of.
func (w *world) answers(url, digest string) error {
	response, err := (&http.Client{Transport: w.account}).Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || !strings.HasSuffix(string(body), digest)) {
		err = fmt.Errorf("%s answers %s %q, want the code of %s", url, response.Status, body, digest)
	}
	return err
}

// calm ends the history: what is under way comes to its end, nothing fails any more, and one more run has to leave what
// should be there.
func (w *world) calm() {
	for _, r := range w.all {
		select {
		case <-r.done:
		case <-time.After(3 * time.Hour):
			w.complain(r, "it is still running")
			r.kill()
		}
	}
	<-time.After(time.Minute) // half an hour by the account's clock
	w.account.Heal()
	w.github.Heal()
	w.strike(nil)
	w.mu.Lock()
	w.excuse = false
	w.mu.Unlock()
	if w.foreign {
		w.check(false)
		return
	}
	last := w.event(map[bool]string{true: "synchronize", false: "closed"}[w.isOpen()])
	select {
	case <-last.done:
	case <-time.After(3 * time.Hour):
		w.complain(last, "the last run does not end")
		last.kill()
	}
	<-time.After(time.Millisecond) // for judge
	if last.code != 0 || w.isOpen() && last.output("url") == "" {
		w.complain(last, "it was calm")
	}
	w.check(w.isOpen())
}

// check looks for what should be there, and for nothing else.
func (w *world) check(up bool) {
	want := []string{"hello-world-base", "hello-world-pr-71", "other"}
	if up || w.foreign {
		want = append(want, "hello-world-pr-7")
	}
	slices.Sort(want)
	if got := w.names(); !slices.Equal(got, want) {
		w.note(fmt.Sprintf("when all is calm there are the stacks %q, want %q", got, want))
	}
	for _, tag := range w.imageTags() {
		if ours := strings.HasPrefix(tag, "pr-7-"); ours && !up && !w.foreign {
			w.note("when all is calm there is the image " + tag)
		}
	}
	for _, tag := range []string{"latest", "pr-71-000000000000"} {
		if !slices.Contains(w.imageTags(), tag) {
			w.note("when all is calm the image " + tag + " is gone")
		}
	}
	if up {
		last := w.all[len(w.all)-1]
		if err := w.answers(last.output("url"), last.digest); err != nil {
			w.note("when all is calm " + err.Error())
		}
	}
}
