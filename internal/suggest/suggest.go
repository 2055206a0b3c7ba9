// Package suggest finds the name that a misspelled name most likely stands for. It is pure.
package suggest

import "strings"

// Nearest returns the one of names that is most like name, or "" if none is near. A name is near if
// it takes at most two edits for every five letters of the longer name, ignoring case. So Memory is
// near memroy, and ImageUri is near Image. Of equally near names the first is returned.
func Nearest(name string, names []string) string {
	const near = 0.4
	nearest, smallest := "", 0.0
	typed := []rune(strings.ToLower(name))
	for _, candidate := range names {
		letters := []rune(strings.ToLower(candidate))
		longer := max(len(typed), len(letters), 1)
		share := float64(distance(typed, letters)) / float64(longer)
		if share <= near && (nearest == "" || share < smallest) {
			nearest, smallest = candidate, share
		}
	}
	return nearest
}

// distance returns how many letters must be inserted, deleted or replaced to turn a into b
// (https://en.wikipedia.org/wiki/Levenshtein_distance). It keeps one row of the table at a time:
// row[j] is the distance from the part of a that was read so far to the first j letters of b.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, letter := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			replaced := diagonal
			if letter != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
