package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/timeline"
)

// span returns a bar; begin and end are seconds since the beginning of the run.
func span(section, name string, begin, end float64) timeline.Bar {
	at := func(s float64) time.Time { return noon.Add(time.Duration(s * float64(time.Second))) }
	return timeline.Bar{Section: section, Name: name, Begin: at(begin), End: at(end)}
}

// firstDeployment returns the bars of a pull request's first deployment with the template fargate.
func firstDeployment() []timeline.Bar {
	listener := span("Create", "Listener", 232, 233)
	task := span("Task", "image pulled", 256, 276)
	task.Part = "EcsService"
	return []timeline.Bar{
		span("Image", "[build 2/4] RUN go test ./... && go build -o app", 0, 28), span("Image", "push", 28, 40),
		span("Create", "TargetGroup", 41, 56.5), span("Create", "LoadBalancerSecurityGroup", 41, 49.6), span("Create", "LogGroup", 41, 41.1),
		span("Create", "LoadBalancer", 50, 231), listener, span("Create", "EcsService", 240, 312), task,
		span("URL", "Wait until the new code answers", 313, 317),
	}
}

func TestGantt_highlights_the_critical_path(t *testing.T) {
	got := gantt(firstDeployment())
	want := "```mermaid\n" + colours + `
gantt
    dateFormat YYYY-MM-DD HH:mm:ss.SSS
    axisFormat %M:%S
    todayMarker off
    section Image
    [build 2/4] RUN go test ./... go build -o app, 28s :2000-01-10 00:00:00.000, 28000ms
    push, 12s :2000-01-10 00:00:28.000, 12000ms
    section Create
    TargetGroup, 16s :done, 2000-01-10 00:00:41.000, 15500ms
    LoadBalancerSecurityGroup, 8.6s :2000-01-10 00:00:41.000, 8600ms
    LoadBalancer, 3m01s :2000-01-10 00:00:50.000, 181000ms
    EcsService, 1m12s :2000-01-10 00:04:00.000, 72000ms
    section Task
    image pulled, 20s :2000-01-10 00:04:16.000, 20000ms
    section URL
    Wait until the new code answers, 4.0s :2000-01-10 00:05:13.000, 4000ms
` + "```\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gantt (-want +got):\n%s", diff)
	}
}

// CloudFormation creates what depends on a resource before the resource is complete.
func TestGantt_of_a_resource_that_is_ready_before_its_end(t *testing.T) {
	bars := []timeline.Bar{span("Create", "Role", 0, 30), span("Create", "Bucket", 0, 5), span("Create", "Function", 15, 40)}
	if got := gantt(bars); strings.Contains(got, "Role, 30s :2000") {
		t.Errorf("Role is on the critical path:\n%s", got)
	}
	bars[0].Ready = noon.Add(15 * time.Second)
	if got := gantt(bars); !strings.Contains(got, "Role, 30s :2000") {
		t.Errorf("Role is not on the critical path:\n%s", got)
	}
}

func TestGantt_shows_failures_alone_in_red(t *testing.T) {
	bars := firstDeployment()
	bars[7].Note, bars[5].Note = timeline.Failed, timeline.Unfinished
	if got := gantt(bars); !strings.Contains(got, "EcsService, 1m12s, failed :crit, ") || strings.Count(got, ":crit") != 1 {
		t.Errorf("not the failed service alone is red:\n%s", got)
	}
}

func TestGantt_of_a_short_run_is_left_out(t *testing.T) {
	for _, bars := range [][]timeline.Bar{
		nil, {span("URL", "Wait", 0, 3)}, {{Name: "never begun", End: noon}}, {span("Create", "backwards", 9, 1)},
	} {
		if got := gantt(bars); got != "" {
			t.Errorf("gantt(%v) = %q, want nothing", bars, got)
		}
	}
}

func TestGantt_is_never_long(t *testing.T) {
	var bars []timeline.Bar
	for i := range 3000 {
		name := strings.Repeat("Verylong", 40) + fmt.Sprint(i)
		bars = append(bars, span(fmt.Sprint("Section ", i), name, float64(i), float64(i)+100))
	}
	got := gantt(bars)
	if len(got) > 20_000 || !strings.HasSuffix(got, "\n… and 2960 more steps that are not drawn.\n") {
		t.Errorf("gantt of 3000 bars has %d bytes and ends in %q", len(got), got[len(got)-80:])
	}
	if got := gantt([]timeline.Bar{span("Delete", "Interfaces", 0, 3700)}); !strings.Contains(got, "axisFormat %H:%M:%S") {
		t.Errorf("the axis does not show hours:\n%s", got)
	}
}

