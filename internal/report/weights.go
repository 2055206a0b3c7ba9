package report

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	samples = 60 // columns of the picture of the weights
	// none draws no column. Mermaid draws a column of 0 percent as a thin line, as if there were requests.
	none = -10
)

// weightColours are the first generation's grey and the second's blue, as in the timeline. The background
// of Mermaid's own dark theme is a grey box on GitHub's dark page.
const weightColours = `%%{init: {"xyChart": {"width": 700, "height": 260}, "themeVariables": {"xyChart": ` +
	`{"backgroundColor": "transparent", "plotColorPalette": "#b6bec8, #3b6fd4"}}}}%%`

// weights draws a Mermaid chart of the requests that each generation got over time. It returns "" if there is
// only one step, or if the steps took less than minDuration.
// https://mermaid.js.org/syntax/xyChart.html
func (r *Promotion) weights() string {
	steps := slices.DeleteFunc(slices.Clone(r.Steps), func(s Step) bool { return s.Began.IsZero() })
	slices.SortStableFunc(steps, func(a, b Step) int { return a.Began.Compare(b.Began) })
	if len(steps) < 2 || r.To.Number == 0 || r.From.Number == 0 {
		return ""
	}
	begin, end := steps[0].Began, steps[len(steps)-1].Began
	for _, s := range steps {
		end = later(end, s.Ended)
	}
	total := end.Sub(begin)
	if total < minDuration {
		return ""
	}
	if o := r.outcome(); o == arrived || o == returned {
		total += total / 20 // so that what is in effect in the end can be seen
	}
	unit, length := "minutes", total.Minutes()
	if total < 3*time.Minute {
		unit, length = "seconds", total.Seconds()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "```mermaid\n%s\nxychart-beta\n", weightColours)
	fmt.Fprintf(&b, "    title \"Percent of the requests: generation %d blue, generation %d grey\"\n", r.To.Number, r.From.Number)
	fmt.Fprintf(&b, "    x-axis \"%s since %s UTC\" 0 --> %.1f\n", unit, begin.UTC().Format(time.TimeOnly), length)
	b.WriteString("    y-axis 0 --> 100\n")
	fmt.Fprintf(&b, "    bar [%s]\n", list(slices.Repeat([]int{100}, samples)))
	fmt.Fprintf(&b, "    bar [%s]\n", list(r.sampled(steps, begin, end, total)))
	b.WriteString("```\n")
	return b.String()
}

// sampled returns the percent of To's requests at points in time of equal distance. A step that is shorter
// than the distance is in it too. After the end there is what is in effect then, if that is known.
func (r *Promotion) sampled(steps []Step, begin, end time.Time, total time.Duration) []int {
	at := make([]int, samples)
	next, percent := 0, 0
	for i := range at {
		now := begin.Add(total * time.Duration(i) / (samples - 1))
		switch {
		case next < len(steps) && !steps[next].Began.After(now):
			percent = steps[next].Percent
			next++
		case now.After(end) && r.outcome() == arrived:
			percent = 100
		case now.After(end) && r.outcome() == returned:
			percent = 0
		}
		if at[i] = percent; percent == 0 {
			at[i] = none
		}
	}
	return at
}

func list(numbers []int) string {
	var words []string
	for _, n := range numbers {
		words = append(words, fmt.Sprint(n))
	}
	return strings.Join(words, ", ")
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
