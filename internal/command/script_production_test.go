package command_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/rogpeppe/go-internal/testscript"

	"pr-stack/internal/ledger"
	"pr-stack/internal/release"
)

// productionCommands are those of stories about production:
//
//	visitors URL EVERY           somebody requests the URL each time that the duration is over, from now on
//	visitors leave               nobody does any more
//	visited STACK PERCENT...     lists which of these percents of those requests the stack's image has answered, one after the other
//	shares URL                   requests the URL a hundred times, and lists which stack's image answered how often
//	ledger                       lists what the ledger of production says
//	kill DURATION                the next run is killed after that time, as by the loss of its machine
func (s *script) productionCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"visitors": atLeast(1, s.visit),
		"visited":  atLeast(1, s.visited),
		"shares":   atLeast(1, s.shares),
		"ledger":   atLeast(0, s.ledger),
		"alarm":    atLeast(2, func(_ *testscript.TestScript, args []string) { s.AWS.SetAlarm(args[0], args[1]) }),
		"begin":    atLeast(0, s.begin),
		"finish":   atLeast(0, s.finish),
		"lose":     atLeast(1, func(ts *testscript.TestScript, args []string) { s.killAfter = duration(ts, args[0]) }),
	}
}

// visit has somebody request a URL each time that the pause is over, or ends that.
func (s *script) visit(ts *testscript.TestScript, args []string) {
	if s.visitors != nil {
		s.visitors.Leave()
		s.visitors = nil
	}
	if args[0] != "leave" {
		s.visitors = s.Visit(args[0], duration(ts, args[1]))
	}
}

// visited lists which percents of the visitors' requests a stack's image has answered, one after the other, of
// those that are named: 5 stands for what is near it, since others request the URL as well. It also says how
// many requests were not answered well.
func (s *script) visited(ts *testscript.TestScript, args []string) {
	stack, err := s.Stack(context.Background(), args[0])
	ts.Check(err)
	image := stack.Parameters["ImageUri"]
	const window = 100
	var mine, failed int
	var percents []string
	answers := s.visitors.Since(time.Time{})
	for i, a := range answers {
		if !a.OK {
			failed++
		}
		if strings.Contains(a.Body, image) {
			mine++
		}
		if i >= window && strings.Contains(answers[i-window].Body, image) {
			mine--
		}
		for _, percent := range args[1:] {
			near := i >= window && math.Abs(float64(mine-whole(ts, percent))) <= 2
			if near && (len(percents) == 0 || percents[len(percents)-1] != percent) {
				percents = append(percents, percent)
			}
		}
	}
	fmt.Fprintf(ts.Stdout(), "%s answered %v of 100, and %d of %d requests failed\n", args[0], percents, failed, len(answers))
}

// shares requests a URL a hundred times, by default the one that visitors request, and lists who answered how
// often.
func (s *script) shares(ts *testscript.TestScript, args []string) {
	counts := map[string]int{}
	for range 100 {
		status, body, err := s.Get(context.Background(), args[0])
		if err != nil {
			status = err.Error()
		}
		counts[status+" "+s.whose(body)]++
	}
	var list []string
	for who, n := range counts {
		list = append(list, fmt.Sprintf("%3d %s", n, who))
	}
	slices.Sort(list)
	fmt.Fprintln(ts.Stdout(), strings.Join(list, "\n"))
}

// whose returns the stack whose image an answer names, or the answer.
func (s *script) whose(body string) string {
	stacks, err := s.Stacks(context.Background())
	if err != nil {
		return err.Error()
	}
	for _, stack := range stacks {
		if image := stack.Parameters["ImageUri"]; image != "" && strings.Contains(body, image) {
			return stack.Name
		}
	}
	return strings.TrimSpace(body)
}

// ledger lists what the ledger of production says.
func (s *script) ledger(ts *testscript.TestScript, _ []string) {
	b := ledger.Book{API: ssm.NewFromConfig(s.AWS.Config()), Service: "hello-world", Environment: "production"}
	l, err := b.Read(context.Background())
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s stable=%d candidate=%d weights: %s\n", l.Status, l.Stable, l.Candidate, l.Weights)
	if l.Locked != nil {
		fmt.Fprintf(ts.Stdout(), "locked: %s\n", l.Locked.Reason)
	}
	for _, g := range l.Generations {
		fmt.Fprintf(ts.Stdout(), "%d %s pr=%d previous=%d %s\n", g.Number, g.Stack, g.PullRequest, g.Previous, lasted(g))
	}
}

func lasted(g release.Generation) string {
	switch {
	case g.Since.IsZero():
		return "was never live"
	case g.Until.IsZero():
		return "is live"
	}
	return "was live for " + g.Until.Sub(g.Since).Round(time.Second).String()
}

func whole(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}

// begin runs the action in the background.
func (s *script) begin(ts *testscript.TestScript, args []string) {
	run, err := s.Start(context.Background(), s.step(ts, args))
	ts.Check(err)
	s.background = run
}

// finish waits for that run.
func (s *script) finish(ts *testscript.TestScript, _ []string) {
	<-s.background.Done
	s.last, s.background = s.background, nil
	fmt.Fprintf(ts.Stdout(), "%sexit code %d\n", s.last.Log(), s.last.ExitCode)
	ts.Check(os.WriteFile(ts.MkAbs("summary.md"), []byte(s.last.Summary()), 0o600))
}