// line matches a line that Mermaid reads as a bar.
var line = regexp.MustCompile(`^    [^:;#%{}"<>]+, [0-9hms.]+(, failed)? :(crit, |done, )?2000-01-1\d \d\d:\d\d:\d\d\.\d{3}, \d+ms$`)

func FuzzGantt(f *testing.F) {
	for _, name := range hostile {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := gantt([]timeline.Bar{span(name, name, 0, 60)})
		lines := strings.Split(got, "\n")
		if len(lines) != 10 || !regexp.MustCompile(`^    section [^:;#%{}"<>]+$`).MatchString(lines[6]) || !line.MatchString(lines[7]) {
			t.Errorf("gantt of a bar called %q:\n%s", name, got)
		}
	})
}

// hostile lists names that must not reach Mermaid unchanged.
var hostile = []string{
	"gantt", "Click", "title x", "section", "end", "topAxis", "a:b", "a;b", "#quot;", "%%{init: {}}%%", "```",
	"x\ny :crit", "<script>alert(1)</script>", "", "::", "Übergröße", "日本語",
	"[build 1/2] RUN echo \"$A\" | sh -c 'x' # y", "accDescr {", "_", "click href https://example.org",
}

// The real Mermaid draws the chart.
func TestGantt_is_drawn_by_Mermaid(t *testing.T) {
	bars := firstDeployment()
	for i, name := range hostile {
		bars = append(bars, span(name, fmt.Sprint(name, " ", i), 20, 40), span(name, name, float64(30+i), 100))
	}
	chart := gantt(bars[:39])
	drawn := drawnByMermaid(t, chart)
	if strings.Contains(drawn, "Syntax error") || strings.Count(drawn, `<rect id="`) < 30 {
		t.Errorf("Mermaid drew %d bars of:\n%s", strings.Count(drawn, `<rect id="`), chart)
	}
	for _, name := range []string{"LoadBalancer, 3m01s", "image pulled, 20s", "Wait until the new code answers, 4.0s"} {
		if !strings.Contains(drawn, ">"+name) {
			t.Errorf("Mermaid drew nothing called %q", name)
		}
	}
}

func wantIn(t *testing.T, chart string, lines ...string) {
	t.Helper()
	for _, want := range lines {
		if !strings.Contains(chart, "\n    "+want) {
			t.Errorf("no line begins with %q in:\n%s", want, chart)
		}
	}
}

// Bars may come in any order; the chart shows them in the order of their beginnings. It leaves out a
// bar that ended before it began.
func TestGantt_of_bars_in_any_order(t *testing.T) {
	bars := []timeline.Bar{span("Create", "Later", 20, 30), span("Create", "Long", 0, 40), span("Create", "First", 0, 10)}
	before := slices.Clone(bars)
	backwards := span("Create", "backwards", 9, 1)
	backwards.Note = "failed"
	got := gantt(append(bars, backwards))
	wantIn(t, got, "Long, 40s :2000-01-10 00:00:00.000, ", "First, 10s :done, 2000-01-10 00:00:00.000, ",
		"Later, 10s :done, 2000-01-10 00:00:20.000, ")
	if strings.Contains(got, "backwards") || strings.Index(got, "First") > strings.Index(got, "Later") {
		t.Errorf("not in the order of their beginnings, or with a bar that ended before it began:\n%s", got)
	}
	if diff := cmp.Diff(before, bars); diff != "" {
		t.Errorf("gantt changed its caller's bars (-want +got):\n%s", diff)
	}
}

func TestGantt_does_not_change_its_callers_bars(t *testing.T) {
	bars := []timeline.Bar{{Name: "never begun"}, span("Create", "Long", 0, 40)}
	before := slices.Clone(bars)
	gantt(bars)
	if diff := cmp.Diff(before, bars); diff != "" {
		t.Errorf("gantt changed its caller's bars (-want +got):\n%s", diff)
	}
}

// Readers look for the failure first, however long the other bars are. Mermaid does not draw a bar
// whose length is zero.
func TestGantt_shows_a_failure_of_no_length(t *testing.T) {
	at := span("Create", "Bucket", 50, 50)
	at.Note = timeline.Failed
	wantIn(t, gantt([]timeline.Bar{span("Create", "Database", 0, 600), at}), "Bucket, 0.0s, failed :crit, 2000-01-10 00:00:50.000, 1ms")
}

