package config

import (
	"encoding/csv"
	"fmt"
	"strings"
)

// entries reads a list as docker/build-push-action does: one entry a line; an entry in double quotes, with quotes in it
// doubled, may go over several lines. A quote inside an entry stands for itself. Lines that begin with # are comments.
// https://github.com/docker/build-push-action#secrets
func entries(text string) ([]string, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = '\x1f' // no entry is parted: commas are a part of many
	r.LazyQuotes = true
	r.FieldsPerRecord = -1
	records, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("it is not a list with one entry a line: %w", err)
	}
	var list []string
	for _, record := range records {
		entry := strings.Join(record, "\x1f")
		if trimmed := strings.TrimSpace(entry); trimmed == "" || trimmed[0] == '#' {
			continue
		}
		list = append(list, entry)
	}
	return list, nil
}

// entryValues reads entries of KEY=VALUE. The value is what follows, blanks and all.
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
			return nil, fmt.Errorf("entry %d is not KEY=VALUE", n+1) // without what it is: it may be a secret
		}
		if _, twice := values[key]; twice {
			return nil, fmt.Errorf("%s is there twice", quote(key))
		}
		values[key] = value
	}
	return values, nil
}

// words reads a list that is parted by commas or lines.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' || r == ' ' || r == '\t' })
}
