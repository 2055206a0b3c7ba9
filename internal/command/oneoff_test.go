package command_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

var oneOffs = []string{`INPUT_SEED=["npm", "run", "seed"]`, "INPUT_MIGRATE=npm run migrate"}

// ends makes one-off tasks end with this exit code, and write these lines.
func (e *env) ends(code int, log ...string) {
	e.SetTask(func([]string, map[string]string) fakeaws.Container {
		return fakeaws.Container{Exit: &fakeaws.Exit{After: 5 * time.Second, Code: code}, Log: log}
	})
}

// ran returns the commands of all one-off tasks so far, with the beginning of the commit.
func (e *env) ran() (list []string) {
	for _, k := range e.Tasks() {
		list = append(list, strings.Join(k.Command, " ")+" "+k.Environ["PR_STACK_COMMIT"][:3])
	}
	return list
}

func (e *env) wantRan(t *testing.T, want ...string) {
	t.Helper()
	if got := e.ran(); !slices.Equal(got, want) {
		t.Errorf("the one-off tasks are %q, want %q", got, want)
	}
}

// Each push migrates; only the first one seeds, after its migration.
func TestTasks_seed_once_and_migrate_at_each_push(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.ends(0, "done")
		r := e.run("opened", oneCommit, oneOffs...)
		r.want(t, 0, "created", "  | done")
		t.Log(r.Log())
		for _, commit := range []string{anotherCommit, "1111111111111111111111111111111111111111"} {
			e.GitHub.Push(7, commit)
			e.run("synchronize", commit, oneOffs...).want(t, 0, "updated", "Run migrate")
		}
		e.wantRan(t, "npm run migrate 012", "npm run seed 012", "npm run migrate 89a", "npm run migrate 111")
		if got := e.stack().Outputs["SeededBy"]; got != oneCommit {
			t.Errorf("SeededBy is %q, want %s", got, oneCommit)
		}
	})
}
