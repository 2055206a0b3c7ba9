package runner

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// values is a set of texts to hide, in the order in which they were added.
type values struct {
	list  []string
	known map[string]bool // a secret may be a file of thousands of lines
}

// add adds a text, and reports whether it is new.
func (v *values) add(text string) bool {
	if v.known[text] {
		return false
	}
	if v.known == nil {
		v.known = map[string]bool{}
	}
	v.known[text] = true
	v.list = append(v.list, text)
	return true
}

// hide adds the lines of a value, in each spelling.
func (v *values) hide(value string) {
	for _, line := range lines(value) {
		for _, spelling := range spellings(line) {
			v.add(spelling)
		}
	}
}

// cover replaces each part of a text that is one of the values. All of them are looked for in the
// text as it is: one may be a part of another, or overlap with it, and replacing one of them first
// would leave the rest of the other readable.
func (v values) cover(text string) string {
	type span struct{ begin, end int }
	var spans []span
	for _, value := range v.list {
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

// minSecret is the minimum number of bytes of a secret that is hidden. Hiding a shorter one would
// turn half of the log into asterisks, as short masks of the runner do.
const minSecret = 4

// minBase64 is how many whole bytes of a secret are looked for in base64: fewer could be found by chance.
const minBase64 = 6

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
