package command_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"pgregory.net/rapid"

	"pr-stack/internal/fakeaws"
	"pr-stack/internal/fakeaws/mishap"
	"pr-stack/internal/fakegithub"
)

// A history is what happened to pull request 7 and to the far side, one move a line. Its text can be played again:
//
//	go test ./internal/command -run TestHistory_replayed -history FILE
//
// Each of GitHub's moves (open, push, close, reopen) starts a run of the action, as GitHub would. The moves:
//
//	open, push, close, reopen     of the pull request; a push is of a new commit
//	stranger                      somebody who is not pr-stack makes a stack of the environment's name
//	kill N                        the machine of the Nth run that is under way goes away
//	interrupt N                   that run is cancelled
//	throttle OPERATION N          every second call of the operation is throttled, N times
//	broken N, lost N, faulty N    the next N API calls break before, or after, they have an effect, or are answered 500
//	slow OPERATION DURATION       the next answer is late by that much
//	github STATUS N               the next N calls to GitHub are answered so
//	fail RESOURCE OPERATION       the resource fails, once
//	app MISHAP                    containers that start from now on behave so; well is none
type history []move

type move struct {
	after time.Duration // since the move before
	words []string
}

func (h history) String() string {
	var b strings.Builder
	for _, m := range h {
		fmt.Fprintf(&b, "+%s %s\n", m.after, strings.Join(m.words, " "))
	}
	return b.String()
}

func parseHistory(text string) (h history, err error) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		after, err := time.ParseDuration(strings.TrimPrefix(words[0], "+"))
		if err != nil || len(words) < 2 {
			return nil, fmt.Errorf("%q is no move", line)
		}
		h = append(h, move{after, words[1:]})
	}
	return h, nil
}

// kinds are those of the moves that are drawn, the more often the likelier.
var kinds = []string{"push", "push", "push", "close", "close", "reopen", "kill", "kill", "interrupt", "throttle", "broken", "lost", "faulty", "slow", "github", "fail", "fail", "app"}

// histories draws one. The far side is thirty times as fast as AWS, so that a deployment takes about ten seconds.
func histories(t *rapid.T, kinds []string) history {
	h := history{{0, []string{"open"}}}
	if rapid.IntRange(0, 9).Draw(t, "stranger") == 0 {
		h = history{{0, []string{"stranger"}}, {0, []string{"open"}}}
	}
	resources := []string{"LoadBalancer", "TargetGroup", "Listener", "LogGroup", "TaskDefinition", "EcsService", "TaskSecurityGroup"}
	operations := []string{"DescribeStacks", "DescribeStackEvents", "ListStackResources", "CreateStack", "UpdateStack", "DeleteStack", "CancelUpdateStack", "DescribeServices", "DescribeTargetHealth", "BatchDeleteImage", ""}
	for range rapid.IntRange(0, 8).Draw(t, "moves") {
		var words []string
		number := func(most int) string { return strconv.Itoa(rapid.IntRange(1, most).Draw(t, "number")) }
		switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
		case "push", "close", "reopen":
			words = []string{kind}
		case "kill", "interrupt":
			words = []string{kind, number(3)}
		case "throttle":
			words = []string{kind, rapid.SampledFrom(operations).Draw(t, "operation"), number(30)}
			if words[1] == "" {
				words[1] = "any"
			}
		case "broken", "lost", "faulty":
			words = []string{kind, number(6)}
		case "slow":
			words = []string{kind, rapid.SampledFrom([]string{"DescribeStacks", "DescribeStackEvents", "ListStackResources", "DescribeServices", "DescribeTargetHealth"}).Draw(t, "operation"), number(20) + "s"}
			if rapid.Bool().Draw(t, "changing") { // AWS takes a call within seconds, or not at all
				words = []string{kind, rapid.SampledFrom([]string{"CreateStack", "UpdateStack", "DeleteStack", "CancelUpdateStack"}).Draw(t, "operation"), number(3) + "s"}
			}
		case "github":
			words = []string{kind, rapid.SampledFrom([]string{"403", "502", "429"}).Draw(t, "status"), number(6)}
		case "fail":
			words = []string{kind, rapid.SampledFrom(resources).Draw(t, "resource"), rapid.SampledFrom([]string{"CREATE", "UPDATE", "DELETE"}).Draw(t, "operation")}
		case "app":
			words = []string{kind, rapid.SampledFrom([]string{"well", "well", "exit-1", "path-404", "no-image", "slow-start"}).Draw(t, "mishap")}
		}
		after := time.Duration(rapid.IntRange(0, 150).Draw(t, "after")) * 100 * time.Millisecond
		h = append(h, move{after, words})
	}
	return h
}

