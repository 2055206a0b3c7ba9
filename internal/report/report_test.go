package report

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/environment"
)

var up = Result{
	Command:      "deploy",
	Status:       Created,
	Environment:  environment.ForPullRequest("hello", 7),
	Commit:       "0123456789abcdef0123456789abcdef01234567",
	Region:       "eu-north-1",
	URL:          "http://hello-1.eu-north-1.elb.amazonaws.com",
	StackName:    "hello-pr-7",
	StackID:      "arn:aws:cloudformation:eu-north-1:123456789012:stack/hello-pr-7/6f0a",
	Image:        "123456789012.dkr.ecr.eu-north-1.amazonaws.com/hello@sha256:aa",
	ImageDigest:  "sha256:aa",
	StackOutputs: map[string]string{"Url": "http://x", "A": "b\nc"},
	Phases: []Phase{
		{Name: "Build and push the image", Took: 42 * time.Second, Note: "pushed pr-7-0123456789ab"},
		{Name: "Deploy stack hello-pr-7", Took: 4*time.Minute + 7*time.Second, Note: "created"},
	},
}

func TestOutputs(t *testing.T) {
	outputs, refused := Outputs(up)
	if len(refused) > 0 {
		t.Errorf("Outputs refused %v, want none", refused)
	}
	want := []Output{
		{"url", "http://hello-1.eu-north-1.elb.amazonaws.com"},
		{"environment", "pr-7"},
		{"stack-name", "hello-pr-7"},
		{"stack-id", "arn:aws:cloudformation:eu-north-1:123456789012:stack/hello-pr-7/6f0a"},
		{"image", "123456789012.dkr.ecr.eu-north-1.amazonaws.com/hello@sha256:aa"},
		{"image-digest", "sha256:aa"},
		{"status", "created"},
		{"stack-outputs", `{"A":"b\nc","Url":"http://x"}`},
	}
	if diff := cmp.Diff(want, outputs); diff != "" {
		t.Errorf("Outputs differ (-want +got):\n%s", diff)
	}
}

func TestOutputs_refuse_a_line_break(t *testing.T) {
	r := up
	r.URL = "http://x\nstatus=deleted"
	outputs, refused := Outputs(r)
	if diff := cmp.Diff([]string{"url"}, refused); diff != "" {
		t.Errorf("refused differ (-want +got):\n%s", diff)
	}
	for _, o := range outputs {
		if o.Name == "url" {
			t.Errorf("Outputs has url = %q, want it left out", o.Value)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:                           "0.0s",
		0:                                      "0.0s",
		440 * time.Millisecond:                 "0.4s",
		9949 * time.Millisecond:                "9.9s",
		9950 * time.Millisecond:                "10s",
		59499 * time.Millisecond:               "59s",
		59500 * time.Millisecond:               "1m00s",
		2*time.Minute + 36*time.Second:         "2m36s",
		time.Hour - 400*time.Millisecond:       "1h00m",
		65 * time.Minute:                       "1h05m",
		25*time.Hour + 59*time.Minute + 59*1e9: "26h00m",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%d ms) = %q, want %q", d.Milliseconds(), got, want)
		}
	}
}

func TestLine(t *testing.T) {
	gone := up
	gone.Command, gone.Status = "destroy", Deleted
	absent := gone
	absent.Status = Absent
	quiet := up
	quiet.URL = ""
	for want, r := range map[string]Result{
		"hello pr-7 is up (created), after 4m49s: http://hello-1.eu-north-1.elb.amazonaws.com": up,
		"hello pr-7 is up (created), after 4m49s.":                                             quiet,
		"hello pr-7 is gone, after 4m49s.":                                                     gone,
		"hello pr-7: there was nothing to delete.":                                             absent,
		"Base stack hello-base: unchanged.":                                                    {Command: "bootstrap", StackName: "hello-base", Status: Unchanged},
	} {
		if got := Line(r); got != want {
			t.Errorf("Line = %q, want %q", got, want)
		}
	}
}

func TestSummary(t *testing.T) {
	failed := up
	failed.Status, failed.URL = "", ""
	failed.Failure = &Failure{Message: "deploy stack hello-pr-7: ```\n<script>\n# not a heading", Hint: "set *this* | that"}
	gone := Result{Command: "destroy", Status: Deleted, Environment: up.Environment, StackName: up.StackName, Phases: []Phase{{Name: "Delete stack hello-pr-7", Took: time.Minute}}}
	skipped := Result{Status: Skipped, Reason: "the action labeled changes no code", Environment: up.Environment}
	for name, r := range map[string]Result{"up": up, "failed": failed, "gone": gone, "skipped": skipped} {
		t.Run(name, func(t *testing.T) { golden(t, "testdata/"+name+".md", Summary(r)) })
	}
}

func TestSummary_keeps_under_what_GitHub_takes(t *testing.T) {
	long := strings.Repeat("ü`", MaxSummary)
	said, named, told := up, up, up
	said.Failure = &Failure{Message: long}
	named.StackOutputs = map[string]string{"LogGroupName": long}
	told.Failure = &Failure{Message: "x", Hint: long}
	skipped := Result{Status: Skipped, Reason: long}
	swept := Result{Command: "sweep", Status: Deleted}
	for range 20_000 {
		swept.Swept = append(swept.Swept, Swept{Environment: "pr-7", Outcome: NotGone, Why: long[:300]})
	}
	for name, r := range map[string]Result{"what failed": said, "a name": named, "a hint": told, "a reason": skipped, "a sweep": swept} {
		if got := len(Summary(r)); got > MaxSummary {
			t.Errorf("Summary with %s has %d bytes, want at most %d", name, got, MaxSummary)
		}
	}
}

