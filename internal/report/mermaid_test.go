package report

import (
	"context"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// drawnByMermaid returns the page on which Mermaid has drawn a chart. Mermaid's script is not part of this
// repository: MERMAID is the path of a copy of mermaid.min.js.
func drawnByMermaid(t *testing.T, chart string) string {
	t.Helper()
	script, chromium := os.Getenv("MERMAID"), ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
		}
	}
	if script == "" || chromium == "" {
		t.Skip("MERMAID does not name a mermaid.min.js, or there is no Chromium to run it in")
	}
	chart = strings.TrimSuffix(strings.TrimPrefix(chart, "```mermaid\n"), "```\n")
	page := filepath.Join(t.TempDir(), "page.html")
	body := fmt.Sprintf(`<!doctype html><meta charset="utf-8"><pre class="mermaid">%s</pre><script src="file://%s"></script>
<script>mermaid.initialize({startOnLoad: true, securityLevel: "strict"})</script>`, html.EscapeString(chart), script)
	if err := os.WriteFile(page, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dom, err := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu",
		"--virtual-time-budget=20000", "--dump-dom", "file://"+page).Output()
	if err != nil {
		t.Skipf("Chromium does not run here: %v", err) // that says nothing about the chart
	}
	return string(dom)
}

// The two generations are drawn over each other: the grey columns reach the top, the blue ones are as high as
// the candidate's percent.
func TestWeights_are_drawn_by_Mermaid(t *testing.T) {
	for name, r := range map[string]*Promotion{"promoted": promoted(), "returned": badRelease()} {
		drawn := drawnByMermaid(t, r.weights())
		grey, blue := strings.Count(drawn, `fill="#b6bec8"`), strings.Count(drawn, `fill="#3b6fd4"`)
		if strings.Contains(drawn, "Syntax error") || grey != samples || blue != samples {
			t.Errorf("%s: Mermaid drew %d grey and %d blue columns, want %d each", name, grey, blue, samples)
		}
		for _, text := range []string{"generation 5 blue, generation 4 grey", "minutes since 12:00:00 UTC"} {
			if !strings.Contains(drawn, text) {
				t.Errorf("%s: Mermaid drew no %q", name, text)
			}
		}
	}
}
