package report

import (
	"context"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var zero = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// span is a bar by seconds from the beginning.
func span(section, name string, begin, end float64) Bar {
	at := func(s float64) time.Time { return zero.Add(time.Duration(s * float64(time.Second))) }
	return Bar{Section: section, Name: name, Begin: at(begin), End: at(end)}
}

// first is the first deployment of a pull request, as the template fargate makes it.
func first() []Bar {
	listener := span("Create", "Listener", 232, 233)
	task := span("Task", "image pulled", 256, 276)
	task.Part = "EcsService"
	return []Bar{
		span("Image", "[build 2/4] RUN go test ./... && go build -o app", 0, 28), span("Image", "push", 28, 40),
		span("Create", "TargetGroup", 41, 56.5), span("Create", "LoadBalancerSecurityGroup", 41, 49.6), span("Create", "LogGroup", 41, 41.1),
		span("Create", "LoadBalancer", 50, 231), listener, span("Create", "EcsService", 240, 312), task,
		span("URL", "Wait until the new code answers", 313, 317),
	}
}

func TestGantt_marks_what_the_run_waited_for(t *testing.T) {
	got := gantt(first())
	want := "```mermaid" + `
gantt
    dateFormat YYYY-MM-DD HH:mm:ss.SSS
    axisFormat %M:%S
    todayMarker off
    section Image
    [build 2/4] RUN go test ./... go build -o app, 28s :crit, 2000-01-10 00:00:00.000, 28000ms
    push, 12s :crit, 2000-01-10 00:00:28.000, 12000ms
    section Create
    TargetGroup, 16s :2000-01-10 00:00:41.000, 15500ms
    LoadBalancerSecurityGroup, 8.6s :crit, 2000-01-10 00:00:41.000, 8600ms
    LoadBalancer, 3m01s :crit, 2000-01-10 00:00:50.000, 181000ms
    EcsService, 1m12s :crit, 2000-01-10 00:04:00.000, 72000ms
    section Task
    image pulled, 20s :crit, 2000-01-10 00:04:16.000, 20000ms
    section URL
    Wait until the new code answers, 4.0s :crit, 2000-01-10 00:05:13.000, 4000ms
` + "```\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gantt (-want +got):\n%s", diff)
	}
}

// CloudFormation goes on with what depends on a resource before the resource is complete.
func TestGantt_what_is_ready_before_its_end(t *testing.T) {
	bars := []Bar{span("Create", "Role", 0, 30), span("Create", "Bucket", 0, 5), span("Create", "Function", 15, 40)}
	if got := gantt(bars); strings.Contains(got, "Role, 30s :crit") {
		t.Errorf("Role is waited for:\n%s", got)
	}
	bars[0].Ready = zero.Add(15 * time.Second)
	if got := gantt(bars); !strings.Contains(got, "Role, 30s :crit") {
		t.Errorf("Role is not waited for:\n%s", got)
	}
}

func TestGantt_of_what_failed(t *testing.T) {
	bars := first()
	bars[7].Note = "failed"
	if got := gantt(bars); !strings.Contains(got, "EcsService, 1m12s, failed :crit") {
		t.Errorf("the failed service is not told:\n%s", got)
	}
}

func TestGantt_of_nothing_much(t *testing.T) {
	for _, bars := range [][]Bar{nil, {span("URL", "Wait", 0, 3)}, {{Name: "never begun", End: zero}}, {span("Create", "backwards", 9, 1)}} {
		if got := gantt(bars); got != "" {
			t.Errorf("gantt(%v) = %q, want nothing", bars, got)
		}
	}
}

func TestGantt_is_never_long(t *testing.T) {
	var bars []Bar
	for i := range 3000 {
		bars = append(bars, span(fmt.Sprint("Section ", i), strings.Repeat("Verylong", 40)+fmt.Sprint(i), float64(i), float64(i)+100))
	}
	got := gantt(bars)
	if len(got) > 20_000 || !strings.HasSuffix(got, "\n… and 2960 shorter ones.\n") {
		t.Errorf("gantt of 3000 bars has %d bytes and ends in %q", len(got), got[len(got)-80:])
	}
	if got := gantt([]Bar{span("Delete", "Interfaces", 0, 3700)}); !strings.Contains(got, "axisFormat %H:%M:%S") {
		t.Errorf("hours are not on the axis:\n%s", got)
	}
}

