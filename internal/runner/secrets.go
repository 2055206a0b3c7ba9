package runner

import (
	"slices"
	"strings"
)

// minSecret is how many bytes a secret has at least to be masked. A shorter one would turn half of
// the log into asterisks, as the runner's own masks do.
const minSecret = 4

// secrets are the values that must not be shown, longest first: one may be a part of another, and
// replacing the shorter one first would leave the rest of the longer one readable.
type secrets []string

// add returns the secret's lines that are new, and keeps them. A log goes by lines.
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

// Mask hides a value from here on. While the runner looks for no commands it would show the mask
// instead, so it is made to look for this one.
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

// Redact takes what is masked out of a text that goes elsewhere than to the log, where the runner
// does so itself.
func (l *Log) Redact(text string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.secrets.redact(text)
}

// ContainsSecret reports whether a value holds something that is masked. The runner drops such an
// output without a word; outside GitHub nothing is dropped.
func (l *Log) ContainsSecret(value string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.actions != nil && l.secrets.redact(value) != value
}
