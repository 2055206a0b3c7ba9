package runner_test

import (
	"strings"
	"testing"
	"unicode"
)

// Whatever is written, no line of the log is a command, and none holds a secret that the text held in
// clear or parted by characters that are not seen.
func FuzzLine(f *testing.F) {
	for _, seed := range []string{"x", "::add-mask::a", " \u200b::error::x", "#\u200b#[x", "hunter22", "hun\u202eter22", "a\r\n##[b", "\x1b[0m::x", "\ufe0f::x", ":\u0301:x", "#\ufe0f#\u20e3[x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		log, out := onGitHub()
		log.Mask("hunter22")
		out.Reset()
		log.Line("%s", text)
		for line := range strings.Lines(out.String()) {
			seen := strings.Map(func(r rune) rune {
				if unicode.In(r, unicode.M, unicode.Cf) {
					return -1
				}
				return r
			}, line)
			if strings.HasPrefix(strings.TrimSpace(seen), "::") || strings.Contains(seen, "##[") {
				t.Errorf("Line(%q) wrote the command %q", text, line)
			}
		}
		unseen := func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.In(r, unicode.Bidi_Control)
		}
		if strings.Contains(out.String(), "hunter22") || strings.ContainsFunc(out.String(), unseen) {
			t.Errorf("Line(%q) wrote %q", text, out)
		}
	})
}
