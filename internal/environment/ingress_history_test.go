package environment_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pr-stack/internal/environment"
)

// listenerHistory is what happens on a listener that environments share: 50 pull requests are opened
// within a minute, and some are closed and opened again, while somebody else's rules are there and come.
// Each reads the rules, and creates its own about a quarter of a minute later. If another rule has the
// priority by then, it reads them again, up to three times in all.
type listenerHistory struct {
	random *rand.Rand
	rules  map[int]int // pull request by priority; 0 for somebody else's
	steps  []listenerStep

	failed, lost int // pull requests without a rule, and moments at which one lost its priority to another
}

type listenerStep struct {
	at  time.Duration
	run func()
}

func (h *listenerHistory) later(d time.Duration, run func()) {
	h.steps = append(h.steps, listenerStep{d, run})
}

func (h *listenerHistory) seconds(least, most int) time.Duration {
	return time.Duration(least*1000+h.random.IntN((most-least)*1000)) * time.Millisecond
}

// open lets a pull request read the rules, and then create its own.
func (h *listenerHistory) open(at time.Duration, number int, tried ...int) {
	h.later(at, func() {
		read := map[int]bool{}
		for priority := range h.rules {
			read[priority] = true
		}
		priority, _ := environment.ForPullRequest("hello", number).RulePriority(0, func(n int) bool { return read[n] || slices.Contains(tried, n) })
		created := at + h.seconds(13, 20)
		h.later(created, func() {
			owner, taken := h.rules[priority]
			switch {
			case !taken:
				h.rules[priority] = number
			case len(tried) == 2:
				h.failed++
			default:
				h.open(created+h.seconds(10, 40), number, append(tried, priority)...)
			}
			if taken && owner != 0 {
				h.lost++
			}
		})
	})
}

func (h *listenerHistory) close(at time.Duration, number int) {
	h.later(at, func() {
		for priority, owner := range h.rules {
			if owner == number {
				delete(h.rules, priority)
			}
		}
	})
}

func (h *listenerHistory) play() {
	for len(h.steps) > 0 {
		slices.SortStableFunc(h.steps, func(a, b listenerStep) int { return int(a.at - b.at) })
		next := h.steps[0]
		h.steps = h.steps[1:]
		next.run()
	}
}

// others adds up to 40 rules of somebody else, before and meanwhile: many in a row where pull requests'
// numbers are, and some where they look next.
func (h *listenerHistory) others() {
	first := []int{100, 150, 1100, 1150, 5000}[h.random.IntN(5)]
	for i := range h.random.IntN(41) {
		priority := first + i
		if h.random.IntN(4) == 0 {
			priority = 100 + h.random.IntN(2000)
		}
		at := time.Duration(0)
		if h.random.IntN(3) == 0 {
			at = h.seconds(0, 90)
		}
		h.later(at, func() {
			if _, taken := h.rules[priority]; !taken {
				h.rules[priority] = 0
			}
		})
	}
}

func TestRulePriority_in_a_thousand_histories(t *testing.T) {
	for _, withOthers := range []bool{false, true} {
		lost := 0
		for seed := range uint64(1000) {
			h := &listenerHistory{random: rand.New(rand.NewPCG(seed, 7)), rules: map[int]int{}}
			if withOthers {
				h.others()
			}
			for _, n := range h.random.Perm(120)[:50] {
				at := h.seconds(1, 60)
				h.open(at, n+1)
				if h.random.IntN(10) == 0 {
					h.close(at+300*time.Second, n+1)
					h.open(at+400*time.Second+h.seconds(0, 30), n+1)
				}
			}
			h.play()
			owners := map[int]bool{}
			for _, owner := range h.rules {
				owners[owner] = true
			}
			delete(owners, 0)
			if h.failed > 0 || len(owners) != 50 {
				t.Errorf("history %d: %d pull requests failed, %d of 50 have a rule", seed, h.failed, len(owners))
			}
			lost += h.lost
		}
		if !withOthers && lost > 0 {
			t.Errorf("without rules of others, pull requests lost their priority to one another %d times, want never", lost)
		}
		t.Logf("with rules of others: %t; priorities that a pull request lost to another: %d of 50,000", withOthers, lost)
	}
}
