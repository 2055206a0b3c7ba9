package account

import (
	"container/heap"
	"time"
)

// schedule holds the effects to come, earliest first. Effects of the same instant happen in the
// order in which they were scheduled.
type schedule struct {
	entries []*entry
	serial  int
}

// entry is one effect in the future. An effect that may have become obsolete checks that itself.
type entry struct {
	at     time.Time
	serial int
	effect func()
}

// After schedules effect, d from Now as AWS counts time: Scale is applied here and nowhere else. It
// is called with the lock held, and so is effect; while effect runs, Now is the instant for which
// it was scheduled.
func (a *Account) After(d time.Duration, effect func()) {
	a.schedule.serial++
	at := a.now.Add(time.Duration(float64(d) * a.Scale))
	heap.Push(&a.schedule, &entry{at: at, serial: a.schedule.serial, effect: effect})
}

// Advance runs every effect that is due by the present. It is called with the lock held, before
// each answer.
func (a *Account) Advance() {
	now := time.Now()
	for len(a.schedule.entries) > 0 && !a.schedule.entries[0].at.After(now) {
		e := heap.Pop(&a.schedule).(*entry)
		a.now = e.at
		e.effect()
	}
	a.now = now
}

func (s *schedule) Len() int      { return len(s.entries) }
func (s *schedule) Push(x any)    { s.entries = append(s.entries, x.(*entry)) }
func (s *schedule) Swap(i, j int) { s.entries[i], s.entries[j] = s.entries[j], s.entries[i] }

func (s *schedule) Less(i, j int) bool {
	if s.entries[i].at.Equal(s.entries[j].at) {
		return s.entries[i].serial < s.entries[j].serial
	}
	return s.entries[i].at.Before(s.entries[j].at)
}

func (s *schedule) Pop() any {
	last := len(s.entries) - 1
	e := s.entries[last]
	s.entries = s.entries[:last]
	return e
}
