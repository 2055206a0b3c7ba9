package plain_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pr-stack/internal/plain"
)

func TestText(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"plain":               {"GET / 500\n\tat app.js:7", "GET / 500\n\tat app.js:7"},
		"colours":             {"\x1b[1;31mred\x1b[0m", "red"},
		"title and clipboard": {"a\x1b]0;title\x07b\x1b]52;c;ZXZpbA==\x1b\\c", "abc"},
		"no end of a title":   {"a\x1b]0;the rest stays", "a]0;the rest stays"},
		"cursor":              {"a\x1b[2J\x1b[1;1Hb\x1bMc", "abc"},
		"ESC alone":           {"a\x1b", "a"},
		"8-bit CSI":           {"a\u009b31mb", "a31mb"},
		"bell and backspace":  {"pass\x07word\b\b\b\bWORD\x00\x7f", "passwordWORD"},
		"Windows line breaks": {"a\r\nb", "a\nb"},
		"other line breaks":   {"a\rb\vc\fd\u0085e\u2028f\u2029g", "a b c d e f g"},
		"reversed letters":    {"evil\u202etxt.exe \u2066x\u2069 \u200e\u200f\u061c", "eviltxt.exe x "},
		"no width":            {"hun\u200bter\ufeff\u2060\u00ad2\u180e\u3164", "hunter2"},
		"joiner in a word":    {"hun\u200dter\u200c2", "hunter2"},
		"joiners in a row":    {"\u0645\u200d\u200d\u200d\u0645", "\u0645\u200d\u0645"},
		"invisible ASCII":     {"a\U000E0068\U000E0069b", "ab"},
		"many marks":          {"Z" + strings.Repeat("\u0301", 100) + "algo", "Z" + strings.Repeat("\u0301", 8) + "algo"},
		"not UTF-8":           {"a\xffb", "a\uFFFDb"},
		"emoji":               {"✅ 👩‍🚀 👨‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ❤️ 👍🏽 🇳🇴", "✅ 👩‍🚀 👨‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ❤️ 👍🏽 🇳🇴"},
		"Persian":             {"می\u200cخواهم", "می\u200cخواهم"},
		"Hindi":               {"क्\u200dष", "क्\u200dष"},
		"others":              {"naïve Grüße 日本語 한국어 עברית Ελλάδα ru: тест", "naïve Grüße 日本語 한국어 עברית Ελλάδα ru: тест"},
	} {
		if got := plain.Text(test.text); got != test.want {
			t.Errorf("%s: Text(%q) = %q, want %q", name, test.text, got, test.want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"a\x1b[31mb", "\u202e", "\x1b\x1b[0m[0m", "\u200d\u200d", "\xff", "\U0001F3F4\U000E0067"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := plain.Text(text)
		if !utf8.ValidString(got) {
			t.Errorf("Text(%q) = %q, which is not UTF-8", text, got)
		}
		if again := plain.Text(got); again != got {
			t.Errorf("Text(Text(%q)) = %q, want %q: removing one thing must not make another", text, again, got)
		}
		control := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
		if strings.ContainsFunc(got, control) || strings.ContainsAny(got, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff") {
			t.Errorf("Text(%q) = %q", text, got)
		}
	})
}
