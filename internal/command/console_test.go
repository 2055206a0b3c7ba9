package command

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"pr-stack/internal/diagnosis"
	"pr-stack/internal/report"
)

func onGitHub(environ ...string) (*console, *bytes.Buffer) {
	var out bytes.Buffer
	return newConsole(Process{Environ: append(environ, "GITHUB_ACTIONS=true"), Stdout: &out}), &out
}

func TestConsole_no_line_is_a_command_to_the_runner(t *testing.T) {
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
		log.line("%s", hostile)
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "\r") {
				t.Errorf("line(%q) wrote %q, which the runner takes for a command", hostile, line)
			}
		}
	}
}

func TestConsole_annotation_keeps_the_hint_on_its_own_line(t *testing.T) {
	log, out := onGitHub()
	log.failure(&report.Failure{Message: "push image: 100% denied\n::error::no", Hint: "grant it"})
	want := "::error::push image: 100%25 denied%0A::error::no%0Ahint: grant it\n"
	if out.String() != want {
		t.Errorf("failure wrote %q, want %q", out, want)
	}
}

func TestConsole_on_a_laptop_is_plain_text(t *testing.T) {
	var out bytes.Buffer
	log := newConsole(Process{Stdout: &out})
	log.group("Deploy stack")
	log.line("  created")
	log.endGroup()
	log.mask("secret")
	log.outputs([]report.Output{{Name: "url", Value: "http://x"}, {Name: "image"}})
	log.summary("### not here")
	log.failure(&report.Failure{Message: "it broke", Hint: "mend it"})
	want := "Deploy stack\n  created\nurl=http://x\nerror: it broke\nhint: mend it\n"
	if out.String() != want {
		t.Errorf("wrote %q, want %q", out.String(), want)
	}
}

func TestConsole_outputs_and_summary_go_to_the_runners_files(t *testing.T) {
	dir := t.TempDir()
	outputs, summary := filepath.Join(dir, "output"), filepath.Join(dir, "summary")
	log, out := onGitHub("GITHUB_OUTPUT="+outputs, "GITHUB_STEP_SUMMARY="+summary)
	log.outputs([]report.Output{{Name: "url", Value: "http://x"}})
	log.summary("### hello")
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

func TestPublish_warns_of_outputs_that_GitHub_would_drop(t *testing.T) {
	log, out := onGitHub("GITHUB_OUTPUT=" + filepath.Join(t.TempDir(), "output"))
	log.mask("eu-north-1")
	publish(log, report.Result{Status: report.Created, URL: "http://x.eu-north-1.elb.amazonaws.com", StackName: "a\nb"})
	for _, want := range []string{
		"::warning title=output url may be lost::it holds a value that is masked as a secret, and GitHub drops such outputs\n",
		"::warning title=output stack-name is left out::its value has a line break, which GitHub would read as another output\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("wrote %q, want %q in it", out, want)
		}
	}
}

func TestConsole_a_file_that_cannot_be_written_is_a_warning(t *testing.T) {
	log, out := onGitHub("GITHUB_OUTPUT=" + t.TempDir())
	log.outputs([]report.Output{{Name: "url", Value: "http://x"}})
	if !strings.HasPrefix(out.String(), "::warning title=cannot write outputs::") {
		t.Errorf("wrote %q, want a warning", out)
	}
}

func TestQuote_stops_commands_around_somebody_elses_output(t *testing.T) {
	log, out := onGitHub()
	q := log.quote()
	fmt.Fprint(q, "#1 load\n::set-env name=PATH::/ev")
	fmt.Fprint(q, "il\nlast line without an end")
	q.Close()
	shape := regexp.MustCompile(`^::stop-commands::([A-Z2-7]{26})\n#1 load\n::set-env name=PATH::/evil\nlast line without an end\n::([A-Z2-7]{26})::\n$`)
	words := shape.FindStringSubmatch(out.String())
	if words == nil || words[1] != words[2] {
		t.Errorf("wrote %q, want it between stop-commands and the same word", out)
	}
}

