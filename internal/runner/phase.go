package runner

import (
	"time"

	"pr-stack/internal/timeline"
)

// Phase runs one phase of a run as a group of the log, and returns the result of the phase. If the
// phase succeeds and has a note, the group's last line is the note and how long the phase took.
func Phase[T any](log *Log, times *timeline.Recorder, section, name string, run func(*timeline.Part) (T, error)) (T, error) {
	log.Group(name)
	defer log.EndGroup()
	began := time.Now()
	return timeline.Run(times, section, name, func(part *timeline.Part) (T, error) {
		result, err := run(part)
		if note := part.Noted(); err == nil && note != "" {
			log.Line("  %s, %s", note, timeline.Duration(time.Since(began)))
		}
		return result, err
	})
}
