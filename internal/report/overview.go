package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/release"
)

// JSON returns the environments and production as one line of JSON, for programs.
func (r *Overview) JSON() string {
	text, _ := json.Marshal(struct { // strings, numbers and times can always be marshaled
		Environments []Placed `json:"environments"`
		Production   *Served  `json:"production"`
	}{append([]Placed{}, r.Environments...), r.Production})
	return string(text)
}

// whole returns the number of the generation that has all requests; 0 if that is not known.
func (s *Served) whole() int {
	if s.Candidate != 0 || s.Differs != "" {
		return 0
	}
	return s.Stable
}

// requests returns the percent of the requests that a generation has; "" if it has none, or if that is not
// known. A stack may have served several generations.
func (s *Served) requests(g release.Generation) string {
	current := g.Number == s.Stable || g.Number == s.Candidate
	switch {
	case s.Weights == nil && g.Number == s.whole():
		return "100 %"
	case !current && s.runs(g.Stack) || s.Weights[g.Stack] == 0:
		return ""
	}
	return fmt.Sprintf("%d %%", s.Weights[g.Stack])
}

// runs reports whether the stack serves a generation that has requests, or may get them.
func (s *Served) runs(stack string) bool {
	return slices.ContainsFunc(s.Generations, func(g release.Generation) bool {
		return g.Stack == stack && (g.Number == s.Stable || g.Number == s.Candidate)
	})
}

// others returns those who have requests and belong to no generation.
func (s *Served) others() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(s.Weights)) {
		known := slices.ContainsFunc(s.Generations, func(g release.Generation) bool { return g.Stack == name })
		if !known && s.Weights[name] > 0 {
			names = append(names, name)
		}
	}
	return names
}

// sentence says in plain text which generation has the requests.
func (s *Served) sentence() string {
	find := func(number int) string {
		for _, g := range s.Generations {
			if g.Number == number {
				return plainName(g)
			}
		}
		return fmt.Sprintf("generation %d", number)
	}
	switch {
	case s.Differs != "":
		return "It is not known which generation has all requests: " + s.Differs + "."
	case s.Candidate != 0 && s.Stable == 0:
		return "Requests are given to " + find(s.Candidate) + ", the first."
	case s.Status == release.GoesBack:
		return "A run gives all requests to an earlier generation."
	case s.Candidate != 0:
		return "Requests are shifted from " + find(s.Stable) + " to " + find(s.Candidate) + "."
	case s.Stable == 0:
		return "No generation has requests."
	}
	return upperFirst(find(s.Stable)) + " has all requests."
}

// head returns the heading of the summary.
func (r *Overview) head() string {
	switch r.Ending {
	case Failed:
		return "❌ The environments could not be read"
	case Interrupted:
		return "⏹️ The run was cancelled while it read the environments"
	case Skipped:
		return "⏭️ Nothing to do"
	}
	return "📋 " + text(r.line())
}

// line returns how many environments there are, and what production runs.
func (r *Overview) line() string {
	s := "Environments of " + r.Environment.Service + ": none"
	if n := len(r.Environments); n > 0 {
		s = fmt.Sprintf("Environments of %s: %d", r.Environment.Service, n)
	}
	if r.Production == nil {
		return s
	}
	s += "; " + r.Production.Environment
	if n := r.Production.whole(); n > 0 {
		return fmt.Sprintf("%s: generation %d", s, n)
	}
	return s + ": " + string(r.Production.Status)
}

// age returns how old an environment is; "" if that is not known.
func (r *Overview) age(p Placed) string {
	since, err := time.Parse(time.RFC3339, p.Since)
	if err != nil || r.Now.IsZero() {
		return ""
	}
	return Age(max(0, r.Now.Sub(since)))
}

// price returns what an environment costs in US dollars a day; "" if that is not known.
func (p Placed) price() string {
	if p.CostPerDay == nil {
		return ""
	}
	return fmt.Sprintf("%.2f", *p.CostPerDay)
}

// unless returns a text, or "" if it should not be shown.
func unless(hidden bool, s string) string {
	if hidden {
		return ""
	}
	return s
}

// columns joins cells to rows whose columns begin below each other.
func columns(rows [][]string) (lines []string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-len([]rune(cell))+2))
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return lines
}
