package command

import (
	"bytes"
	"crypto/rand"
)

// quoted passes whole lines on, between ::stop-commands:: and a word that nobody can guess.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#stopping-and-starting-workflow-commands
type quoted struct {
	console *console
	word    string // "" before the first line, and on a laptop
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

func (q *quoted) Close() error {
	if len(q.partial) > 0 {
		q.pass(append(q.partial, '\n'))
		q.partial = nil
	}
	if q.word != "" {
		q.raw([]byte("::" + q.word + "::\n"))
		q.word = ""
	}
	return nil
}

func (q *quoted) pass(lines []byte) {
	if q.word == "" && q.console.actions != nil {
		q.word = rand.Text()
		q.raw([]byte("::stop-commands::" + q.word + "\n"))
	}
	q.raw(lines)
}

func (q *quoted) raw(p []byte) {
	q.console.mu.Lock()
	defer q.console.mu.Unlock()
	_, _ = q.console.out.Write(p) // a log that cannot be written cannot say so
}