func TestGantt_of_five_seconds_and_of_an_hour(t *testing.T) {
	if got := gantt([]timeline.Bar{span("URL", "Wait", 0, 5)}); !strings.Contains(got, "axisFormat %M:%S\n") {
		t.Errorf("five seconds are not drawn: %q", got)
	}
	if got := gantt([]timeline.Bar{span("URL", "Wait", 0, 3600)}); !strings.Contains(got, "axisFormat %H:%M:%S\n") {
		t.Errorf("a full hour ends at 00:00:\n%s", got)
	}
}

// CloudFormation's clock and the runner's differ by some tenths of a second.
func TestGantt_of_two_clocks(t *testing.T) {
	wantIn(t, gantt([]timeline.Bar{span("Image", "push", 0, 100.3), span("Create", "Service", 100, 200)}), "push, 1m40s :2000")
}

// The bar that ended last is on the critical path, not the one that began last.
func TestGantt_of_what_went_on_side_by_side(t *testing.T) {
	got := gantt([]timeline.Bar{span("Create", "Long", 0, 30), span("Create", "Short", 10, 20), span("Create", "Then", 31, 60)})
	wantIn(t, got, "Long, 30s :2000", "Short, 10s :done, 2000", "Then, 29s :2000")
}

// No bar waits for a part of another bar: it waits for the whole bar.
func TestGantt_of_parts(t *testing.T) {
	part := func(name, of string, begin, end float64) timeline.Bar {
		b := span("Task", name, begin, end)
		b.Part = of
		return b
	}
	whole := span("Create", "Service", 0, 100)
	whole.Ready = noon.Add(50 * time.Second)
	got := gantt([]timeline.Bar{whole, part("image pulled", "Service", 20, 55), span("Create", "Alarm", 60, 120)})
	wantIn(t, got, "Service, 1m40s :2000", "image pulled, 35s :2000", "Alarm, 1m00s :2000")

	// The stack was deployed twice. Neither the first service nor its task is on the critical path.
	got = gantt([]timeline.Bar{
		span("Create", "Service", 0, 100), part("placed", "Service", 5, 15), span("Image", "push", 0, 40),
		span("Create", "Service", 50, 150), part("image pulled", "Service", 60, 90),
	})
	wantIn(t, got, "placed, 10s :done, 2000", "image pulled, 30s :2000")

	if got := gantt([]timeline.Bar{part("image pulled", "Service", 0, 30)}); !strings.Contains(got, ":done, ") {
		t.Errorf("a part without a whole is on the critical path:\n%s", got)
	}
	got = gantt([]timeline.Bar{span("Create", "", 0, 100), span("Create", "Short", 10, 20)})
	wantIn(t, got, "Short, 10s :done, 2000") // Short is not a part of the bar without a name
}

// If there are too many bars, the critical path and the longest of the other bars are shown, in the
// order of their beginnings.
func TestGantt_leaves_out_the_shortest(t *testing.T) {
	bars := []timeline.Bar{span("Create", "Short but critical", 0, 11), span("Create", "Service", 11, 900)}
	for i := range 60 {
		bars = append(bars, span("Create", fmt.Sprint("Bar ", i), float64(i)+1, float64(i)*2+100))
	}
	got := gantt(bars)
	wantIn(t, got, "Short but critical, 11s :2000", "Bar 59, ", "Bar 22, ")
	if strings.Contains(got, "Bar 21, ") || !strings.HasSuffix(got, "\n… and 22 more steps that are not drawn.\n") {
		t.Errorf("not the 40 that count:\n%s", got)
	}
	if strings.Index(got, "Bar 22, ") > strings.Index(got, "Bar 59, ") {
		t.Errorf("not in the order of their beginnings:\n%s", got)
	}
}

func TestLabel(t *testing.T) {
	long := strings.Repeat("é", 48)
	for name, want := range map[string]string{
		long:                            long,
		long + "é":                      strings.Repeat("é", 47) + "…",
		strings.Repeat("é", 46) + " éé": strings.Repeat("é", 46) + "…",
		"Click here":                    "_Click here",
		"section":                       "_section",
		"sections":                      "sections",
		"::":                            "_",
		"a:b;c":                         "a b c",
	} {
		if got := label(name); got != want {
			t.Errorf("label(%q) = %q, want %q", name, got, want)
		}
	}
}
