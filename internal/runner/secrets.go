package runner

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"pr-stack/internal/plain"
)

// minSecret is the minimum number of bytes of a secret that is hidden. Hiding a shorter one would
// turn half of the log into asterisks, as short masks of the runner do.
const minSecret = 4

// minBase64 is how many whole bytes of a secret are looked for in base64: fewer could be found by chance.
const minBase64 = 6

// secrets are the values that must not be shown.
type secrets struct {
	masked   []string // the lines that the runner was told
	hidden   []string // nowhere to be shown, in each spelling; the masked ones are among them
	withheld []string // not to be published; the log may show them
	accounts bool     // the numbers of AWS accounts are hidden, too
}

// lines returns a value's lines that are long enough. A log is masked line by line.
func lines(value string) (list []string) {
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); len(line) >= minSecret {
			list = append(list, line)
		}
	}
	return list
}

// spellings returns a value as it is written, in JSON, in URLs and in base64. The runner knows them,
// too, but does not see what is sent to GitHub's API.
func spellings(value string) []string {
	list := []string{value, url.QueryEscape(value), url.PathEscape(value)}
	for begin := range min(3, len(value)) { // where a group of three bytes may begin, as after "user:"
		whole := value[begin : begin+(len(value)-begin)/3*3]
		if len(whole) >= minBase64 {
			list = append(list, base64.StdEncoding.EncodeToString([]byte(whole)), base64.URLEncoding.EncodeToString([]byte(whole)))
		}
	}
	for _, escapeHTML := range []bool{true, false} {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(escapeHTML)
		if e.Encode(value) == nil {
			list = append(list, b.String()[1:b.Len()-len("\"\n")])
		}
	}
	return list
}

// hide adds values to a list, in each spelling.
func hide(list []string, values ...string) []string {
	for _, value := range values {
		for _, line := range lines(value) {
			for _, spelling := range spellings(line) {
				if !slices.Contains(list, spelling) {
					list = append(list, spelling)
				}
			}
		}
	}
	return list
}

// mask keeps the secret's lines that are new, and returns them.
func (s *secrets) mask(secret string) (added []string) {
	for _, line := range lines(secret) {
		if !slices.Contains(s.masked, line) {
			s.masked = append(s.masked, line)
			added = append(added, line)
		}
	}
	s.hidden = hide(s.hidden, added...)
	return added
}

// redact replaces what must not be shown. It takes the number of an account from the first ARN or
// name of a registry that it sees, and hides it elsewhere from then on.
func (s *secrets) redact(text string) string {
	if s.accounts {
		for _, found := range account.FindAllStringSubmatch(text, -1) {
			s.hidden = hide(s.hidden, found[1]+found[2])
		}
	}
	return cover(text, s.hidden)
}

// account finds the number of an AWS account where it cannot be another number.
var account = regexp.MustCompile(`\barn(?:%3A|:)aws[\w-]*(?:%3A|:)[\w-]*(?:%3A|:)[\w-]*(?:%3A|:)(\d{12})\b|\b(\d{12})\.dkr[.-]ecr[.-]`)

// cover replaces each part of a text that is one of the values. All of them are looked for in the
// text as it is: one may be a part of another, or overlap with it, and replacing one of them first
// would leave the rest of the other readable.
func cover(text string, values []string) string {
	type span struct{ begin, end int }
	var spans []span
	for _, value := range values {
		for at := 0; ; {
			i := strings.Index(text[at:], value)
			if i < 0 {
				break
			}
			spans = append(spans, span{at + i, at + i + len(value)})
			at += i + len(value)
		}
	}
	if len(spans) == 0 {
		return text
	}
	slices.SortFunc(spans, func(a, b span) int { return a.begin - b.begin })
	var b strings.Builder
	end := -1 // of what is replaced; -1: nothing is yet
	for _, s := range spans {
		if end < s.begin || end < 0 {
			b.WriteString(text[max(end, 0):s.begin] + "***")
		}
		end = max(end, s.end)
	}
	b.WriteString(text[end:])
	return b.String()
}

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
	l.secrets.hidden = hide(l.secrets.hidden, values...)
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
	l.secrets.withheld = hide(l.secrets.withheld, values...)
}

// Clean returns a text that somebody else may have written as it may be published: harmless, and
// without any value that is masked, concealed or withheld. A text that goes straight to the log does
// not need it.
func (l *Log) Clean(text string) string {
	text = plain.Text(text) // first: characters of no width could part a secret
	l.mu.Lock()
	defer l.mu.Unlock()
	text = l.secrets.redact(text)
	return cover(text, l.secrets.withheld)
}

// Redact removes masked and concealed values from a text that is rendered already. What is in it of
// others must have gone through Clean before.
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
	return l.actions != nil && cover(value, l.secrets.masked) != value
}