// TestHistory_holds_what_was_promised plays random histories, some of them with overlapping runs, and holds:
//   - a run is green if and only if what a green job means holds at that moment; it is red only for a reason;
//   - nothing without our tags is ever deleted;
//   - once all is calm, one more run leaves exactly what should be there.
func TestHistory_holds_what_was_promised(t *testing.T) {
	shards, each := 4, histories1000/4
	if testing.Short() {
		each = 10
	}
	settings := map[string]string{"rapid.checks": strconv.Itoa(each)}
	if flag.Lookup("rapid.seed").Value.String() == "0" {
		settings["rapid.seed"] = "20261123" // the same each time; -rapid.seed=N plays others
	}
	for name, value := range settings {
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for shard := range shards {
		t.Run(strconv.Itoa(shard), func(t *testing.T) {
			t.Parallel()
			// Shards draw the same numbers, and make something else of them.
			kinds := slices.Concat(kinds[5*shard%len(kinds):], kinds[:5*shard%len(kinds)])
			rapid.Check(t, func(rt *rapid.T) {
				h := histories(rt, kinds)
				if wrong := play(t, h); wrong != "" {
					rt.Fatalf("%s\nthe history, to be played again with -history FILE:\n%s", wrong, h)
				}
			})
		})
	}
}

var replay = flag.String("history", "", "a file with a history to be played")

func TestHistory_replayed(t *testing.T) {
	files, err := filepath.Glob("testdata/history/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	if *replay != "" {
		files = []string{*replay}
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			h, err := parseHistory(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if wrong := play(t, h); wrong != "" {
				t.Error(wrong)
			}
		})
	}
}

// play plays a history and returns what was wrong with it, "" if nothing was.
func play(t *testing.T, h history) (wrong string) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for _, m := range h {
			<-time.After(m.after)
			w.move(m.words)
		}
		w.calm()
		wrong = strings.Join(w.wrong, "\n")
		if wrong != "" {
			for _, j := range w.all {
				wrong += fmt.Sprintf("\n--- job %s of %s, exit code %d\n%s", j.action, j.commit, j.code, j.log())
			}
		}
	})
	return wrong
}

// world is a stage on which a history is played.
type world struct {
	*stage
	began   time.Time
	commits int
	head    string
	open    bool
	foreign bool   // the stack of the environment's name is a stranger's
	outage  int    // calls that were to fail
	excuse  bool   // something happened for which a run may be red
	all     []*run // oldest first
	wrong   []string
}

// run is a job and what is known of it by the one who started it.
type run struct {
	*job
	action, commit, digest string
	excused                bool // it was killed or interrupted
	ended                  bool
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
	w.inputs = append(w.inputs, "INPUT_GITHUB-TOKEN=ghs_0123456789", "INPUT_HEALTH-CHECK-TIMEOUT=60s")
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
		running := slices.DeleteFunc(slices.Clone(w.all), func(r *run) bool { return r.ended })
		n := number(words[1])
		if n > len(running) {
			return
		}
		r := running[n-1]
		r.excused = true
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
		w.head, w.open = w.commit(), true
		w.github.Open(7, w.head)
		w.event("opened")
	case what == "push" && w.open:
		w.head = w.commit()
		w.github.Push(7, w.head)
		w.event("synchronize")
	case what == "close" && w.open:
		w.open = false
		w.github.Close(7, false)
		w.event("closed")
	case what == "reopen" && !w.open:
		w.open = true
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
		w.excuse = w.excuse || w.outage >= 15
	case "slow":
		d, _ := time.ParseDuration(words[2])
		w.account.Inject(fakeaws.Fault{Operation: words[1], Times: 1, Delay: d})
	case "github":
		w.github.Inject(fakegithub.Fault{Status: number(words[1]), Times: number(words[2]), Message: "no"})
		w.excuse = true // a run that is not told that it was overtaken may fail for it
	case "fail":
		w.account.FailResource("hello-world-pr-7", words[1], fakeaws.Failure{Operation: words[2], Reason: "it was to fail", After: 500 * time.Millisecond, Times: 1})
		w.excuse = true
	case "app":
		w.excuse = w.excuse || words[1] != "well"
		m, _ := mishap.Find(words[1])
		w.strikes = m.Container
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
	w.all = append(w.all, r)
	go func() {
		<-r.done
		r.ended = true
		w.judge(r)
	}()
	return r
}

