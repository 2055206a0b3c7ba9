package docker

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	buildkit "github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"
)

const (
	announceAfter = 10 * time.Second // a step that takes longer is announced before it ends
	minDuration   = time.Second      // BuildKit's own steps are shown if they take at least this long
	maxNameLength = 120              // of a step's name, in runes
)

// progress writes a build's log: one line for each step when it ends, after the step's duration.
//
//	cached  [build 1/4] FROM docker.io/library/golang:1.26
//	  0.1s  [build 2/4] COPY . .
//	     …  [build 3/4] RUN go test ./...
//	         [build 3/4] | ok  	example.org/app	0.012s
//	  3.4s  [build 3/4] RUN go test ./...
//
// Steps run in parallel, so each line of output names its step.
type progress struct {
	w      io.Writer
	redact func(string) string
	steps  map[digest.Digest]*step
	order  []*step // in the order in which they began
	failed string  // the name of the step that failed
	onStep func(Step)
}

// Step is a step of a build, or the push. Its name does not contain the instruction's arguments: a
// build argument may be a secret that only the runner knows, and the runner would not recognize it
// in a name that is truncated or escaped. The daemon's clock gives the duration, and ours the end.
type Step struct {
	Name       string // such as [build 3/4] RUN
	Begin, End time.Time
}

type step struct {
	name      string
	began     time.Time // by our clock; zero if it has not begun
	announced bool
	ended     *time.Time // by the daemon's clock; nil if it has not ended
	output    []byte     // the incomplete last line
	size      int64      // bytes sent to the daemon
}

// prefix returns the part of a step's name that identifies the step, such as "[build 3/4] ".
func (s *step) prefix() string {
	if prefix, _, ok := strings.Cut(s.name, "] "); ok && strings.HasPrefix(prefix, "[") {
		return prefix + "] "
	}
	return ""
}

// instruction returns the step's name without the arguments of the Dockerfile's instruction.
func (s *step) instruction() string {
	prefix := s.prefix()
	if prefix == "" || prefix == "[internal] " {
		return s.name
	}
	word, _, _ := strings.Cut(strings.TrimPrefix(s.name, prefix), " ")
	return prefix + word
}

// isCache reports whether the step reads or writes a cache.
func (s *step) isCache() bool {
	return strings.HasPrefix(s.name, "importing cache ") || strings.HasPrefix(s.name, "exporting cache ")
}

// newProgress returns the progress of a build that has not begun. Both w and redact may be nil.
func newProgress(w io.Writer, redact func(string) string) *progress {
	if w == nil {
		w = io.Discard
	}
	if redact == nil {
		redact = func(text string) string { return text }
	}
	return &progress{w: w, redact: redact, steps: map[digest.Digest]*step{}}
}

// follow writes what the statuses report, until the channel is closed.
func (p *progress) follow(statuses <-chan *buildkit.SolveStatus) {
	clock := time.NewTicker(time.Second)
	defer clock.Stop()
	for {
		select {
		case status, more := <-statuses:
			if !more {
				p.stopUnfinished()
				return
			}
			p.update(status)
		case <-clock.C:
			p.announceSlow()
		}
	}
}

// run does work that BuildKit does not do, and shows the work as a step.
func (p *progress) run(name string, work func() error) error {
	statuses := make(chan *buildkit.SolveStatus)
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		p.follow(statuses)
	}()

	began := time.Now()
	vertex := buildkit.Vertex{Digest: digest.FromString(name), Name: name, Started: &began}
	statuses <- &buildkit.SolveStatus{Vertexes: []*buildkit.Vertex{&vertex}}
	err := work()
	done, ended := vertex, time.Now()
	done.Completed = &ended
	if err != nil {
		done.Error = err.Error()
	}
	statuses <- &buildkit.SolveStatus{Vertexes: []*buildkit.Vertex{&done}}
	close(statuses)
	<-shown
	return err
}

