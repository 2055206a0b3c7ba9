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
	minBarShare = 100             // a shorter bar than the total divided by this is drawn only if it has a note
	maxBars     = 40
	maxBarName  = 48 // runes
	// clockSkew is the largest difference expected between the clocks of AWS and of this machine.
	clockSkew = 2 * time.Second
)

// gantt draws a Mermaid Gantt chart of where the time went, of at most 20 kB. It returns "" if the
// bars cover less than minDuration. The critical path, for which the run waited, is highlighted; only
// bars that failed are red.
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
	omitted := len(shown) - maxBars
	if omitted > 0 {
		slices.SortStableFunc(shown, func(a, b timeline.Bar) int {
			if critical[a] != critical[b] {
				return map[bool]int{true: -1, false: 1}[critical[a]]
			}
			return cmp.Compare(b.Took(), a.Took())
		})
		shown = shown[:maxBars]
		slices.SortStableFunc(shown, byBegin)
	}
	return draw(shown, critical, begin, total) + more(omitted)
}

func byBegin(a, b timeline.Bar) int { return a.Begin.Compare(b.Begin) }

func draw(bars []timeline.Bar, critical map[timeline.Bar]bool, begin time.Time, total time.Duration) string {
	var b strings.Builder
	axis := "%M:%S"
	if total >= time.Hour {
		axis = "%H:%M:%S"
	}
	// Mermaid reads and shows times in the browser's time zone. The day is in January, when hardly
	// any zone changes its clock, so that the axis begins at 00:00 and skips no hour.
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

// colours makes bars without a tag, which are the critical path, blue, and those with the tag done
// grey; both can be read on a light page and on a dark one. Mermaid's own themes do not do: in the
// dark one, the name beside a bar with the tag active is black on black, and the bars with the tag
// done stand out more than the critical path.
const colours = `%%{init: {"themeVariables": {"taskBkgColor": "#3b6fd4", "taskBorderColor": "#3b6fd4", ` +
	`"taskTextColor": "#ffffff", "doneTaskBkgColor": "#b6bec8", "doneTaskBorderColor": "#b6bec8"}}}%%`

// tag returns the Mermaid tag that gives a bar its colour. Only a bar that failed has crit, which is
// red.
func tag(b timeline.Bar, critical bool) string {
	switch {
	case b.Note == timeline.Failed:
		return "crit, "
	case critical:
		return ""
	}
	return "done, "
}

func more(omitted int) string {
	if omitted <= 0 {
		return ""
	}
	return fmt.Sprintf("\n… and %d more steps that are not drawn.\n", omitted)
}

// sections returns the names of the sections, each once, in the order of their first bars.
func sections(bars []timeline.Bar) []string {
	var names []string
	for _, b := range bars {
		if !slices.Contains(names, b.Section) {
			names = append(names, b.Section)
		}
	}
	return names
}

// label makes a text safe as a Mermaid name: it replaces the characters that may mean something to
// Mermaid with spaces, cuts the text at maxBarName runes, and puts "_" before a Mermaid command.
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

// commands are the Mermaid keywords that a line may begin with.
var commands = []string{
	"gantt", "title", "section", "dateFormat", "axisFormat", "tickInterval", "excludes", "includes",
	"todayMarker", "weekday", "weekend", "inclusiveEndDates", "topAxis", "click", "accTitle", "accDescr", "end",
}
