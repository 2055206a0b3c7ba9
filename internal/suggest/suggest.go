// Package suggest finds the name that somebody meant.
package suggest

import "strings"

// Nearest returns the one of names that is nearest to name by edits of one letter, or "" if none is
// near enough to be meant.
func Nearest(name string, names []string) string {
	nearest, best := "", 3
	for _, candidate := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(candidate)); d < best {
			nearest, best = candidate, d
		}
	}
	return nearest
}

// distance returns how many letters must be added, removed or replaced.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
