// Package timeline records where a run's time went: its phases, which may overlap, and what went on
// in each. It finds the critical path; other packages draw the path and log it.
package timeline

import (
	"slices"
	"sync"
	"time"
)

// Bar is something that took time.
type Bar struct {
	Section string // a word or two; bars of one section belong together
	Name    string
	Begin   time.Time
	End     time.Time
	Ready   time.Time // when a bar that waits for this one could begin; zero means End
	Part    string    // the Name of the bar that it is a part of, or ""
	Note    string    // how it ended, if not well: Failed or Unfinished
}

// The notes of a bar.
const (
	Failed     = "failed"
	Unfinished = "unfinished"
)

// Took returns the bar's length.
func (b Bar) Took() time.Duration { return b.End.Sub(b.Begin) }

// Phase is a part of the run that a reader would wait for.
type Phase struct {
	Name string
	Took time.Duration
	Note string // its result, if that is worth showing: "used again"
}

// Recorder collects phases and bars. Its zero value is ready to use, and it is safe for concurrent
// use.
type Recorder struct {
	mu     sync.Mutex
	phases []*phase
}

// phase is a Phase that has begun.
type phase struct {
	Phase
	section string
	begin   time.Time
	end     time.Time // zero while it goes on
	bars    []Bar
}

// Part is what the code of a phase uses to add notes and bars to the phase. It is safe for
// concurrent use.
type Part struct {
	recorder *Recorder
	phase    *phase
}

// Run runs one phase and records how long it took. Phases may overlap. The phase is shown as a bar
// of this section, but only if no finer bar was added to the phase.
func Run[T any](r *Recorder, section, name string, run func(*Part) (T, error)) (T, error) {
	p := &phase{Phase: Phase{Name: name}, section: section, begin: time.Now()}
	r.mu.Lock()
	r.phases = append(r.phases, p)
	r.mu.Unlock()
	result, err := run(&Part{recorder: r, phase: p})
	r.mu.Lock()
	defer r.mu.Unlock()
	p.end = time.Now()
	p.Took = p.end.Sub(p.begin)
	if err != nil {
		p.Note = Failed
	}
	return result, err
}

// Note sets the phase's note: its result in a word or two. A phase that fails gets the note Failed
// instead.
func (p *Part) Note(note string) {
	p.recorder.mu.Lock()
	defer p.recorder.mu.Unlock()
	p.phase.Note = note
}

// Noted returns the phase's note so far.
func (p *Part) Noted() string {
	p.recorder.mu.Lock()
	defer p.recorder.mu.Unlock()
	return p.phase.Note
}

// Add adds a bar to the phase.
func (p *Part) Add(b Bar) {
	p.recorder.mu.Lock()
	defer p.recorder.mu.Unlock()
	p.phase.bars = append(p.phase.bars, b)
}

// Replace replaces the parts of the bar named whole, in all phases, so that parts that are read
// again are kept only once.
func (p *Part) Replace(whole string, parts []Bar) {
	p.recorder.mu.Lock()
	defer p.recorder.mu.Unlock()
	for _, other := range p.recorder.phases {
		other.bars = slices.DeleteFunc(other.bars, func(b Bar) bool { return b.Part == whole })
	}
	p.phase.bars = append(p.phase.bars, parts...)
}

// Last returns the bar of that name that began last, in any phase and in any section except
// butSection.
func (p *Part) Last(name, butSection string) (last Bar, ok bool) {
	for _, b := range p.recorder.Bars() {
		if b.Name == name && b.Section != butSection && b.Part == "" && (!ok || b.Begin.After(last.Begin)) {
			last, ok = b, true
		}
	}
	return last, ok
}

// Phases returns the phases that have ended, in the order in which they began.
func (r *Recorder) Phases() (list []Phase) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.phases {
		if !p.end.IsZero() {
			list = append(list, p.Phase)
		}
	}
	return list
}

// Bars returns the bars of all phases. A phase that has ended without a bar of its own is returned
// as one bar.
func (r *Recorder) Bars() (list []Bar) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.phases {
		list = append(list, p.bars...)
		whole := slices.ContainsFunc(p.bars, func(b Bar) bool { return b.Part == "" })
		if whole || p.end.IsZero() {
			continue
		}
		bar := Bar{Section: p.section, Name: p.Name, Begin: p.begin, End: p.end}
		if p.Note == Failed {
			bar.Note = Failed
		}
		list = append(list, bar)
	}
	return list
}
