package suggest

import (
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	for _, test := range []struct {
		name  string
		names []string
		want  string
	}{
		{"memroy", []string{"Cpu", "Memory"}, "Memory"},
		{"Colour", []string{"Color"}, "Color"},
		{"Colour", []string{"Cpu", "Memory"}, ""},
		{"Zebra", []string{"Color"}, ""},
		{"Image", []string{"Memory", "ImageUri"}, "ImageUri"},
		{"vpcid", []string{"VpcIds", "VpcId"}, "VpcId"}, // the name that differs only in case wins
		{"health-check-timout", []string{"health-check-path", "health-check-timeout"}, "health-check-timeout"},
		{"ab", []string{"ac", "ad"}, ""},               // one edit in two letters is too much
		{"abcde", []string{"abcxx", "abcyy"}, "abcxx"}, // two edits in five are near enough; first wins
		{"abcdé", []string{"abcde"}, "abcde"},          // a letter is one edit, however many bytes it has
		{"", []string{"a", "b"}, ""},
		{"a", nil, ""},
	} {
		if got := Nearest(test.name, test.names); got != test.want {
			t.Errorf("Nearest(%q, %q) = %q, want %q", test.name, test.names, got, test.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"kitten", "sitting", 3},
		{"flaw", "lawn", 2},
		{"memroy", "memory", 2},
	} {
		if got := distance([]rune(test.a), []rune(test.b)); got != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

// For all words, distance follows the laws of a metric (zero, symmetry, triangle).
func TestDistance_is_a_metric(t *testing.T) {
	word := rapid.SliceOfN(rapid.SampledFrom([]rune("abc")), 0, 8)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := word.Draw(t, "a"), word.Draw(t, "b"), word.Draw(t, "c")
		ab := distance(a, b)
		if (ab == 0) != (string(a) == string(b)) {
			t.Fatalf("distance(%q, %q) = %d, want 0 for equal words alone", string(a), string(b), ab)
		}
		if ba := distance(b, a); ba != ab {
			t.Fatalf("distance(%q, %q) = %d, and %d the other way", string(a), string(b), ab, ba)
		}
		if ac, cb := distance(a, c), distance(c, b); ab > ac+cb {
			t.Fatalf("distance(%q, %q) = %d, and only %d + %d by way of %q", string(a), string(b), ab, ac, cb, string(c))
		}
		if ab > max(len(a), len(b)) {
			t.Fatalf("distance(%q, %q) = %d, more than either has letters", string(a), string(b), ab)
		}
	})
}
