package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"pr-stack/internal/command"
	"pr-stack/internal/fakeaws"
	"pr-stack/internal/fakeaws/mishap"
)

// stage is one account on which the action is run as the runner would, without Docker.
type stage struct {
	t       *testing.T
	account *fakeaws.AWS
	dir     string
	inputs  []string // NAME=VALUE, for the runs that follow
	strikes func(fakeaws.Container) fakeaws.Container
}

// newStage is an account with the base stack of hello-world.
func newStage(t *testing.T) *stage {
	s := &stage{t: t, dir: t.TempDir(), inputs: []string{"INPUT_AWS-REGION=eu-north-1"}}
	s.account = fakeaws.New(fakeaws.Options{Container: func(string, map[string]string) fakeaws.Container {
		if s.strikes == nil {
			return fakeaws.Container{}
		}
		return s.strikes(fakeaws.Container{})
	}})
	if err := os.WriteFile(filepath.Join(s.dir, "Dockerfile"), []byte("FROM scratch\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, log := s.run("pull_request", "opened", "", "INPUT_COMMAND=bootstrap"); code != 0 {
		t.Fatalf("bootstrap ended with exit code %d:\n%s", code, log)
	}
	return s
}

// run runs the action for an event of pull request 7 and returns its exit code and log.
func (s *stage) run(event, action, commit string, inputs ...string) (code int, log string) {
	s.t.Helper()
	payload, err := os.ReadFile(filepath.Join("..", "..", "testdata", "event", event+"."+action+".json"))
	if err != nil {
		s.t.Fatal(err)
	}
	if commit != "" {
		var fields map[string]any
		if err := json.Unmarshal(payload, &fields); err != nil {
			s.t.Fatal(err)
		}
		fields["pull_request"].(map[string]any)["head"].(map[string]any)["sha"] = commit
		payload, _ = json.Marshal(fields)
	}
	path := filepath.Join(s.dir, "event.json")
	if err := os.WriteFile(path, payload, 0o600); err != nil {
		s.t.Fatal(err)
	}
	environ := append([]string{
		"GITHUB_ACTIONS=true", "GITHUB_REPOSITORY=octo-org/hello-world", "GITHUB_WORKSPACE=" + s.dir,
		"GITHUB_EVENT_NAME=" + event, "GITHUB_EVENT_PATH=" + path,
		"GITHUB_OUTPUT=" + filepath.Join(s.dir, "output"), "GITHUB_STEP_SUMMARY=" + filepath.Join(s.dir, "summary.md"),
		"DOCKER_HOST=unix://" + filepath.Join(s.dir, "no-docker.sock"),
	}, append(s.inputs, inputs...)...)
	var out bytes.Buffer
	code = command.Main(s.t.Context(), command.Process{
		Environ: environ, Dir: s.dir, Stdout: &out, HTTP: s.account,
		AWS: func(context.Context, string) (aws.Config, error) { return s.account.Config(), nil },
	})
	return code, out.String()
}

// push puts a commit's image where the action looks for it, so that nothing is built.
func (s *stage) push(commit string) {
	s.t.Helper()
	image, err := random.Image(64, 1)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.account.PushImage(s.repository(), "pr-7-"+commit[:12], image); err != nil {
		s.t.Fatal(err)
	}
}

// known is when it could first be known that the deployment fails: when a resource failed, or a second task stopped. It is
// now if neither happened, as when CloudFormation refuses the call.
func (s *stage) known() time.Time {
	s.t.Helper()
	name := "hello-world-pr-7"
	events, err := cloudformation.NewFromConfig(s.account.Config()).DescribeStackEvents(s.t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &name})
	if err != nil {
		return time.Now()
	}
	for _, e := range slices.Backward(events.StackEvents) {
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") {
			return *e.Timestamp
		}
	}
	api := ecs.NewFromConfig(s.account.Config())
	cluster, err := api.ListClusters(s.t.Context(), &ecs.ListClustersInput{})
	if err != nil {
		s.t.Fatal(err)
	}
	stopped, err := api.ListTasks(s.t.Context(), &ecs.ListTasksInput{Cluster: &cluster.ClusterArns[0], DesiredStatus: "STOPPED"})
	if err != nil || len(stopped.TaskArns) < 2 {
		return time.Now()
	}
	tasks, err := api.DescribeTasks(s.t.Context(), &ecs.DescribeTasksInput{Cluster: &cluster.ClusterArns[0], Tasks: stopped.TaskArns})
	if err != nil || tasks.Tasks[1].StoppedAt == nil {
		return time.Now()
	}
	return *tasks.Tasks[1].StoppedAt
}

// repository is the base stack's.
func (s *stage) repository() string {
	s.t.Helper()
	name := "hello-world-base"
	answer, err := cloudformation.NewFromConfig(s.account.Config()).DescribeStacks(s.t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, o := range answer.Stacks[0].Outputs {
		if *o.OutputKey == "RepositoryName" {
			return *o.OutputValue
		}
	}
	s.t.Fatal("the base stack has no repository")
	return ""
}

// annotation is the error of a log as the page shows it.
func annotation(log string) string {
	for line := range strings.Lines(log) {
		if text, ok := strings.CutPrefix(line, "::error::"); ok {
			return strings.NewReplacer("%0A", "\n", "%0D", "\r", "%25", "%").Replace(text)
		}
	}
	return ""
}

const (
	oneCommit     = "0123456789abcdef0123456789abcdef01234567"
	anotherCommit = "89abcdef0123456789abcdef0123456789abcdef"
)

// Each mishap is told as what it is, while the stack is created and while it is updated. The texts are in
// testdata/diagnosis; read them as somebody who gets them at 5 pm on a Friday. UPDATE_GOLDEN=1 writes them anew.
func TestDiagnosis(t *testing.T) {
	for _, m := range mishap.All {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t)
				s.push(oneCommit)
				s.strikes = m.Container
				if m.Strike != nil {
					m.Strike(s.account, "hello-world-pr-7")
				}
				code, log := s.run("pull_request", "opened", oneCommit)
				if code == 0 {
					t.Fatalf("the action ended well:\n%s", log)
				}
				if known := s.known(); time.Since(known) > 3*time.Second {
					t.Errorf("the action ended %s after it could know, want 3s at the most", time.Since(known))
				}
				summary, err := os.ReadFile(filepath.Join(s.dir, "summary.md"))
				if err != nil {
					t.Fatal(err)
				}
				got := fmt.Sprintf("%s: %s\n\n%s", m.Name, m.About, annotation(log))
				message, _, _ := strings.Cut(annotation(log), "\n")
				if !strings.Contains(string(summary), message) {
					t.Errorf("the summary does not say %q:\n%s", message, summary)
				}
				golden(t, filepath.Join("testdata", "diagnosis", m.Name+".txt"), got)
			})
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
