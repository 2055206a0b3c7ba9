package command_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// A history is what happened to pull request 7, to AWS and to GitHub, one move a line. Its text can
// be replayed:
//
//	go test ./internal/command -run TestHistory_replayed -history FILE
//
// Each of GitHub's moves (open, push, close, reopen) starts a run of the action, as GitHub would.
// The moves:
//
//	open, push, close, reopen     of the pull request; a push is of a new commit
//	stranger                      somebody else creates a stack of the environment's name
//	kill N                        the machine of the Nth run that is under way is lost
//	interrupt N                   that run gets SIGINT
//	throttle OPERATION N          every second call of the operation is throttled, N times
//	broken N, lost N, faulty N    the next N API calls break before, or after, they have an effect, or are answered 500
//	slow OPERATION DURATION       the next answer is late by that much
//	github STATUS N               the next N calls to GitHub are answered so
//	fail RESOURCE OPERATION       the resource fails, once
//	app SCENARIO                  containers that start from now on behave so; well is healthy
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

// kinds of moves are drawn from this list; one that is listed more often is drawn more often.
var kinds = []string{"push", "push", "push", "close", "close", "reopen", "kill", "kill", "interrupt", "throttle", "broken", "lost", "faulty", "slow", "github", "fail", "fail", "app"}

// histories draws one. The account is thirty times as fast as AWS, so that a deployment takes about
// ten seconds.
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
			words = []string{kind, rapid.SampledFrom([]string{"well", "well", "exit-1", "path-404", "no-image", "slow-start"}).Draw(t, "scenario")}
		}
		after := time.Duration(rapid.IntRange(0, 150).Draw(t, "after")) * 100 * time.Millisecond
		h = append(h, move{after, words})
	}
	return h
}

// TestHistories plays random histories, some of them with overlapping runs, and checks:
//   - a run that succeeds says what is true at that moment, and a run fails only for a reason (see excuse);
//   - the policies of the roles that bootstrap makes allow all that is done, also by CloudFormation;
//   - nothing without our tags is ever deleted;
//   - once nothing goes wrong any more, one more run leaves exactly what should be there.
func TestHistories(t *testing.T) {
	setHistoryFlags(t)
	for shard := range historyShards {
		t.Run(strconv.Itoa(shard), func(t *testing.T) {
			t.Parallel()
			kinds := rotated(kinds, 5*shard)
			rapid.Check(t, func(rt *rapid.T) {
				h := histories(rt, kinds)
				if wrong := simulate(t, h); wrong != "" {
					rt.Fatalf("%s\nthe history, to be replayed with -history FILE:\n%s", wrong, h)
				}
			})
		})
	}
}

// Shards play as many histories each: historyCount in all.
const historyShards, productionShards = 4, 1

func setHistoryFlags(t *testing.T) {
	t.Helper()
	each := historyCount / (historyShards + productionShards)
	if testing.Short() {
		each = min(each, 10)
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
}

// rotated returns a list that begins elsewhere. Shards draw the same numbers, and read them with the kinds in
// another order.
func rotated(list []string, by int) []string {
	by %= len(list)
	return slices.Concat(list[by:], list[:by])
}

var replay = flag.String("history", "", "a file with a history to replay")

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
			play := simulate
			if h[0].words[0] == "by" {
				play = simulateProduction
			}
			if wrong := play(t, h); wrong != "" {
				t.Error(wrong)
			}
		})
	}
}

// simulate plays a history and returns what the action did wrong, "" if nothing.
func simulate(t *testing.T, h history) (wrong string) {
	synctest.Test(t, func(t *testing.T) {
		s := newSimulation(t)
		for _, m := range h {
			<-time.After(m.after)
			s.move(m.words)
		}
		s.settle()
		s.checkRights()
		wrong = strings.Join(s.wrong, "\n")
		if wrong != "" {
			for _, r := range s.all {
				wrong += fmt.Sprintf("\n--- run %s of %s, exit code %d\n%s", r.action, r.commit, r.ExitCode, r.Log())
			}
		}
	})
	return wrong
}