// line is what Mermaid takes for a bar.
var line = regexp.MustCompile(`^    [^:;#%{}"<>]+, [0-9hms.]+(, failed)? :(crit, )?2000-01-1\d \d\d:\d\d:\d\d\.\d{3}, \d+ms$`)

func FuzzGantt(f *testing.F) {
	for _, name := range hostile {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := gantt([]Bar{span(name, name, 0, 60)})
		lines := strings.Split(got, "\n")
		if len(lines) != 9 || !regexp.MustCompile(`^    section [^:;#%{}"<>]+$`).MatchString(lines[5]) || !line.MatchString(lines[6]) {
			t.Errorf("gantt of a bar called %q:\n%s", name, got)
		}
	})
}

// hostile are names that a line of Mermaid must not be made of as they are.
var hostile = []string{
	"gantt", "Click", "title x", "section", "end", "topAxis", "a:b", "a;b", "#quot;", "%%{init: {}}%%", "```", "x\ny :crit", "<script>alert(1)</script>",
	"", "::", "Übergröße", "日本語", "[build 1/2] RUN echo \"$A\" | sh -c 'x' # y", "accDescr {", "_", "click href https://example.org",
}

// The real Mermaid draws it. Its script is not part of this repository: MERMAID names a copy of mermaid.min.js.
func TestGantt_is_drawn_by_Mermaid(t *testing.T) {
	script, chromium := os.Getenv("MERMAID"), ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
		}
	}
	if script == "" || chromium == "" {
		t.Skip("MERMAID does not name a mermaid.min.js, or there is no Chromium to run it in")
	}
	bars := first()
	for i, name := range hostile {
		bars = append(bars, span(name, fmt.Sprint(name, " ", i), 20, 40), span(name, name, float64(30+i), 100))
	}
	chart := strings.TrimSuffix(strings.TrimPrefix(gantt(bars[:39]), "```mermaid\n"), "```\n")

	page := filepath.Join(t.TempDir(), "page.html")
	body := fmt.Sprintf(`<!doctype html><meta charset="utf-8"><pre class="mermaid">%s</pre><script src="file://%s"></script>
<script>mermaid.initialize({startOnLoad: true, securityLevel: "strict"})</script>`, html.EscapeString(chart), script)
	if err := os.WriteFile(page, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dom, err := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom", "file://"+page).Output()
	if err != nil {
		t.Skipf("Chromium does not run here: %v", err) // which says nothing of the picture
	}
	drawn := string(dom)
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

// Bars come in the order of their ends, and what is not at its end yet comes last.
func TestGantt_of_bars_in_any_order(t *testing.T) {
	bars := []Bar{span("Create", "Later", 20, 30), span("Create", "Long", 0, 40), span("Create", "First", 0, 10)}
	before := slices.Clone(bars)
	backwards := span("Create", "backwards", 9, 1)
	backwards.Note = "failed"
	got := gantt(append(bars, backwards))
	wantIn(t, got, "Long, 40s :crit, 2000-01-10 00:00:00.000, ", "First, 10s :2000-01-10 00:00:00.000, ", "Later, 10s :2000-01-10 00:00:20.000, ")
	if strings.Contains(got, "backwards") || strings.Index(got, "First") > strings.Index(got, "Later") {
		t.Errorf("not in the order of their beginnings, or with what ended before it began:\n%s", got)
	}
	if diff := cmp.Diff(before, bars); diff != "" {
		t.Errorf("gantt changed its caller's bars (-want +got):\n%s", diff)
	}
}

func TestGantt_leaves_its_callers_bars_alone(t *testing.T) {
	bars := []Bar{{Name: "never begun"}, span("Create", "Long", 0, 40)}
	before := slices.Clone(bars)
	gantt(bars)
	if diff := cmp.Diff(before, bars); diff != "" {
		t.Errorf("gantt changed its caller's bars (-want +got):\n%s", diff)
	}
}

// What failed at once is the one thing that a reader looks for, however long the rest took. Mermaid draws nothing of no length.
func TestGantt_of_what_failed_at_once(t *testing.T) {
	at := span("Create", "Bucket", 50, 50)
	at.Note = "failed: x"
	wantIn(t, gantt([]Bar{span("Create", "Database", 0, 600), at}), "Bucket, 0.0s, failed x :2000-01-10 00:00:50.000, 1ms")
}

func TestGantt_of_five_seconds_and_of_an_hour(t *testing.T) {
	if got := gantt([]Bar{span("URL", "Wait", 0, 5)}); !strings.Contains(got, "axisFormat %M:%S\n") {
		t.Errorf("five seconds are not drawn: %q", got)
	}
	if got := gantt([]Bar{span("URL", "Wait", 0, 3600)}); !strings.Contains(got, "axisFormat %H:%M:%S\n") {
		t.Errorf("a full hour ends at 00:00:\n%s", got)
	}
}

// The times of CloudFormation's clock and of the runner's are some tenths of a second apart.
func TestGantt_of_two_clocks(t *testing.T) {
	wantIn(t, gantt([]Bar{span("Image", "push", 0, 100.3), span("Create", "Service", 100, 200)}), "push, 1m40s :crit")
}

// What ended last was waited for, not what began last.
func TestGantt_of_what_went_on_side_by_side(t *testing.T) {
	got := gantt([]Bar{span("Create", "Long", 0, 30), span("Create", "Short", 10, 20), span("Create", "Then", 31, 60)})
	wantIn(t, got, "Long, 30s :crit", "Short, 10s :2000", "Then, 29s :crit")
}

// A part is never what something else waited for: the whole is.
func TestGantt_of_parts(t *testing.T) {
	part := func(name, of string, begin, end float64) Bar {
		b := span("Task", name, begin, end)
		b.Part = of
		return b
	}
	whole := span("Create", "Service", 0, 100)
	whole.Ready = zero.Add(50 * time.Second)
	got := gantt([]Bar{whole, part("image pulled", "Service", 20, 55), span("Create", "Alarm", 60, 120)})
	wantIn(t, got, "Service, 1m40s :crit", "image pulled, 35s :crit", "Alarm, 1m00s :crit")

	// The stack was brought up twice. The first service is not what was waited for, nor is its task.
	got = gantt([]Bar{
		span("Create", "Service", 0, 100), part("placed", "Service", 5, 15), span("Image", "push", 0, 40),
		span("Create", "Service", 50, 150), part("image pulled", "Service", 60, 90),
	})
	wantIn(t, got, "placed, 10s :2000", "image pulled, 30s :crit")

	if got := gantt([]Bar{part("image pulled", "Service", 0, 30)}); strings.Contains(got, "crit") {
		t.Errorf("a part without a whole is waited for:\n%s", got)
	}
	got = gantt([]Bar{span("Create", "", 0, 100), span("Create", "Short", 10, 20)})
	wantIn(t, got, "Short, 10s :2000") // which is no part of what has no name
}

// Of more than fit, what was waited for stays, and the longest of the others, still in their order.
func TestGantt_leaves_out_the_shortest(t *testing.T) {
	bars := []Bar{span("Create", "Short but waited for", 0, 11), span("Create", "Service", 11, 900)}
	for i := range 60 {
		bars = append(bars, span("Create", fmt.Sprint("Bar ", i), float64(i)+1, float64(i)*2+100))
	}
	got := gantt(bars)
	wantIn(t, got, "Short but waited for, 11s :crit", "Bar 59, ", "Bar 22, ")
	if strings.Contains(got, "Bar 21, ") || !strings.HasSuffix(got, "\n… and 22 shorter ones.\n") {
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
