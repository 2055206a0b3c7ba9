package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"pr-stack/internal/timeline"
)

const (
	minDuration = 5 * time.Second // a shorter run needs no picture
	minBarShare = 100             // a bar that is shorter than the whole divided by this is no more than a line
	maxBars     = 40
	maxBarName  = 48 // runes
	// clockSkew is by how much the clocks of AWS and of this machine may differ.
	clockSkew = 2 * time.Second
)

// gantt draws where the time went as a Mermaid Gantt chart, in at most 20 kB; "" if it was short. The
// critical path, which is what the run waited for, is highlighted; red is only what failed.
// https://mermaid.js.org/syntax/gantt.html
func gantt(bars []timeline.Bar) string {
	bars = slices.DeleteFunc(slices.Clone(bars), func(b timeline.Bar) bool {
		return b.Begin.IsZero() || b.End.Before(b.Begin)
	})
	if len(bars) == 0 {
		return ""
	}
	slices.SortStableFunc(bars, byBegin)
	begin := bars[0].Begin
	end := slices.MaxFunc(bars, func(a, b timeline.Bar) int { return a.End.Compare(b.End) }).End
	total := end.Sub(begin)
	if total < minDuration {
		return ""
	}
	critical := timeline.Critical(bars, clockSkew)
	shown := slices.DeleteFunc(slices.Clone(bars), func(b timeline.Bar) bool {
		return b.Took() < total/minBarShare && b.Note == ""
	})
	left := len(shown) - maxBars
	if left > 0 {
		slices.SortStableFunc(shown, func(a, b timeline.Bar) int {
			if critical[a] != critical[b] {
				return map[bool]int{true: -1, false: 1}[critical[a]]
			}
			return cmp.Compare(b.Took(), a.Took())
		})
		shown = shown[:maxBars]
		slices.SortStableFunc(shown, byBegin)
	}
	return draw(shown, critical, begin, total) + more(left)
}

func byBegin(a, b timeline.Bar) int { return a.Begin.Compare(b.Begin) }

func draw(bars []timeline.Bar, critical map[timeline.Bar]bool, begin time.Time, total time.Duration) string {
	var b strings.Builder
	axis := "%M:%S"
	if total >= time.Hour {
		axis = "%H:%M:%S"
	}
	// A browser shows times in its own time zone. No clock is changed in January, so that noon then
	// is noon everywhere.
	midnight := time.Date(2000, time.January, 10, 0, 0, 0, 0, time.UTC)
	fmt.Fprintf(&b, "```mermaid\n%s\ngantt\n    dateFormat YYYY-MM-DD HH:mm:ss.SSS\n", colours)
	fmt.Fprintf(&b, "    axisFormat %s\n    todayMarker off\n", axis)
	for _, section := range sections(bars) {
		fmt.Fprintf(&b, "    section %s\n", label(section))
		for _, bar := range bars {
			if bar.Section != section {
				continue
			}
			note := ""
			if bar.Note != "" {
				note = ", " + label(bar.Note)
			}
			start := midnight.Add(bar.Begin.Sub(begin)).Format("2006-01-02 15:04:05.000")
			fmt.Fprintf(&b, "    %s, %s%s :%s%s, %dms\n", label(bar.Name), timeline.Duration(bar.Took()), note,
				tag(bar, critical[bar]), start, max(1, bar.Took().Milliseconds()))
		}
	}
	b.WriteString("```\n")
	return b.String()
}

// colours makes the critical path, whose bars have no tag, blue and the others grey, on a light
// page and on a dark one. Mermaid's own themes cannot be read there: in the dark one, the name
// beside a bar with the tag active is black on black, and without colours the bars with the tag
// done stand out.
const colours = `%%{init: {"themeVariables": {"taskBkgColor": "#3b6fd4", "taskBorderColor": "#3b6fd4", ` +
	`"taskTextColor": "#ffffff", "doneTaskBkgColor": "#b6bec8", "doneTaskBorderColor": "#b6bec8"}}}%%`

// tag is how Mermaid colours a bar. Red, by the tag crit, is only what failed.
func tag(b timeline.Bar, critical bool) string {
	switch {
	case b.Note == timeline.Failed:
		return "crit, "
	case critical:
		return ""
	}
	return "done, "
}

func more(left int) string {
	if left <= 0 {
		return ""
	}
	return fmt.Sprintf("\n… and %d shorter ones.\n", left)
}

// sections are in the order of their first bars.
func sections(bars []timeline.Bar) []string {
	var names []string
	for _, b := range bars {
		if !slices.Contains(names, b.Section) {
			names = append(names, b.Section)
		}
	}
	return names
}

// label returns a name that Mermaid takes as a name: without colon or semicolon, entity, comment or
// command.
func label(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" _./()[]=+@-", r) {
			return r
		}
		return ' '
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > maxBarName {
		s = strings.TrimSpace(string(runes[:maxBarName-1])) + "…"
	}
	first, _, _ := strings.Cut(s, " ")
	if first == "" || slices.ContainsFunc(commands, func(c string) bool { return strings.EqualFold(c, first) }) {
		s = "_" + s
	}
	return s
}

// commands are Mermaid's, which a line may begin with.
var commands = []string{
	"gantt", "title", "section", "dateFormat", "axisFormat", "tickInterval", "excludes", "includes",
	"todayMarker", "weekday", "weekend", "inclusiveEndDates", "topAxis", "click", "accTitle", "accDescr", "end",
}