// Where the console is depends on the region's partition.
func TestSummary_links_to_the_console(t *testing.T) {
	for region, want := range map[string]string{
		"eu-north-1":    "https://eu-north-1.console.aws.amazon.com/cloudformation/home?region=eu-north-1#/stacks/stackinfo?stackId=arn%3Aaws%3A",
		"us-gov-west-1": "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudformation/",
		"cn-north-1":    "https://cn-north-1.console.amazonaws.cn/cloudformation/",
	} {
		r := up
		r.Region = region
		if got := Summary(r); !strings.Contains(got, want) {
			t.Errorf("Summary has no link %s:\n%s", want, got)
		}
	}
}

func TestSummary_lets_nobody_else_mark_it_up(t *testing.T) {
	r := up
	r.Phases = []Phase{{Name: "a | b", Note: "<img src=x> @octocat [x](y)"}}
	r.URL = "javascript:alert(1)"
	got := Summary(r)
	for _, bad := range []string{"<img", "@octocat", "[x](y)", "](<javascript:", "| a | b |"} {
		if strings.Contains(got, bad) {
			t.Errorf("Summary holds %q:\n%s", bad, got)
		}
	}
}

// golden compares with a file, which UPDATE_GOLDEN=1 writes anew.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// GitHub does not break the lines of a block, and the end of a long one is where the reason stands.
func TestWrap(t *testing.T) {
	long := strings.Repeat("word ", 50)
	for _, c := range []struct{ text, want string }{
		{"short", "short"},
		{strings.Repeat("x", 300), strings.Repeat("x", 300)},
		{"a " + strings.Repeat("x", 300) + " b", "a " + strings.Repeat("x", 300) + " b"},
		{"  | " + long, "  | " + long},
		{"two\nlines", "two\nlines"},
	} {
		if got := wrap(c.text); got != c.want {
			t.Errorf("wrap(%q) = %q, want %q", c.text, got, c.want)
		}
	}
	for line := range strings.SplitSeq(wrap(long), "\n") {
		if len(line) > column+2 {
			t.Errorf("wrap made a line of %d: %q", len(line), line)
		}
	}
	if got := strings.Join(strings.Fields(wrap(long)), " "); got != strings.TrimSpace(long) {
		t.Errorf("wrap lost words: %q", got)
	}
}

func TestComment(t *testing.T) {
	const marker = "<!-- pr-stack hello pr-7 -->\n"
	now := time.Date(2026, time.November, 24, 1, 30, 0, 0, time.FixedZone("Helsinki", 2*60*60))
	const last = "<sub>Last change 2026-11-23 23:30 UTC"
	nothing := Result{Command: "deploy", Environment: up.Environment}
	skipped, overtaken, deleted, absent := nothing, nothing, nothing, nothing
	skipped.Status, skipped.Reason = Skipped, "the service has 1 environment, says <img src=x> @octocat"
	overtaken.Status, overtaken.Reason, overtaken.Gone = Skipped, "pull request 7 was closed", true
	deleted.Status, deleted.Phases = Deleted, []Phase{{Name: "Delete stack hello-pr-7", Took: time.Minute}}
	absent.Status = Absent
	for name, test := range map[string]struct {
		result Result
		runURL string
		want   string
	}{
		"skipped":                  {skipped, "", marker + "### ⏭️ hello pr-7 is not deployed\n\nthe service has 1 environment, says &lt;img src=x&gt; @\u200boctocat\n\n" + last + "</sub>\n"},
		"skipped as it was closed": {overtaken, "", marker + "### 🧹 hello pr-7 is gone\n\n" + last + "</sub>\n"},
		"deleted":                  {deleted, "https://github.com/o/r/actions/runs/42", marker + "### 🧹 hello pr-7 is gone\n\n" + last + ", after 1m00s, [log](<https://github.com/o/r/actions/runs/42>)</sub>\n"},
		"absent":                   {absent, "", marker + "### 🧹 hello pr-7 is gone\n\n" + last + "</sub>\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Comment(test.result, test.runURL, now)); diff != "" {
				t.Errorf("Comment differs (-want +got):\n%s", diff)
			}
		})
	}
	got := Comment(up, "", now)
	for _, want := range []string{marker + "### ✅ hello pr-7 is up (created)\n", "| Environment | pr-7 |", "| Commit | `" + up.Commit + "` |", last + ", after 4m49s</sub>\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("Comment of what is up has no %q:\n%s", want, got)
		}
	}
}

// Two environments of a service share neither a comment, nor do those of two services.
func TestMarker_is_the_environments_own(t *testing.T) {
	markers := map[string]bool{}
	for _, e := range []environment.Environment{environment.ForPullRequest("hello", 7), environment.ForPullRequest("hello", 8), environment.ForPullRequest("other", 7)} {
		markers[Marker(e)] = true
	}
	if len(markers) != 3 {
		t.Errorf("three environments have the markers %v", markers)
	}
}

// GitHub refuses a comment of more than 65,536 characters, and the pull request would not be told at all.
func TestComment_keeps_under_what_GitHub_takes(t *testing.T) {
	failed := up
	failed.Failure = &Failure{Message: strings.Repeat("a line of some container's log\n", 5000)}
	if got := Comment(failed, "", zero); len(got) > 65_536 || !strings.HasSuffix(got, "</sub>\n") || !strings.Contains(got, "| Commit |") {
		t.Errorf("Comment has %d bytes, want at most 65,536 and all of its parts", len(got))
	}
}
