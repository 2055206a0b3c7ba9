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

// knownAt returns when it could first be known that the deployment fails: when a resource failed, or
// when the second task stopped. If neither happened, because CloudFormation refused the call for
// instance, it returns the present time.
func (e *env) knownAt() time.Time {
	e.t.Helper()
	name := stackName
	events, err := e.CloudFormation().DescribeStackEvents(e.t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &name})
	if err != nil {
		return time.Now()
	}
	for _, event := range slices.Backward(events.StackEvents) {
		if strings.HasSuffix(string(event.ResourceStatus), "_FAILED") {
			return *event.Timestamp
		}
	}
	api := ecs.NewFromConfig(e.AWS.Config())
	cluster, err := api.ListClusters(e.t.Context(), &ecs.ListClustersInput{})
	if err != nil {
		e.t.Fatal(err)
	}
	stopped, err := api.ListTasks(e.t.Context(), &ecs.ListTasksInput{Cluster: &cluster.ClusterArns[0], DesiredStatus: "STOPPED"})
	if err != nil || len(stopped.TaskArns) < 2 {
		return time.Now()
	}
	tasks, err := api.DescribeTasks(e.t.Context(), &ecs.DescribeTasksInput{Cluster: &cluster.ClusterArns[0], Tasks: stopped.TaskArns})
	if err != nil || tasks.Tasks[1].StoppedAt == nil {
		return time.Now()
	}
	return *tasks.Tasks[1].StoppedAt
}

// The diagnosis of each scenario is the text in testdata/diagnosis. When you review one, ask whether a
// tired reader would know what to do. UPDATE_GOLDEN=1 rewrites them.
func TestDiagnosis(t *testing.T) {
	for _, m := range scenario.All {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, fakeaws.Options{})
				e.SetBehavior(m.Container)
				if m.Apply != nil {
					m.Apply(e.AWS, stackName)
				}
				job := e.run("opened", oneCommit)
				if job.ExitCode == 0 {
					t.Fatalf("the action succeeded, want a failure:\n%s", job.Log())
				}
				if known := e.knownAt(); time.Since(known) > 3*time.Second {
					t.Errorf("the action ended %s after the failure could be known, want at most 3s", time.Since(known))
				}
				summary := job.Summary()
				errors := strings.Join(job.Errors(), "\n")
				got := fmt.Sprintf("%s: %s\n\n%s\n", m.Name, m.About, errors)
				for line := range strings.SplitSeq(errors, "\n") {
					line = strings.TrimPrefix(strings.TrimPrefix(line, "  | "), "hint: ")
					if !strings.Contains(plain(summary), plain(line)) {
						t.Errorf("the summary does not say %q:\n%s", line, summary)
					}
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

// plain returns a text for a comparison: on one line, in lower case and without backslashes.
func plain(text string) string {
	return strings.ToLower(strings.ReplaceAll(oneLine(text), `\`, ""))
}

// oneLine replaces each run of spaces and line breaks in a text by one space.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
