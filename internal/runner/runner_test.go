package runner_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"pr-stack/internal/runner"
)

func onGitHub(environ ...string) (*runner.Log, *bytes.Buffer) {
	var out bytes.Buffer
	return runner.New(&out, append(environ, "GITHUB_ACTIONS=true")), &out
}

func TestLine_is_never_a_command_to_the_runner(t *testing.T) {
	for _, hostile := range []string{
		"::set-output name=url::http://evil",
		"  ::add-mask::a",
		"\t::error::x",
		"fine\n::stop-commands::x",
		"fine\r\n::error::x",
		"fine\r::error::x",
		"and ##[add-path]/evil in the middle",
		"##[group]x",
	} {
		log, out := onGitHub()
		log.Line("%s", hostile)
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "\r") {
				t.Errorf("Line(%q) wrote %q, which the runner takes for a command", hostile, line)
			}
		}
	}
}

func TestError_keeps_the_hint_on_its_own_line(t *testing.T) {
	log, out := onGitHub()
	log.Error("push image: 100% denied\n::error::no", "grant it")
	want := "::error::push image: 100%25 denied%0A::error::no%0Ahint: grant it\n"
	if out.String() != want {
		t.Errorf("Error wrote %q, want %q", out, want)
	}
}

func TestLog_outside_GitHub_is_plain_text(t *testing.T) {
	var out bytes.Buffer
	log := runner.New(&out, nil)
	log.Group("Deploy stack")
	log.Line("  created")
	log.EndGroup()
	log.Mask("secret")
	log.Outputs([]runner.Output{{Name: "url", Value: "http://x"}, {Name: "image"}, {Name: "stack-outputs", Value: "{}"}})
	log.Summary("### not here")
	log.Error("it broke", "fix it")
	want := "Deploy stack\n  created\nurl=http://x\nerror: it broke\nhint: fix it\n"
	if out.String() != want {
		t.Errorf("wrote %q, want %q", out.String(), want)
	}
}

func TestOutputs_and_summary_go_to_the_files_of_the_runner(t *testing.T) {
	dir := t.TempDir()
	outputs, summary := filepath.Join(dir, "output"), filepath.Join(dir, "summary")
	log, out := onGitHub("GITHUB_OUTPUT="+outputs, "GITHUB_STEP_SUMMARY="+summary)
	log.Outputs([]runner.Output{{Name: "url", Value: "http://x"}})
	log.Summary("### hello")
	for path, want := range map[string]string{outputs: "http://x", summary: "### hello"} {
		got, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s holds %q, %v, want %q in it", path, got, err, want)
		}
	}
	if out.Len() > 0 {
		t.Errorf("the log has %q, want nothing", out)
	}
}

func TestOutputs_warn_of_a_file_that_cannot_be_written(t *testing.T) {
	log, out := onGitHub("GITHUB_OUTPUT=" + t.TempDir())
	log.Outputs([]runner.Output{{Name: "url", Value: "http://x"}})
	if !strings.HasPrefix(out.String(), "::warning title=cannot write outputs::") {
		t.Errorf("wrote %q, want a warning", out)
	}
}

func TestStopCommands_surrounds_the_output_of_others(t *testing.T) {
	log, out := onGitHub()
	q := log.StopCommands()
	fmt.Fprint(q, "#1 load\n::set-env name=PATH::/ev")
	fmt.Fprint(q, "il\nlast line without an end")
	q.Close()
	shape := regexp.MustCompile(`^::stop-commands::([A-Z2-7]{26})\n#1 load\n::set-env name=PATH::/evil\nlast line without an end\n::([A-Z2-7]{26})::\n$`)
	words := shape.FindStringSubmatch(out.String())
	if words == nil || words[1] != words[2] {
		t.Errorf("wrote %q, want it between stop-commands and the same word", out)
	}
}

// The runner would show a mask command as text, and not carry it out, while commands are stopped.
func TestStopCommands_lets_a_mask_through(t *testing.T) {
	log, out := onGitHub()
	q := log.StopCommands()
	fmt.Fprint(q, "#1 load\n")
	log.Mask("hunter22")
	fmt.Fprint(q, "#2 push\n")
	q.Close()
	shape := regexp.MustCompile(`^::stop-commands::(\w+)\n#1 load\n::(\w+)::\n::add-mask::hunter22\n::stop-commands::(\w+)\n#2 push\n::(\w+)::\n$`)
	words := shape.FindStringSubmatch(out.String())
	if words == nil || words[1] != words[2] || words[3] != words[4] || words[1] == words[3] {
		t.Errorf("wrote %q, want the mask outside of what is quoted", out)
	}
}

func TestStopCommands_of_nothing_writes_nothing(t *testing.T) {
	log, out := onGitHub()
	log.StopCommands().Close()
	if out.Len() > 0 {
		t.Errorf("wrote %q, want nothing", out)
	}
}

func TestRedact_replaces_the_longest_secret_first(t *testing.T) {
	log, _ := onGitHub()
	log.Mask("db.internal")
	log.Mask("postgres://app:hunter2@db.internal/app")
	got := log.Redact("cannot connect to postgres://app:hunter2@db.internal/app, try db.internal")
	if want := "cannot connect to ***, try ***"; got != want {
		t.Errorf("Redact = %q, want %q", got, want)
	}
}

func TestMask_goes_by_lines_and_leaves_out_short_ones(t *testing.T) {
	log, out := onGitHub()
	log.Mask("first line\n  x\r\nsecond line\n")
	log.Mask("first line")
	if want := "::add-mask::first line\n::add-mask::second line\n"; out.String() != want {
		t.Errorf("Mask wrote %q, want %q", out, want)
	}
	if got, want := log.Redact("x, second line"), "x, ***"; got != want {
		t.Errorf("Redact = %q, want %q", got, want)
	}
}

// Outside GitHub there is no runner that masks.
func TestLog_outside_GitHub_shows_no_secret(t *testing.T) {
	var out bytes.Buffer
	log := runner.New(&out, nil)
	log.Mask("hunter22")
	log.Line("a %s", "hunter22")
	log.Error("b hunter22", "c hunter22")
	q := log.StopCommands()
	fmt.Fprintln(q, "d hunter22")
	q.Close()
	if want := "a ***\nerror: b ***\nhint: c ***\nd ***\n"; out.String() != want {
		t.Errorf("wrote %q, want %q", out.String(), want)
	}
	if log.ContainsSecret("hunter22") {
		t.Error("ContainsSecret = true outside GitHub, want false: nothing drops the output")
	}
}

// For the race detector.
func TestLog_is_safe_for_concurrent_use(t *testing.T) {
	log, _ := onGitHub()
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			log.Mask("hunter22")
			log.Line("hunter22")
			if !log.ContainsSecret("hunter22") || log.Redact("hunter22") != "***" {
				t.Error("a secret is not found")
			}
		})
	}
	work.Wait()
}

func TestDebug_is_a_command_that_the_runner_shows_on_demand(t *testing.T) {
	log, out := onGitHub()
	log.Debug("SDK %s", "WARN")
	if want := "::debug::SDK WARN\n"; out.String() != want {
		t.Errorf("Debug wrote %q, want %q", out, want)
	}
}
