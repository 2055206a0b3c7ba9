package command_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// A history of production has several pull requests, which are merged and promoted. Its first move says how,
// and its last one what is run once nothing goes wrong any more. Its moves, besides those of other
// histories that are about AWS, machines and signals:
//
//	by WAY [judged]               production is moved by digest, canary, listener or record; judged: requests are judged
//	open N, push N [bad]          of pull request N; a bad commit is fine in its own environment only
//	merge N METHOD                it becomes a commit of the default branch, which starts a promotion; METHOD is merge,
//	                              squash, rebase, queue, or other: a queue that merges it with something else
//	close N                       without merging it
//	promote, rollback, sweep      a person starts that, or the schedule
//	weights PERCENT               somebody gives so much of production's requests to another environment
//	alarm STATE                   of the alarm that promotions look at
//	day                           26 hours pass
//	calm COMMAND                  the history ends, and then promote, rollback or sweep must leave everything in order
var productionKinds = []string{
	"merge", "merge", "merge", "open", "push", "close", "promote", "promote", "rollback", "rollback", "sweep", "kill", "kill", "kill",
	"interrupt", "interrupt", "weights", "alarm", "day", "throttle", "faulty", "broken", "lost", "fail",
}

// productionOperations are those that faults are drawn for.
var productionOperations = []string{
	"any", "GetParameter", "PutParameter", "DeleteParameter", "DescribeRules", "CreateRule", "ModifyRule", "DescribeTargetHealth",
	"ListResourceRecordSets", "ChangeResourceRecordSets", "GetChange", "GetMetricData", "DescribeAlarms", "UpdateService", "DescribeServices",
	"DescribeServiceDeployments", "ContinueServiceDeployment", "StopServiceDeployment", "SetStackPolicy", "UpdateTerminationProtection", "UpdateStack",
	"CreateChangeSet",
}

var ways = []string{"listener", "record", "digest", "canary"}

// productionHistories draws one. It begins with two pull requests, of which the first is merged.
func productionHistories(t *rapid.T, kinds, ways []string) history {
	by := []string{"by", rapid.SampledFrom(ways).Draw(t, "way")}
	if rapid.IntRange(0, 4).Draw(t, "judged") == 0 && by[1] != "canary" {
		by = append(by, "judged")
	}
	h := history{
		{0, by},
		{0, []string{"open", "7"}},
		{time.Second, []string{"open", "8"}},
		{80 * time.Second, []string{"merge", "7", "squash"}},
	}
	number := func(least, most int) string { return strconv.Itoa(rapid.IntRange(least, most).Draw(t, "number")) }
	opened := 8
	for range rapid.IntRange(0, 12).Draw(t, "moves") {
		var words []string
		switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
		case "open":
			opened++
			words = []string{kind, strconv.Itoa(opened)}
			if rapid.IntRange(0, 2).Draw(t, "bad") == 0 {
				words = append(words, "bad")
			}
		case "push":
			words = []string{kind, number(8, opened)}
			if rapid.IntRange(0, 2).Draw(t, "bad") == 0 {
				words = append(words, "bad")
			}
		case "merge":
			words = []string{kind, number(8, opened), rapid.SampledFrom([]string{"merge", "squash", "rebase", "queue", "other"}).Draw(t, "method")}
		case "close":
			words = []string{kind, number(8, opened)}
		case "kill", "interrupt":
			words = []string{kind, number(1, 2)}
		case "weights":
			words = []string{kind, rapid.SampledFrom([]string{"100", "50", "1"}).Draw(t, "percent")}
		case "alarm":
			words = []string{kind, rapid.SampledFrom([]string{"OK", "ALARM"}).Draw(t, "state")}
		case "throttle":
			words = []string{kind, rapid.SampledFrom(productionOperations).Draw(t, "operation"), number(1, 12)}
		case "faulty", "broken", "lost":
			words = []string{kind, number(1, 6)}
		case "fail":
			words = []string{kind, rapid.SampledFrom([]string{"EcsService", "TaskDefinition", "LoadBalancer"}).Draw(t, "resource"), rapid.SampledFrom([]string{"CREATE", "UPDATE"}).Draw(t, "operation")}
		default:
			words = []string{kind}
		}
		// Some moves follow at once, others after a promotion's first steps, or its end.
		after := time.Duration(rapid.IntRange(0, 60).Draw(t, "after")) * time.Second
		if rapid.Bool().Draw(t, "soon") {
			after /= 20
		}
		h = append(h, move{after, words})
	}
	return append(h, move{0, []string{"calm", rapid.SampledFrom([]string{"promote", "rollback", "sweep"}).Draw(t, "calm")}})
}

// TestProductionHistories plays random histories of production, with overlapping runs, and checks at every
// instant:
//   - production's requests go to one full set of weights, of at most two known environments, or to nobody before
//     the first promotion;
//   - what has requests is not deleted, and not scaled to 0;
//   - no visitor's request is lost;
//   - after a rollback nothing is promoted until a person does that;
//   - what a run says is live was live;
//
// and once nothing goes wrong any more, that one more run leaves the ledger equal to what AWS has.
func TestProductionHistories(t *testing.T) {
	setHistoryFlags(t)
	for shard := range productionShards {
		t.Run(strconv.Itoa(shard), func(t *testing.T) {
			t.Parallel()
			kinds, ways := rotated(productionKinds, 7*shard), rotated(ways, shard)
			rapid.Check(t, func(rt *rapid.T) {
				h := productionHistories(rt, kinds, ways)
				if wrong := simulateProduction(t, h); wrong != "" {
					rt.Fatalf("%s\nthe history, to be replayed with -history FILE:\n%s", wrong, h)
				}
			})
		})
	}
}

// simulateProduction plays a history of production and returns what was wrong, "" if nothing was.
func simulateProduction(t *testing.T, h history) (wrong string) {
	synctest.Test(t, func(t *testing.T) {
		s := newProductionSimulation(t, h[0].words[1:])
		for _, m := range h[1:] {
			<-time.After(m.after)
			s.move(m.words)
			s.look()
		}
		s.visitors.stop()
		s.checkRights()
		wrong = strings.Join(s.wrong, "\n")
		if wrong != "" || os.Getenv("H_DEBUG") != "" {
			for _, r := range s.all {
				wrong += fmt.Sprintf("\n--- run %s, from %s to %s, exit code %d\n%s", r.what, r.began, r.ended, r.ExitCode, r.Log())
			}
			wrong += "\n--- weights\n" + s.timeline()
		}
	})
	return wrong
}
