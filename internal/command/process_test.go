package command_test

import (
	"bufio"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
)

// build compiles the action as its image holds it.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "pr-stack")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "pr-stack").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return binary
}

// prepare returns a run of the binary as a step of a pull request's job. Its environment has
// nothing of this machine's.
func prepare(t *testing.T, e *actiontest.Env, binary string, environ ...string) (*actiontest.Run, *exec.Cmd) {
	t.Helper()
	event, err := actiontest.ReadEvent("pull_request.opened", oneCommit)
	if err != nil {
		t.Fatal(err)
	}
	run, err := e.Prepare(actiontest.Step{Event: event, Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	action := exec.CommandContext(t.Context(), binary)
	action.Env = append(run.Environ, "HOME="+t.TempDir(), "AWS_EC2_METADATA_DISABLED=true")
	return run, action
}

func TestProcess_without_credentials(t *testing.T) {
	e, err := actiontest.New(t.TempDir(), fakeaws.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, action := prepare(t, e, build(t), "INPUT_IMAGE=hello:1")
	output, err := action.CombinedOutput()
	want := "::error::sign in to AWS: no credentials found%0Ahint: set role-to-assume "
	if err == nil || !strings.HasPrefix(string(output), want) {
		t.Errorf("%v, and it said %q\nwant %s", err, output, want)
	}
	if action.ProcessState.ExitCode() != 1 {
		t.Errorf("exit code %d, want 1", action.ProcessState.ExitCode())
	}
}

// The runner sends SIGINT, then SIGTERM, and kills ten seconds after the first.
func TestProcess_stops_in_time_at_a_signal(t *testing.T) {
	binary := build(t)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			e, err := actiontest.New(t.TempDir(), fakeaws.Options{Scale: 0.01})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(e.AWS)
			defer server.Close()
			if err := e.Bootstrap(t.Context()); err != nil {
				t.Fatal(err)
			}
			e.AWS.FailResource(stackName, "LogGroup", fakeaws.Failure{Operation: "CREATE", Never: true})
			run, action := prepare(t, e, binary, "INPUT_IMAGE="+e.AWS.RegistryHost()+"/hello:1",
				"AWS_ENDPOINT_URL="+server.URL, "AWS_ACCESS_KEY_ID=AKIAFAKE", "AWS_SECRET_ACCESS_KEY=secret-access-key")

			log, took := signalWhen(t, action, "CREATE_IN_PROGRESS    hello-world-pr-7", signal)
			if took > 7*time.Second {
				t.Errorf("it stopped %v after the signal, want at most 7s", took)
			}
			if code := action.ProcessState.ExitCode(); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			if want := "signal received): stack hello-world-pr-7 is in CREATE_IN_PROGRESS, and CloudFormation continues with it%0Ahint: "; !strings.Contains(log, want) {
				t.Errorf("the log lacks %q:\n%s", want, log)
			}
			if strings.Count(log, "secret-access-key") != strings.Count(log, "::add-mask::secret-access-key") {
				t.Errorf("the log shows a credential:\n%s", log)
			}
			if !strings.Contains(run.Output("stack-id"), "stack/hello-world-pr-7/") {
				t.Errorf("the outputs are %q, want the stack's ID among them", run.Outputs())
			}
		})
	}
}

// signalWhen runs a process, signals it when its log has these words, and returns the log and how
// long it went on.
func signalWhen(t *testing.T, process *exec.Cmd, words string, signal syscall.Signal) (log string, took time.Duration) {
	t.Helper()
	stdout, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var signaled time.Time
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		log += lines.Text() + "\n"
		if strings.Contains(lines.Text(), words) {
			signaled = time.Now()
			if err := process.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = process.Wait() // the exit code is 1
	if signaled.IsZero() {
		t.Fatalf("the log never said %q:\n%s", words, log)
	}
	return log, time.Since(signaled)
}

// On a laptop the service is named after the folder, as docker compose names a project.
func TestProcess_on_a_laptop_names_the_service_after_its_folder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "hello")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	action := exec.CommandContext(t.Context(), build(t), "deploy", "--environment", "staging")
	action.Dir, action.Env = folder, []string{"PATH=" + os.Getenv("PATH")}
	output, err := action.CombinedOutput()
	want := "environment=staging\nstack-name=hello-staging\nerror: "
	if err == nil || !strings.HasPrefix(string(output), want) {
		t.Errorf("%v, and it said %q\nwant an error and %q at the beginning", err, output, want)
	}
}
