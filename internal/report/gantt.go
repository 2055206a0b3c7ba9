package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Bar is something that took time, in the picture of where it went.
type Bar struct {
	Section string // a word or two; bars of one section stand together
	Name    string
	Begin   time.Time
	End     time.Time
	Ready   time.Time // from when on what waits for it may begin; zero: at its End
	Part    string    // the Name of the bar that it is a part of, or ""
	Note    string    // how it ended, if not well: failed
}

func (b Bar) took() time.Duration { return b.End.Sub(b.Begin) }

func (b Bar) ready() time.Time {
	if b.Ready.IsZero() {
		return b.End
	}
	return b.Ready
}

const (
	worth      = 5 * time.Second // a shorter run needs no picture
	thin       = 100             // a bar that is shorter than so much of the whole is no more than a line
	mostBars   = 40
	mostInName = 48 // runes
	// slack is the part of the whole by which a bar may begin before what it waited for ended: their times are those of two
	// clocks.
	slack = 200
)

// gantt draws where the time went as a Mermaid Gantt chart, in at most 20 kB; "" if it went nowhere. What the run waited
// for is marked as critical: going back from the end, what ended last before the next one could begin.
// https://mermaid.js.org/syntax/gantt.html
func gantt(bars []Bar) string {
	bars = slices.DeleteFunc(slices.Clone(bars), func(b Bar) bool { return b.Begin.IsZero() || b.End.Before(b.Begin) })
	if len(bars) == 0 {
		return ""
	}
	slices.SortStableFunc(bars, func(a, b Bar) int { return a.Begin.Compare(b.Begin) })
	begin, end := bars[0].Begin, bars[0].End
	for _, b := range bars {
		if b.End.After(end) {
			end = b.End
		}
	}
	total := end.Sub(begin)
	if total < worth {
		return ""
	}
	critical := critical(bars, total/slack)
	shown := slices.DeleteFunc(slices.Clone(bars), func(b Bar) bool { return b.took() < total/thin && b.Note == "" })
	left := len(shown) - mostBars
	if left > 0 {
		slices.SortStableFunc(shown, func(a, b Bar) int {
			return cmp.Or(compareBool(critical[b], critical[a]), cmp.Compare(b.took(), a.took()))
		})
		shown = shown[:mostBars]
		slices.SortStableFunc(shown, func(a, b Bar) int { return a.Begin.Compare(b.Begin) })
	}
	return draw(shown, critical, begin, end) + more(left)
}

func draw(bars []Bar, critical map[Bar]bool, begin, end time.Time) string {
	var b strings.Builder
	axis := "%M:%S"
	if end.Sub(begin) >= time.Hour {
		axis = "%H:%M:%S"
	}
	// A browser shows times in its own time zone. In January no clock is changed, so that noon then is noon everywhere.
	midnight := time.Date(2000, time.January, 10, 0, 0, 0, 0, time.UTC)
	fmt.Fprintf(&b, "```mermaid\ngantt\n    dateFormat YYYY-MM-DD HH:mm:ss.SSS\n    axisFormat %s\n    todayMarker off\n", axis)
	for _, section := range sections(bars) {
		fmt.Fprintf(&b, "    section %s\n", label(section))
		for _, bar := range bars {
			if bar.Section != section {
				continue
			}
			tag, end := "", ""
			if critical[bar] {
				tag = "crit, "
			}
			if bar.Note != "" {
				end = ", " + label(bar.Note)
			}
			fmt.Fprintf(&b, "    %s, %s%s :%s%s, %dms\n", label(bar.Name), Duration(bar.took()), end,
				tag, midnight.Add(bar.Begin.Sub(begin)).Format("2006-01-02 15:04:05.000"), max(1, bar.took().Milliseconds()))
		}
	}
	b.WriteString("```\n")
	return b.String()
}

func more(left int) string {
	if left <= 0 {
		return ""
	}
	return fmt.Sprintf("\n… and %d shorter ones.\n", left)
}

// sections are in the order of their first bars.
func sections(bars []Bar) []string {
	var names []string
	for _, b := range bars {
		if !slices.Contains(names, b.Section) {
			names = append(names, b.Section)
		}
	}
	return names
}

// critical finds what the run waited for. Parts of something follow each other, so all of them count if it does.
func critical(bars []Bar, slack time.Duration) map[Bar]bool {
	path := map[Bar]bool{}
	whole := slices.DeleteFunc(slices.Clone(bars), func(b Bar) bool { return b.Part != "" })
	if len(whole) == 0 {
		return path
	}
	last := slices.MaxFunc(whole, func(a, b Bar) int { return a.End.Compare(b.End) })
	for found := true; found; {
		path[last] = true
		last, found = before(whole, last, slack)
	}
	for _, b := range bars {
		for on := range path {
			if b.Part == on.Name && !b.Begin.Before(on.Begin.Add(-slack)) && b.Part != "" {
				path[b] = true
			}
		}
	}
	return path
}

// before returns the bar that ended last before another began.
func before(bars []Bar, next Bar, slack time.Duration) (last Bar, found bool) {
	for _, b := range bars {
		// Each one begins before the next, so that there is an end to it.
		if !b.Begin.Before(next.Begin) || b.ready().After(next.Begin.Add(slack)) {
			continue
		}
		if !found || b.ready().After(last.ready()) {
			last, found = b, true
		}
	}
	return last, found
}

// label makes a name one that Mermaid takes for nothing else: no colon or semicolon, no entity, no comment, no command.
func label(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" _./()[]=+@-", r) {
			return r
		}
		return ' '
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > mostInName {
		s = strings.TrimSpace(string(runes[:mostInName-1])) + "…"
	}
	if first, _, _ := strings.Cut(s, " "); first == "" || slices.ContainsFunc(commands, func(c string) bool { return strings.EqualFold(c, first) }) {
		s = "_" + s
	}
	return s
}

// commands of Mermaid's that a line may begin with.
var commands = []string{
	"gantt", "title", "section", "dateFormat", "axisFormat", "tickInterval", "excludes", "includes", "todayMarker", "weekday",
	"weekend", "inclusiveEndDates", "topAxis", "click", "accTitle", "accDescr", "end",
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
