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
	quiet   = 10 * time.Second // a step that runs so long is announced before it ends
	minor   = time.Second      // BuildKit's own steps are shown from this duration on
	longest = 120              // runes of a step's name
)

// progress shows a build the way a log is read: one line for each step when it ends, its duration in front.
//
//	cached  [build 1/4] FROM docker.io/library/golang:1.26
//	  0.1s  [build 2/4] COPY . .
//	     …  [build 3/4] RUN go test ./...
//	         [build 3/4] | ok  	example.org/app	0.012s
//	  3.4s  [build 3/4] RUN go test ./...
//
// Steps run at the same time, so that each line of output says whose it is.
type progress struct {
	w       io.Writer
	secrets *strings.Replacer
	steps   map[digest.Digest]*step
	order   []*step // as they began
	failed  string  // the name of the step that failed
	onStep  func(Step)
}

// Step is a part of a build, or the push, without what an instruction says: a build argument may hold what only the runner
// knows to be secret, and would not find again in a name that is cut or made fit for a picture. How long it took is by the daemon's clock, when it ended by ours.
type Step struct {
	Name       string // [build 3/4] RUN
	Begin, End time.Time
}

type step struct {
	name      string
	began     time.Time // by our clock; zero: not yet
	announced bool
	ended     *time.Time // by the daemon's clock; nil: running, or not begun
	output    []byte     // what is there of the next line
	size      int64      // of what was sent to the daemon, in bytes
}

// tag is the part of a step's name that tells it from others: "[build 3/4] ".
func (s *step) tag() string {
	if tag, _, ok := strings.Cut(s.name, "] "); ok && strings.HasPrefix(tag, "[") {
		return tag + "] "
	}
	return ""
}

// instruction is the step's name without the arguments of what the Dockerfile says.
func (s *step) instruction() string {
	tag := s.tag()
	if tag == "" || tag == "[internal] " {
		return s.name
	}
	word, _, _ := strings.Cut(strings.TrimPrefix(s.name, tag), " ")
	return tag + word
}

func newProgress(w io.Writer, hidden []string) *progress {
	if w == nil {
		w = io.Discard
	}
	return &progress{w: w, secrets: hider(hidden), steps: map[digest.Digest]*step{}}
}

// follow shows statuses until there are no more.
func (p *progress) follow(statuses <-chan *buildkit.SolveStatus) {
	clock := time.NewTicker(time.Second)
	defer clock.Stop()
	for {
		select {
		case status, more := <-statuses:
			if !more {
				p.abandon()
				return
			}
			p.update(status)
		case <-clock.C:
			p.announceQuiet()
		}
	}
}

// watch shows work that BuildKit knows nothing of as one more step.
func (p *progress) watch(name string, work func() error) error {
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

// update shows what is new in a status. A step's output comes before its end, whatever the order they arrive in.
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
		s = &step{name: shorten(p.hide(v.Name))} // in this order: half a secret would not be found
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
	// A step can end more than once: first when its place in the cache is known, then when it has run.
	if s.ended != nil && (!v.Completed.After(*s.ended) || took < minor && v.Error == "") {
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
	case v.Error != "" && (strings.HasPrefix(s.name, "importing cache ") || strings.HasPrefix(s.name, "exporting cache ")):
		// The build goes on without.
		p.line("skipped", s.name)
	case v.Error != "":
		p.line("failed", s.name)
		p.failed = s.name
	case strings.HasPrefix(s.name, "[internal]") && took < minor:
	case v.Cached:
		p.line("cached", s.name)
	case s.size > 0:
		p.line(seconds(took), fmt.Sprintf("%s (%.1f MB)", s.name, float64(s.size)/1e6))
	default:
		p.line(seconds(took), s.name)
	}
}

// print shows the whole lines of a step's output and keeps the rest.
func (p *progress) print(s *step, output []byte) {
	if s == nil {
		return
	}
	s.output = append(s.output, output...)
	for {
		line, rest, whole := bytes.Cut(s.output, []byte("\n"))
		if !whole {
			return
		}
		s.output = slices.Clone(rest)
		// Of a bar that redraws itself, the last state is enough.
		line = bytes.TrimRight(line, "\r")
		line = line[bytes.LastIndexByte(line, '\r')+1:]
		if !s.announced {
			p.announce(s)
		}
		fmt.Fprintf(p.w, "         %s| %s\n", s.tag(), p.hide(string(line)))
	}
}

func (p *progress) announce(s *step) {
	p.line("…", s.name)
	s.announced = true
}

func (p *progress) announceQuiet() {
	for _, s := range p.order {
		if s.ended == nil && !s.announced && time.Since(s.began) >= quiet {
			p.announce(s)
		}
	}
}

// abandon tells of steps that will not come to an end any more, unless it is clear why.
func (p *progress) abandon() {
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
	fmt.Fprintf(p.w, "%7s  %s\n", left, p.hide(right))
}

// hide takes the secrets out of a text.
func (p *progress) hide(s string) string { return p.secrets.Replace(s) }

// hider replaces each line of each value. Lines of fewer than four bytes stay: taking a "1" or "no" out of every line
// would tell more than it hides.
func hider(values []string) *strings.Replacer {
	var secrets []string
	for _, value := range values {
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); len(line) >= 4 {
				secrets = append(secrets, line)
			}
		}
	}
	// Longest first: of hunter22, hunter2 alone would leave a digit.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, secret := range secrets {
		pairs = append(pairs, secret, "***")
	}
	return strings.NewReplacer(pairs...)
}

// shorten makes one line of a step's name, which is as long as its instruction.
func shorten(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return name
}

func seconds(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
}
