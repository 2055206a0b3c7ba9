package report

import (
	"strings"
	"testing"

	"pr-stack/internal/price"
)

func TestCost(t *testing.T) {
	for want, e := range map[string]price.Estimate{
		"about $1.20 a day":                    {Daily: 1.196},
		"less than $0.01 a day":                {},
		"about $1.20 a day, not counting A, B": {Daily: 1.2, Without: []string{"A", "B"}},
	} {
		if got := cost(&e); got != want {
			t.Errorf("cost(%v) = %q, want %q", e, got, want)
		}
	}
}

// GitHub does not break the lines of a block, and the reason is often at the end of a long line.
func TestWrap(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"short", "short"},
		{"two\nlines", "two\nlines"},
		{"one two three", "one two\n  three"},
		{"123456789012345", "1234567890\n  12345"},
		{"  at 12 3456 789", "  at 12\n    3456\n    789"},
		{"123456789 12", "123456789\n  12"},
		{"1234567890 12", "1234567890\n  12"},
		{"", ""},
	} {
		if got := wrap(test.text, 10); got != test.want {
			t.Errorf("wrap(%q) = %q, want %q", test.text, got, test.want)
		}
	}
	long := strings.Repeat("   wörd ", 50) + strings.Repeat("x", 300)
	for line := range strings.SplitSeq(wrap(long, 60), "\n") {
		if n := len([]rune(line)); n > 60 {
			t.Errorf("wrap made a line of %d: %q", n, line)
		}
	}
	if got := strings.Join(strings.Fields(wrap(long, 60)), ""); got != strings.Join(strings.Fields(long), "") {
		t.Errorf("wrap lost something: %q", got)
	}
}

func TestSentence(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "set x": "Set x.", "Set it!": "Set it!", "see `x`": "See `x`.", "more (y)": "More (y).", "über": "Über.",
	} {
		if got := sentence(s); got != want {
			t.Errorf("sentence(%q) = %q, want %q", s, got, want)
		}
	}
}