func (w *world) complain(r *run, format string, args ...any) {
	w.wrong = append(w.wrong, fmt.Sprintf("after %s, %s of %s ended with exit code %d and status %q: %s",
		time.Since(w.began), r.action, r.commit, r.code, r.output("status"), fmt.Sprintf(format, args...)))
}

// judge holds a run to what it says at the moment at which it ends.
func (w *world) judge(r *run) {
	alone := !slices.ContainsFunc(w.all, func(other *run) bool { return !other.ended })
	switch status := r.output("status"); {
	case r.excused:
	case r.code != 0 && !w.excuse && !w.foreign:
		w.complain(r, "nothing happened for which it might be red")
	case r.code != 0:
		if !strings.Contains(r.log(), "::error") {
			w.complain(r, "it does not say why")
		}
	case w.foreign && status != "skipped":
		w.complain(r, "the stack is a stranger's")
	case slices.Contains([]string{"created", "updated", "unchanged", "recreated"}, status):
		if err := w.answers(r.output("url"), r.digest); err != nil {
			w.complain(r, "%s", err)
		}
	case slices.Contains([]string{"deleted", "absent"}, status) && alone && !w.open:
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
	w.strikes = nil
	w.excuse = false
	if w.foreign {
		w.check(false)
		return
	}
	last := w.event(map[bool]string{true: "synchronize", false: "closed"}[w.open])
	select {
	case <-last.done:
	case <-time.After(3 * time.Hour):
		w.complain(last, "the last run does not end")
		last.kill()
	}
	<-time.After(time.Millisecond) // for judge
	if last.code != 0 || w.open && last.output("url") == "" {
		w.complain(last, "it was calm")
	}
	w.check(w.open)
}

// check looks for what should be there, and for nothing else.
func (w *world) check(up bool) {
	want := []string{"hello-world-base", "hello-world-pr-71", "other"}
	if up || w.foreign {
		want = append(want, "hello-world-pr-7")
	}
	slices.Sort(want)
	if got := w.stacks(); !slices.Equal(got, want) {
		w.wrong = append(w.wrong, fmt.Sprintf("when all is calm there are the stacks %q, want %q", got, want))
	}
	for _, tag := range w.tags() {
		if ours := strings.HasPrefix(tag, "pr-7-"); ours && !up && !w.foreign {
			w.wrong = append(w.wrong, "when all is calm there is the image "+tag)
		}
	}
	for _, tag := range []string{"latest", "pr-71-000000000000"} {
		if !slices.Contains(w.tags(), tag) {
			w.wrong = append(w.wrong, "when all is calm the image "+tag+" is gone")
		}
	}
	if up {
		last := w.all[len(w.all)-1]
		if err := w.answers(last.output("url"), last.digest); err != nil {
			w.wrong = append(w.wrong, "when all is calm "+err.Error())
		}
	}
}

func (w *world) stacks() []string {
	var names []string
	pages := cloudformation.NewDescribeStacksPaginator(cloudformation.NewFromConfig(w.account.Config()), &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, s := range page.Stacks {
			names = append(names, *s.StackName)
		}
	}
	slices.Sort(names)
	return names
}

func (w *world) tags() []string {
	var tags []string
	name := w.repository()
	pages := ecr.NewListImagesPaginator(ecr.NewFromConfig(w.account.Config()), &ecr.ListImagesInput{RepositoryName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, id := range page.ImageIds {
			if id.ImageTag != nil {
				tags = append(tags, *id.ImageTag)
			}
		}
	}
	return tags
}
