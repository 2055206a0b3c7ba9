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

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

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

// step is the environment of a step of a pull request's job, with nothing of this machine's.
func step(t *testing.T, more ...string) []string {
	t.Helper()
	event, err := filepath.Abs("../../testdata/event/pull_request.opened.json")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return append([]string{
		"HOME=" + dir, "GITHUB_ACTIONS=true", "GITHUB_WORKSPACE=" + dir, "GITHUB_OUTPUT=" + filepath.Join(dir, "output"),
		"GITHUB_REPOSITORY=octo-org/hello-world", "GITHUB_EVENT_NAME=pull_request", "GITHUB_EVENT_PATH=" + event,
		"INPUT_AWS-REGION=eu-north-1", "AWS_EC2_METADATA_DISABLED=true",
	}, more...)
}

func TestProcess_without_credentials(t *testing.T) {
	action := exec.CommandContext(t.Context(), build(t))
	action.Env = step(t, "INPUT_IMAGE=hello:1")
	output, err := action.CombinedOutput()
	want := "::error::sign in to AWS: there are no credentials%0Ahint: run aws-actions/configure-aws-credentials"
	if err == nil || !strings.HasPrefix(string(output), want) {
		t.Errorf("%v, and it said %q\nwant %s", err, output, want)
	}
	if action.ProcessState.ExitCode() != 1 {
		t.Errorf("exit code %d, want 1", action.ProcessState.ExitCode())
	}
}

// The runner sends SIGINT, then SIGTERM, and kills ten seconds after the first.
func TestProcess_stops_in_time_when_it_is_told_to(t *testing.T) {
	binary := build(t)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			account := fakeaws.New(fakeaws.Options{Scale: 0.01})
			far := httptest.NewServer(account)
			defer far.Close()
			environ := step(t, "AWS_ENDPOINT_URL="+far.URL, "AWS_ACCESS_KEY_ID=AKIAFAKE", "AWS_SECRET_ACCESS_KEY=secret-access-key")
			haveBase(t, account)
			account.FailResource("hello-world-pr-7", "LogGroup", fakeaws.Failure{Operation: "CREATE", Never: true})

			action := exec.CommandContext(t.Context(), binary)
			action.Env = append(environ, "INPUT_IMAGE="+account.RegistryHost()+"/hello:1")
			stdout, err := action.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := action.Start(); err != nil {
				t.Fatal(err)
			}
			var log strings.Builder
			var told time.Time
			lines := bufio.NewScanner(stdout)
			for lines.Scan() {
				log.WriteString(lines.Text() + "\n")
				if strings.Contains(lines.Text(), "CREATE_IN_PROGRESS    hello-world-pr-7") {
					told = time.Now()
					if err := action.Process.Signal(signal); err != nil {
						t.Fatal(err)
					}
				}
			}
			_ = action.Wait() // it is red; its exit code says so below
			if told.IsZero() {
				t.Fatalf("the stack was never begun:\n%s", &log)
			}
			if took := time.Since(told); took > 7*time.Second {
				t.Errorf("it stopped %v after the signal, want at most 7s", took)
			}
			if code := action.ProcessState.ExitCode(); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			if want := "signal received): stack hello-world-pr-7 is in CREATE_IN_PROGRESS, and CloudFormation goes on with it%0Ahint: "; !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks %q:\n%s", want, &log)
			}
			if strings.Count(log.String(), "secret-access-key") != strings.Count(log.String(), "::add-mask::secret-access-key") {
				t.Errorf("the log shows a credential:\n%s", &log)
			}
			for _, variable := range environ {
				path, ok := strings.CutPrefix(variable, "GITHUB_OUTPUT=")
				if !ok {
					continue
				}
				outputs, err := os.ReadFile(path)
				if err != nil || !strings.Contains(string(outputs), "stack/hello-world-pr-7/") {
					t.Errorf("the outputs are %q, %v, want the stack's ID among them", outputs, err)
				}
			}
		})
	}
}

// haveBase gives the account a base stack. Its outputs are what counts, not what is behind them.
func haveBase(t *testing.T, account *fakeaws.AWS) {
	t.Helper()
	body := `
Resources: {Logs: {Type: AWS::Logs::LogGroup}}
Outputs:
  VpcId: {Value: vpc-1}
  PublicSubnetIds: {Value: "subnet-1,subnet-2"}
  ClusterName: {Value: c}
  TaskExecutionRoleArn: {Value: arn}
  TaskRoleArn: {Value: arn}
`
	api := cloudformation.NewFromConfig(account.Config())
	name := "hello-world-base"
	if _, err := api.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &body}); err != nil {
		t.Fatal(err)
	}
	for t.Context().Err() == nil {
		answer, err := api.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
		if err != nil {
			t.Fatal(err)
		}
		if answer.Stacks[0].StackStatus == types.StackStatusCreateComplete {
			return
		}
	}
}
