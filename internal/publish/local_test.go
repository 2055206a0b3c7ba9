package publish_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pr-stack/internal/environment"
	"pr-stack/internal/publish"
	"pr-stack/internal/report"
	"pr-stack/internal/runner"
)

// local publishes a result on a runner, and returns its log, outputs and summary.
func local(t *testing.T, result report.Result, secrets ...string) (log, outputs, summary string) {
	t.Helper()
	folder := t.TempDir()
	var out bytes.Buffer
	l := runner.New(&out, []string{
		"GITHUB_ACTIONS=true", "GITHUB_OUTPUT=" + filepath.Join(folder, "output"),
		"GITHUB_STEP_SUMMARY=" + filepath.Join(folder, "summary"),
	})
	for _, secret := range secrets {
		l.Mask(secret)
	}
	publish.Local(l, result)
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	return out.String(), read("output"), read("summary")
}

func result(ending report.Ending, change func(*report.Deployment)) *report.Deployment {
	d := &report.Deployment{URL: siteURL}
	d.Environment, d.Ending, d.Status = environment.ForPullRequest("hello", 7), ending, report.Created
	if change != nil {
		change(d)
	}
	return d
}

func TestLocal_ends_with_what_the_run_came_to(t *testing.T) {
	for name, test := range map[string]struct {
		result    report.Result
		log, head string
	}{
		"up": {result(report.Up, nil), "hello pr-7 is up (created): " + siteURL + "\n", "### ✅ Preview is ready"},
		"skipped": {
			result(report.Skipped, func(d *report.Deployment) { d.Reason = "no code changed" }),
			"::notice title=skipped::no code changed\n", "### ⏭️ Nothing to do",
		},
		"failed": {
			result(report.Failed, func(d *report.Deployment) {
				d.Failure = &report.Failure{
					Summary: "It broke.", Message: "stack x: broken", Log: []string{"boom"},
					Hint: "fix it", NextStep: "it is rolled back",
				}
			}),
			"::error::It broke.%0Astack x: broken%0A  | boom%0Ait is rolled back%0Ahint: fix it\n",
			"### ❌ Preview could not be deployed",
		},
		"refused": {
			&report.Refusal{
				Run: report.Run{Ending: report.Failed}, Command: "deploy",
				Failures: []report.Failure{{Message: "a", Hint: "b"}, {Message: "c"}},
			},
			"::error::a%0Ahint: b\n::error::c\n", "### ❌ `deploy` could not begin",
		},
	} {
		t.Run(name, func(t *testing.T) {
			log, outputs, summary := local(t, test.result)
			if log != test.log {
				t.Errorf("the log is %q, want %q", log, test.log)
			}
			if !strings.Contains(outputs, "status<<") || !strings.HasPrefix(summary, test.head) {
				t.Errorf("outputs %q and summary %q, want all outputs and a summary that begins with %q", outputs, summary, test.head)
			}
		})
	}
}

func TestLocal_warns_of_outputs_that_GitHub_would_lose(t *testing.T) {
	log, outputs, _ := local(t, result(report.Up, func(d *report.Deployment) {
		d.URL, d.ImageDigest = "http://x\nstatus=deleted", "sha256:hunter22"
	}), "hunter22")
	for _, want := range []string{"::warning title=output url is left out::", "::warning title=output image-digest may be lost::"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %q:\n%s", want, log)
		}
	}
	if strings.Contains(outputs, "url<<") || strings.Contains(outputs, "status=deleted") {
		t.Errorf("outputs = %q, want no url", outputs)
	}
}

func TestLocal_shows_no_secret(t *testing.T) {
	for _, ending := range []report.Ending{report.Failed, report.Skipped} {
		log, _, summary := local(t, result(ending, func(d *report.Deployment) {
			d.Reason = "hunter22"
			d.Failure = &report.Failure{
				Summary: "hunter22", Message: "hunter22", Hint: "hunter22", Log: []string{"hunter22"}, NextStep: "hunter22",
			}
		}), "hunter22")
		log = strings.ReplaceAll(log, "::add-mask::hunter22", "")
		if strings.Contains(strings.ToLower(log+summary), "hunter22") || !strings.Contains(log, "***") {
			t.Errorf("a secret is shown:\n%s\n%s", log, summary)
		}
	}
}

func TestLocal_outside_GitHub_prints_the_outputs(t *testing.T) {
	var out bytes.Buffer
	publish.Local(runner.New(&out, nil), result(report.Up, nil))
	want := "url=" + siteURL + "\nenvironment=pr-7\nstatus=created\n" + // stack-outputs is {}
		"hello pr-7 is up (created): " + siteURL + "\n"
	if out.String() != want {
		t.Errorf("it printed %q, want %q", out.String(), want)
	}
}
