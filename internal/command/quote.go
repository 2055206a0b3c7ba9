package command

import "bytes"

// quoted passes somebody else's output on, in whole lines, while the runner looks for no commands in it.
type quoted struct {
	console *console
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
	q.console.mu.Lock()
	defer q.console.mu.Unlock()
	if q.begun && q.console.stopped != "" {
		q.console.resume()
	}
	return nil
}

func (q *quoted) pass(lines []byte) {
	q.console.mu.Lock()
	defer q.console.mu.Unlock()
	if !q.begun && q.console.actions != nil {
		q.begun = true
		q.console.stop()
	}
	_, _ = q.console.out.Write(lines) // a log that cannot be written cannot say so
}
