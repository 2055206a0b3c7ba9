package runner

import (
	"regexp"

	"pr-stack/internal/plain"
)

// secrets are the values that must not be shown.
type secrets struct {
	masked   values // the lines that the runner masks, too
	hidden   values // nowhere to be shown, in each spelling; the masked ones are among them
	withheld values // hidden only in what Clean returns; the log may show them
	accounts bool   // the numbers of AWS accounts are hidden, too
}

// mask keeps the secret's lines that are new, and returns them.
func (s *secrets) mask(secret string) (added []string) {
	for _, line := range lines(secret) {
		if s.masked.add(line) {
			added = append(added, line)
		}
	}
	s.hidden.hide(secret)
	return added
}

// redact replaces what must not be shown. It takes the number of an account from the first ARN or
// name of a registry that it sees, and hides it elsewhere from then on.
func (s *secrets) redact(text string) string {
	if s.accounts {
		for _, found := range account.FindAllStringSubmatch(text, -1) {
			s.hidden.hide(found[1] + found[2])
		}
	}
	return s.hidden.cover(text)
}

// account finds the number of an AWS account where it cannot be another number.
var account = regexp.MustCompile(`\barn(?:%3A|:)aws[\w-]*(?:%3A|:)[\w-]*(?:%3A|:)[\w-]*(?:%3A|:)(\d{12})\b|\b(\d{12})\.dkr[.-]ecr[.-]`)

// Mask hides a value from now on. While the runner looks for no commands, it would show the mask
// command as text, so Mask makes the runner look for commands until the mask is set.
func (l *Log) Mask(secret string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	added := l.secrets.mask(secret)
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

// Conceal hides values from now on wherever Mask does, except from the runner, which would drop the
// outputs that contain one.
func (l *Log) Conceal(values ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, value := range values {
		l.secrets.hidden.hide(value)
	}
}

// ConcealAccounts conceals the number of each AWS account whose ARN or registry is named from now on.
func (l *Log) ConcealAccounts() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.secrets.accounts = true
}

// Withhold hides values from now on in what Clean returns. The log still shows them.
func (l *Log) Withhold(values ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, value := range values {
		l.secrets.withheld.hide(value)
	}
}

// Clean returns a text that somebody else may have written as it may be published: harmless, and
// without any value that is masked, concealed or withheld. A text that goes straight to the log does
// not need it.
func (l *Log) Clean(text string) string {
	text = plain.Text(text) // first: characters of no width could part a secret
	l.mu.Lock()
	defer l.mu.Unlock()
	text = l.secrets.redact(text)
	return l.secrets.withheld.cover(text)
}

// Redact removes masked and concealed values from a text that is rendered already. Texts of others in
// it must have gone through Clean before.
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
	return l.actions != nil && l.secrets.masked.cover(value) != value
}