// update writes what is new in a status. A step's output is written before its end, even if both
// are in one status.
func (p *progress) update(status *buildkit.SolveStatus) {
	for _, v := range status.Vertexes {
		p.begin(v)
	}
	for _, s := range status.Statuses {
		if step := p.steps[s.Vertex]; step != nil && strings.HasPrefix(s.ID, "transferring ") {
			step.size = max(step.size, s.Current)
		}
	}
	for _, l := range status.Logs {
		p.print(p.steps[l.Vertex], l.Data)
	}
	for _, w := range status.Warnings {
		p.line("warning", string(w.Short))
	}
	for _, v := range status.Vertexes {
		p.end(v)
	}
}

func (p *progress) begin(v *buildkit.Vertex) {
	s := p.steps[v.Digest]
	if s == nil {
		s = &step{name: truncate(p.redact(v.Name))} // redact first: Redact would not find half a secret
		p.steps[v.Digest] = s
	}
	if v.Started != nil && s.began.IsZero() {
		s.began = time.Now()
		p.order = append(p.order, s)
	}
}

func (p *progress) end(v *buildkit.Vertex) {
	s := p.steps[v.Digest]
	if v.Completed == nil || v.Started == nil {
		return
	}
	took := v.Completed.Sub(*v.Started)
	// A step can end more than once: first when BuildKit has looked it up in the cache, then when
	// it has run.
	if s.ended != nil && (!v.Completed.After(*s.ended) || took < minDuration && v.Error == "") {
		return
	}
	s.ended = v.Completed
	if len(s.output) > 0 {
		p.print(s, []byte("\n"))
	}
	if p.onStep != nil && !v.Cached {
		now := time.Now()
		p.onStep(Step{Name: s.instruction(), Begin: now.Add(-took), End: now})
	}

	switch {
	case strings.HasSuffix(v.Error, "context canceled"):
		p.line("stopped", s.name)
	case v.Error != "" && s.isCache(): // the build continues without it
		p.line("skipped", s.name)
	case v.Error != "":
		p.line("failed", s.name)
		p.failed = s.name
	case strings.HasPrefix(s.name, "[internal]") && took < minDuration:
	case v.Cached:
		p.line("cached", s.name)
	case s.size > 0:
		p.line(formatDuration(took), fmt.Sprintf("%s (%.1f MB)", s.name, float64(s.size)/1e6))
	default:
		p.line(formatDuration(took), s.name)
	}
}

// print writes the complete lines of a step's output and keeps the rest.
func (p *progress) print(s *step, output []byte) {
	if s == nil {
		return
	}
	s.output = append(s.output, output...)
	for {
		line, rest, complete := bytes.Cut(s.output, []byte("\n"))
		if !complete {
			return
		}
		s.output = slices.Clone(rest)
		// A progress bar overwrites its line. The last state is enough.
		line = bytes.TrimRight(line, "\r")
		line = line[bytes.LastIndexByte(line, '\r')+1:]
		if !s.announced {
			p.announce(s)
		}
		fmt.Fprintf(p.w, "         %s| %s\n", s.prefix(), p.redact(string(line)))
	}
}

func (p *progress) announce(s *step) {
	p.line("…", s.name)
	s.announced = true
}

func (p *progress) announceSlow() {
	for _, s := range p.order {
		if s.ended == nil && !s.announced && time.Since(s.began) >= announceAfter {
			p.announce(s)
		}
	}
}

// stopUnfinished writes which steps have not ended, unless a failed step is the reason.
func (p *progress) stopUnfinished() {
	if p.failed != "" {
		return
	}
	for _, s := range p.order {
		if s.ended == nil && (s.announced || !strings.HasPrefix(s.name, "[internal]")) {
			p.line("stopped", s.name)
		}
	}
	p.order = nil
}

func (p *progress) line(left, right string) {
	fmt.Fprintf(p.w, "%7s  %s\n", left, p.redact(right))
}

// truncate returns a step's name as one line of limited length. The name contains the whole
// instruction.
func truncate(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > maxNameLength {
		return string(runes[:maxNameLength-1]) + "…"
	}
	return name
}

// formatDuration returns a duration such as 0.1s, 12.0s or 3m05s.
func formatDuration(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
}
