package command_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/fake/aws/scenario"
)

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

// annotation is the error of a log as the page shows it.
func annotation(log string) string {
	for line := range strings.Lines(log) {
		if text, ok := strings.CutPrefix(line, "::error::"); ok {
			return strings.NewReplacer("%0A", "\n", "%0D", "\r", "%25", "%").Replace(text)
		}
	}
	return ""
}

// Each mishap is told as what it is, while the stack is created and while it is updated. The texts are in
// testdata/diagnosis; read them as somebody who gets them at 5 pm on a Friday. UPDATE_GOLDEN=1 writes them anew.
func TestDiagnosis(t *testing.T) {
	for _, m := range scenario.All {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, fakeaws.Options{})
				s.push(oneCommit)
				s.strike(m.Container)
				if m.Apply != nil {
					m.Apply(s.account, "hello-world-pr-7")
				}
				job := s.run("opened", oneCommit)
				if job.code == 0 {
					t.Fatalf("the action ended well:\n%s", job.log())
				}
				if known := s.known(); time.Since(known) > 3*time.Second {
					t.Errorf("the action ended %s after it could know, want 3s at the most", time.Since(known))
				}
				summary := job.summary()
				got := fmt.Sprintf("%s: %s\n\n%s", m.Name, m.About, annotation(job.log()))
				message, _, _ := strings.Cut(annotation(job.log()), "\n")
				if !strings.Contains(oneLine(summary), oneLine(message)) {
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

// oneLine is a text without the breaks between its words.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
