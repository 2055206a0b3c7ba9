// Package property reads the values of a template, in which every scalar is a string:
// map[string]any, []any and string.
package property

import (
	"strconv"
	"time"
)

// Object returns a value that is an object, or nil.
func Object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// List returns a value that is a list, or nil.
func List(v any) []any {
	list, _ := v.([]any)
	return list
}

// Text returns a value that is a string, or "".
func Text(v any) string {
	s, _ := v.(string)
	return s
}

// Texts returns a list of strings; one string is a list of one.
func Texts(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	var result []string
	for _, item := range List(v) {
		result = append(result, Text(item))
	}
	return result
}

// Number returns a value that is a whole number, or its default.
func Number(v any, defaultValue int) int {
	n, err := strconv.Atoi(Text(v))
	if err != nil {
		return defaultValue
	}
	return n
}

// Seconds returns a value that is a number of seconds, or its default.
func Seconds(v any, defaultValue int) time.Duration {
	return time.Duration(Number(v, defaultValue)) * time.Second
}
