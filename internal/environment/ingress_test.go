package environment_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pr-stack/internal/environment"
)

func TestHostname(t *testing.T) {
	label := regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	names := map[string]string{}
	for _, e := range []environment.Environment{
		environment.ForPullRequest("hello", 7), environment.Permanent("hello", "production"), environment.Permanent("hello", "Production"),
		environment.Permanent("hello", "PR-7"), environment.Permanent("hello", "a.b"), environment.Permanent("hello", "a-b"),
		environment.Permanent("hello", "a_b"), environment.Permanent("hello", "ü"), environment.Permanent("hello", "-"),
		environment.Permanent("hello", strings.Repeat("x", 70)), environment.Permanent("hello", strings.Repeat("x", 71)),
	} {
		host := e.Hostname("preview.example.com")
		front, found := strings.CutSuffix(host, ".preview.example.com")
		if !found || !label.MatchString(front) {
			t.Errorf("Hostname of %q = %s, want one valid label below the domain", e.Name, host)
		}
		if other, taken := names[host]; taken {
			t.Errorf("%q and %q have the same name %s", e.Name, other, host)
		}
		if names[host] = e.Name; e.PullRequest == 0 && strings.HasPrefix(host, "pr-") {
			t.Errorf("Hostname of %q = %s, which is called like a pull request's", e.Name, host)
		}
	}
	for _, want := range []string{"pr-7.preview.example.com", "production.preview.example.com", "a-b.preview.example.com"} {
		if names[want] == "" {
			t.Errorf("no environment has the name %s", want)
		}
	}
}

func TestRulePriority(t *testing.T) {
	none := func(int) bool { return false }
	all := func(int) bool { return true }
	in := func(list ...int) func(int) bool {
		return func(n int) bool { return slices.Contains(list, n) }
	}
	pull := func(n int) environment.Environment { return environment.ForPullRequest("hello", n) }
	for name, test := range map[string]struct {
		environment environment.Environment
		first       int
		taken       func(int) bool
		want        int
	}{
		"its number":                 {pull(7), 0, none, 107},
		"in the service's block":     {pull(7), 2000, none, 2107},
		"its number is taken":        {pull(7), 0, in(107), 1107},
		"and the one far above it":   {pull(7), 0, in(107, 1107), 1108},
		"a number that is too high":  {pull(49_901), 0, none, 100},
		"the last":                   {pull(49_900), 0, none, 50_000},
		"at the end it begins again": {pull(49_900), 0, in(50_000), 1099},
		"nothing is free":            {pull(7), 0, all, 0},
		"nothing is free for a name": {environment.Permanent("hello", "production"), 0, all, 0},
	} {
		got, ok := test.environment.RulePriority(test.first, test.taken)
		if got != test.want || ok != (test.want > 0) {
			t.Errorf("%s: RulePriority = %d, %t, want %d", name, got, ok, test.want)
		}
	}
	for _, name := range []string{"production", "staging", "demo", "x"} {
		e := environment.Permanent("hello", name)
		priority, _ := e.RulePriority(300, none)
		other, _ := e.RulePriority(300, in(priority))
		if priority < 301 || priority > 399 || other < 301 || other > 399 || other == priority {
			t.Errorf("%s has the priority %d, or %d if that is taken, want two of 301 to 399", name, priority, other)
		}
	}
}

// No rule that is created later comes before production's.
func TestProductionPriority_is_the_first_that_is_free(t *testing.T) {
	for taken, want := range map[int]int{0: 201, 1: 202, 98: 299, 99: 0} {
		got, ok := environment.ProductionPriority(200, func(n int) bool { return n <= 200+taken })
		if got != want || ok != (want != 0) {
			t.Errorf("with %d taken, ProductionPriority(200) = %d, %t, want %d", taken, got, ok, want)
		}
	}
}
