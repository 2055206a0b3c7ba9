package runner

import (
	"slices"
	"strings"
)

// minSecret is the minimum number of bytes of a secret that is masked. Masking a shorter one would
// turn half of the log into asterisks, as short masks of the runner do.
const minSecret = 4

// secrets are the values that must not be shown, longest first: one may be a part of another, and
// replacing the shorter one first would leave the rest of the longer one readable.
type secrets []string

// add keeps the secret's lines that are new, and returns them. It keeps single lines because a log is
// masked line by line.
func (s *secrets) add(secret string) (added []string) {
	for line := range strings.Lines(secret) {
		line = strings.TrimSpace(line)
		if len(line) >= minSecret && !slices.Contains(*s, line) {
			*s = append(*s, line)
			added = append(added, line)
		}
	}
	slices.SortStableFunc(*s, func(a, b string) int { return len(b) - len(a) })
	return added
}

func (s secrets) redact(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}

// Mask hides a value from now on. While the runner looks for no commands, it would show the mask
// command as text, so Mask makes the runner look for commands until the mask is set.
func (l *Log) Mask(secret string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	added := l.secrets.add(secret)
	if l.actions == nil || len(added) == 0 {
		return
	}
	if l.stopped != "" {
		l.resume()
		defer l.stop()
	}
	for _, line := range added {
		l.actions.AddMask(line)
	}
}

// Redact removes masked values from a text. A text that goes straight to the log does not need it,
// because secrets are masked there anyway.
func (l *Log) Redact(text string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.secrets.redact(text)
}

// ContainsSecret reports whether the runner would drop this value of an output, because it contains
// a masked value. The runner gives no message. Outside GitHub nothing is dropped.
func (l *Log) ContainsSecret(value string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.actions != nil && l.secrets.redact(value) != value
}
