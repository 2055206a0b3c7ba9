package config

import (
	"fmt"
	"strings"
)

// entries reads a list as docker/build-push-action does: one entry a line. An entry in double quotes,
// with the quotes in it doubled, may have several lines; a quote inside another entry is part of it.
// Lines that begin with # are comments.
// https://github.com/docker/build-push-action#secrets
func entries(text string) ([]string, error) {
	var list []string
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for line := 1; text != ""; {
		entry, rest, _ := strings.Cut(text, "\n")
		if text[0] == '"' {
			var ok bool
			if entry, rest, ok = quotedEntry(text[1:]); !ok { // the text is not shown: it may be a secret
				return nil, fmt.Errorf("line %d: the quote is not closed at the end of a line", line)
			}
		}
		line += strings.Count(text[:len(text)-len(rest)], "\n")
		text = rest
		if trimmed := strings.TrimSpace(entry); trimmed != "" && trimmed[0] != '#' {
			list = append(list, entry)
		}
	}
	return list, nil
}

// quotedEntry reads up to the quote that closes, which must end its line.
func quotedEntry(text string) (entry, rest string, ok bool) {
	var b strings.Builder
	for {
		part, after, closed := strings.Cut(text, `"`)
		b.WriteString(part)
		if !closed {
			return "", "", false
		}
		if !strings.HasPrefix(after, `"`) {
			row, rest, _ := strings.Cut(after, "\n")
			return b.String(), rest, strings.TrimSpace(row) == ""
		}
		b.WriteByte('"')
		text = after[1:]
	}
}

// entryValues reads entries of KEY=VALUE. The value is everything after the =, blanks included.
func entryValues(text string) (map[string]string, error) {
	list, err := entries(text)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for n, entry := range list {
		key, value, ok := strings.Cut(strings.TrimLeft(entry, " \t"), "=")
		key = strings.TrimSpace(key)
		if !ok || key == "" {
			return nil, fmt.Errorf("entry %d is not KEY=VALUE", n+1) // the text is not shown, as above
		}
		if _, twice := values[key]; twice {
			return nil, fmt.Errorf("%s is there twice", quote(key))
		}
		values[key] = value
	}
	return values, nil
}

// words reads a list that is separated by commas, blanks or lines.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) })
}
