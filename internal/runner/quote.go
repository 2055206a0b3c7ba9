package runner

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
)

// StopCommands returns a writer for somebody else's output. The runner looks for no commands in that
// output. Close the writer to make the runner look for commands again.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#stopping-and-starting-workflow-commands
func (l *Log) StopCommands() io.WriteCloser { return &quoted{log: l} }

// quoted passes somebody else's output on, in whole lines.
type quoted struct {
	log     *Log
	begun   bool
	partial []byte
}

func (q *quoted) Write(p []byte) (int, error) {
	q.partial = append(q.partial, p...)
	end := bytes.LastIndexByte(q.partial, '\n')
	if end < 0 {
		return len(p), nil
	}
	q.pass(q.partial[:end+1])
	q.partial = append(q.partial[:0], q.partial[end+1:]...)
	return len(p), nil
}

// Close makes the runner look for commands again.
func (q *quoted) Close() error {
	if len(q.partial) > 0 {
		q.pass(append(q.partial, '\n'))
		q.partial = nil
	}
	q.log.mu.Lock()
	defer q.log.mu.Unlock()
	if q.begun && q.log.stopped != "" {
		q.log.resume()
	}
	return nil
}

func (q *quoted) pass(lines []byte) {
	q.log.mu.Lock()
	defer q.log.mu.Unlock()
	if !q.begun && q.log.actions != nil {
		q.begun = true
		q.log.stop()
	}
	_, _ = io.WriteString(q.log.out, q.log.shown(string(lines))) // an error of the log cannot be logged
}

// stop makes the runner read what follows as text, until it reads a word that nobody can guess.
func (l *Log) stop() {
	l.stopped = rand.Text()
	fmt.Fprintf(l.out, "::stop-commands::%s\n", l.stopped)
}

func (l *Log) resume() {
	fmt.Fprintf(l.out, "::%s::\n", l.stopped)
	l.stopped = ""
}
