package cloudformation

import (
	"maps"
	"slices"
	"time"

	"pr-stack/internal/fake/aws/internal/account"
)

// walk visits resources in the order of their dependencies: each begins when all that it needs are
// done. Those that are ready at the same time run in parallel.
type walk struct {
	account *account.Account
	needs   map[string][]string // what each resource waits for
	begin   func(id string, done func(error))
	// ended is called once, when all are done or, if a failure stops the walk, when one has failed,
	// with what failed and what was in progress.
	ended func(failed, cancelled []string)
	// stops: the first failure ends the walk and cancels what is in progress.
	stops bool

	state map[string]progress
	over  bool
}

type progress int

const (
	waiting progress = iota
	underWay
	finished
	failed
)

// start begins the walk. Roots begin at once, a dependent about a second after the last that it
// needs.
func (w *walk) start() {
	w.state = map[string]progress{}
	w.advance()
}

func (w *walk) advance() {
	if w.over {
		return
	}
	open := 0
	for _, id := range slices.Sorted(maps.Keys(w.needs)) {
		if w.over {
			return
		}
		if w.state[id] == underWay {
			open++
		}
		if w.state[id] != waiting || !w.ready(id) {
			continue
		}
		open++
		w.state[id] = underWay
		begun := false
		w.begin(id, func(err error) {
			if begun || w.over {
				return
			}
			begun = true
			w.done(id, err)
		})
	}
	if open == 0 {
		w.end()
	}
}

func (w *walk) ready(id string) bool {
	for _, need := range w.needs[id] {
		if _, known := w.needs[need]; known && w.state[need] != finished && w.state[need] != failed {
			return false
		}
	}
	return true
}

func (w *walk) done(id string, err error) {
	w.state[id] = finished
	if err != nil {
		w.state[id] = failed
		if w.stops {
			w.end()
			return
		}
	}
	w.account.After(time.Second, w.advance)
}

// cancel ends the walk as a failure would.
func (w *walk) cancel() {
	if !w.over {
		w.end()
	}
}

func (w *walk) end() {
	w.over = true
	w.ended(w.in(failed), w.in(underWay))
}

func (w *walk) in(p progress) []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(w.needs)) {
		if w.state[id] == p {
			ids = append(ids, id)
		}
	}
	return ids
}

// reversed reverses dependencies: what is needed waits for what needs it.
func reversed(needs map[string][]string) map[string][]string {
	turned := map[string][]string{}
	for id, list := range needs {
		if _, ok := turned[id]; !ok {
			turned[id] = nil
		}
		for _, need := range list {
			if _, ok := needs[need]; ok {
				turned[need] = append(turned[need], id)
			}
		}
	}
	return turned
}
