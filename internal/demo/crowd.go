package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/actiontest"
)

// crowd are visitors of production. Each requests its URL every second, by a connection of its own and with a
// resolver of its own, as people at different places do.
type crowd struct {
	visitors []*actiontest.Visitors
	began    time.Time
}

// visitorsAtOnce is how many there are. Of 40, two make five percent.
const visitorsAtOnce = 40

// visit has the crowd come, one visitor after the other within a second.
func (d *demo) visit(url string) *crowd {
	c := &crowd{began: time.Now()}
	for n := range visitorsAtOnce {
		name := fmt.Sprintf("visitor %d", n)
		by := transport(d.account.trusted, func(host string) string { return d.AWS.ResolveFor(name, host) })
		c.visitors = append(c.visitors, actiontest.Visit(by, url, time.Second))
		<-time.After(time.Second / visitorsAtOnce)
	}
	return c
}

// leave ends the visits.
func (c *crowd) leave() {
	for _, v := range c.visitors {
		v.Leave()
	}
}

// between returns the answers to requests from a moment until another, in the order of the requests.
func (c *crowd) between(from, to time.Time) (list []actiontest.Answer) {
	for _, v := range c.visitors {
		for _, a := range v.Since(from) {
			if a.At.Before(to) {
				list = append(list, a)
			}
		}
	}
	slices.SortFunc(list, func(a, b actiontest.Answer) int { return a.At.Compare(b.At) })
	return list
}

// isOf reports whether an answer is of a commit's code.
func isOf(a actiontest.Answer, commit string) bool { return strings.Contains(a.Body, commit[:12]) }

// tally is how many requests there were, how many of them were answered by a commit's code, and how many
// failed.
type tally struct{ requests, of, failed, failedElsewhere int }

// count returns the tally of answers. Those that failed elsewhere are not of that commit's code.
func count(answers []actiontest.Answer, commit string) tally {
	t := tally{requests: len(answers)}
	for _, a := range answers {
		is := isOf(a, commit)
		if is {
			t.of++
		}
		if !a.OK {
			t.failed++
		}
		if !a.OK && !is {
			t.failedElsewhere++
		}
	}
	return t
}

func (t tally) percent() float64 { return 100 * float64(t.of) / float64(max(t.requests, 1)) }
