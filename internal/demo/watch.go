package main

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// watch reads a promotion's log while the run writes it, and says when a step has its part of the requests,
// and when it is over.
type watch struct {
	began func(percent int)
	ended func(percent int, began time.Time)

	partial []byte
	percent int // of the step whose part of the log is read; 0: of none
	since   time.Time
}

var (
	stepTitle = regexp.MustCompile(`^::group::(Shift|Judge the new version at) (\d+) percent`)
	inEffect  = regexp.MustCompile(`^  the .* \d+ %.*, after `)
)

// take takes the next part of the log.
func (w *watch) take(text []byte) {
	w.partial = append(w.partial, text...)
	for {
		line, rest, ok := bytes.Cut(w.partial, []byte("\n"))
		if !ok {
			return
		}
		w.read(string(line))
		w.partial = rest
	}
}

func (w *watch) read(line string) {
	title := stepTitle.FindStringSubmatch(line)
	switch {
	case title != nil:
		w.percent, _ = strconv.Atoi(title[2])
		if title[1] == "Shift" { // it is to be asked for yet; ECS shifts itself, and is judged afterwards
			return
		}
		w.begin()
	case w.percent == 0:
	case w.since.IsZero() && inEffect.MatchString(line):
		w.begin()
	case strings.HasPrefix(line, "::endgroup::"):
		if !w.since.IsZero() {
			w.ended(w.percent, w.since)
		}
		w.percent, w.since = 0, time.Time{}
	}
}

func (w *watch) begin() {
	w.since = time.Now()
	w.began(w.percent)
}
