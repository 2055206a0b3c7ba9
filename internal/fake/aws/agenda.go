package aws

import (
	"container/heap"
	"time"
)

// agenda holds what is still to happen, earliest first; what is due at the same instant happens in the order in which
// it was put down.
type agenda struct {
	entries []*entry
	serial  int
}

// entry is one effect in the future. What is no longer to happen is for the effect itself to find out.
type entry struct {
	at     time.Time
	serial int
	effect func()
}

// after puts effect on the agenda, d from a.now as AWS counts time: Scale is applied here and nowhere else. It is
// called with a.mu held, and so is effect, at whose run a.now is the instant for which it was put down.
func (a *AWS) after(d time.Duration, effect func()) {
	a.agenda.serial++
	heap.Push(&a.agenda, &entry{at: a.now.Add(time.Duration(float64(d) * a.opts.Scale)), serial: a.agenda.serial, effect: effect})
}

// settle carries out everything that has come due by now. It is called with a.mu held, before each answer.
func (a *AWS) settle(now time.Time) {
	for len(a.agenda.entries) > 0 && !a.agenda.entries[0].at.After(now) {
		e := heap.Pop(&a.agenda).(*entry)
		a.now = e.at
		e.effect()
	}
	a.now = now
}

func (g *agenda) Len() int      { return len(g.entries) }
func (g *agenda) Push(x any)    { g.entries = append(g.entries, x.(*entry)) }
func (g *agenda) Swap(i, j int) { g.entries[i], g.entries[j] = g.entries[j], g.entries[i] }

func (g *agenda) Less(i, j int) bool {
	if g.entries[i].at.Equal(g.entries[j].at) {
		return g.entries[i].serial < g.entries[j].serial
	}
	return g.entries[i].at.Before(g.entries[j].at)
}

func (g *agenda) Pop() any {
	last := len(g.entries) - 1
	e := g.entries[last]
	g.entries = g.entries[:last]
	return e
}
