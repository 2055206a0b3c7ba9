// Package plain makes a text that somebody else wrote harmless to show: a container's log, AWS's
// reasons, a build's output, GitHub's answers. It does not know where the text is shown, so it leaves
// the markup of that place to its caller.
package plain

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape is an escape sequence of a terminal: a colour, a title, the clipboard, a cursor movement.
var escape = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|[@-OQ-WYZ\\])`)

// Text returns a text without what a reader cannot see but a terminal or a browser obeys: escape
// sequences, control characters, marks that reverse the order of letters
// (https://trojansource.codes), and characters of no width. Line breaks and tabs stay, and so do
// emoji and all writing systems. Bytes that are not UTF-8 become U+FFFD.
func Text(s string) string {
	if isPlain(s) {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	s = escape.ReplaceAllString(s, "")
	var b strings.Builder
	before := rune(0) // the last one that was kept
	marks := 0        // in a row, up to it
	for at, r := range s {
		switch {
		case isBreak(r):
			r = ' '
		case r == zeroWidthJoiner || r == zeroWidthNonJoiner:
			if after, _ := utf8.DecodeRuneInString(s[at+utf8.RuneLen(r):]); !joins(before) || !joins(after) {
				continue
			}
		case isTag(r):
			if before != blackFlag && !isTag(before) {
				continue
			}
		case isInvisible(r), marks == maxMarks && unicode.Is(unicode.M, r):
			continue
		}
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

// maxMarks is how many marks a letter may carry. No language needs as many, and with hundreds of them
// a letter covers the lines above and below.
const maxMarks = 8

const (
	zeroWidthNonJoiner = '\u200C' // part of a word in Persian and in Indian languages
	zeroWidthJoiner    = '\u200D' // makes one emoji of several
	blackFlag          = '\U0001F3F4'
)

// isPlain reports whether a text is of visible ASCII characters, as most are.
func isPlain(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return (r < ' ' && r != '\n' && r != '\t') || r > '~' }) < 0
}

// isBreak reports whether some program takes the character for the end of a line.
func isBreak(r rune) bool {
	switch r {
	case '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// joins reports whether a joiner beside the character can have a meaning. Beside a letter of ours it
// can only hide.
func joins(r rune) bool {
	return r > unicode.MaxLatin1 && !unicode.Is(unicode.Latin, r) && !isBreak(r) && !isInvisible(r)
}

// isTag reports whether the character is one of the tags, an invisible copy of ASCII. Flags such as
// Scotland's are spelled with them.
func isTag(r rune) bool { return r >= 0xE0020 && r <= 0xE007F }

// isInvisible reports whether the character has no shape. Marks that enclose a number, as Arabic has
// them, are of the same category and are visible.
func isInvisible(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case unicode.IsControl(r):
		return true
	case unicode.Is(unicode.Cf, r):
		return !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
	}
	switch r {
	case '\u034F', '\u115F', '\u1160', '\u17B4', '\u17B5', '\u3164', '\uFFA0':
		return true // fillers and joiners that are letters or marks by category
	}
	return false
}