// A mask between stop-commands and its word would be shown and not obeyed.
func TestQuote_lets_a_mask_through(t *testing.T) {
	log, out := onGitHub()
	q := log.quote()
	fmt.Fprint(q, "#1 load\n")
	log.mask("hunter22")
	fmt.Fprint(q, "#2 push\n")
	q.Close()
	shape := regexp.MustCompile(`^::stop-commands::(\w+)\n#1 load\n::(\w+)::\n::add-mask::hunter22\n::stop-commands::(\w+)\n#2 push\n::(\w+)::\n$`)
	words := shape.FindStringSubmatch(out.String())
	if words == nil || words[1] != words[2] || words[3] != words[4] || words[1] == words[3] {
		t.Errorf("wrote %q, want the mask outside of what is quoted", out)
	}
}

func TestQuote_of_nothing_is_nothing(t *testing.T) {
	log, out := onGitHub()
	log.quote().Close()
	if out.Len() > 0 {
		t.Errorf("wrote %q, want nothing", out)
	}
}

func TestExplain(t *testing.T) {
	denied := &smithy.OperationError{
		ServiceID: "ECR", OperationName: "PutImage",
		Err: fmt.Errorf("https response error StatusCode: 400, RequestID: 1, %w",
			&smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: arn is not authorized to perform: ecr:PutImage"}),
	}
	for name, test := range map[string]struct {
		err           error
		message, hint string
	}{
		"AWS's words without the SDK's": {
			fmt.Errorf("push image x: %w", denied),
			"push image x: AccessDeniedException: User: arn is not authorized to perform: ecr:PutImage",
			"grant it to the role of this job",
		},
		"an error that knows its hint": {
			fmt.Errorf("deploy: %w", &explained{message: "no region", hint: "set aws-region"}),
			"deploy: no region",
			"set aws-region",
		},
		"expired": {
			&smithy.OperationError{Err: &smithy.GenericAPIError{Code: "ExpiredToken", Message: "The security token included in the request is expired"}},
			"ExpiredToken: The security token included in the request is expired",
			"the credentials ran out",
		},
		"nothing to say": {errors.New("it broke"), "it broke", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := explain(test.err)
			if got.Message != test.message || !strings.HasPrefix(got.Hint, test.hint) || (test.hint == "") != (got.Hint == "") {
				t.Errorf("explain = %q, hint %q\nwant %q, hint %q", got.Message, got.Hint, test.message, test.hint)
			}
		})
	}
}

// A container's log reaches the job's log inside an annotation: it stays one command, ours, and says no secret of ours.
func FuzzFailure_of_a_hostile_container(f *testing.F) {
	for _, seed := range []string{"x", "::add-mask::a", "##[add-path]/evil", "a\r\n::error::b", "%0A::error::c", "the secret is hunter2!", "\x1b[2J\u202e"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		log, out := onGitHub()
		log.mask("hunter2!")
		out.Reset()
		finding := diagnosis.Explain(diagnosis.Facts{Action: "create stack s", Service: diagnosis.Service{
			Crashes: 2, Last: diagnosis.Crash{Reason: "Essential container in task exited", Container: text, Detail: text, Log: []string{text}},
		}})
		failure := log.redact(explain(&unwell{finding: finding}))
		log.failure(failure)
		if wrote := out.String(); strings.Count(wrote, "\n") != 1 || !strings.HasPrefix(wrote, "::error::") || strings.Contains(wrote, "##[") || strings.Contains(wrote, "\r") {
			t.Errorf("a log that says %q became %q", text, wrote)
		}
		if strings.Contains(out.String(), "hunter2!") {
			t.Errorf("a log that says %q was shown with the secret", text)
		}
		for i, line := range strings.Split(failure.Message, "\n") {
			if i > 0 && !strings.HasPrefix(line, "  | ") && line != "the last lines of the container's log:" {
				t.Errorf("a log that says %q became the line %q of the message", text, line)
			}
		}
	})
}
