package command

import (
	"errors"
	"maps"
	"strings"

	"pr-stack/internal/awsconfig"
	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/hint"
	"pr-stack/internal/rollout"
	"pr-stack/internal/template"
)

// tasks returns the one-off tasks of a deployment. existing is the environment's stack.
func tasks(job config.Deploy, existing cfn.Stack) rollout.Tasks {
	t := rollout.Tasks{Migrate: job.Tasks.Migrate, Commit: job.Commit}
	if existing.Parameters[template.SeededByParameter] == "" {
		t.Seed = job.Tasks.Seed
	}
	return t
}

// taskParameters returns the values of the parameters that one-off tasks need. Without a task to run,
// both keep their values, so that nothing is updated for them.
func taskParameters(job config.Deploy, existing cfn.Stack) map[string]string {
	values := map[string]string{
		template.OneOffImageParameter: existing.Parameters[template.OneOffImageParameter],
		template.SeededByParameter:    existing.Parameters[template.SeededByParameter],
	}
	t := tasks(job, existing)
	switch {
	case len(t.Migrate)+len(t.Seed) > 0:
		values[template.OneOffImageParameter] = rollout.ImageToCome
	case len(job.Tasks.Migrate)+len(job.Tasks.Seed) == 0:
		values[template.OneOffImageParameter] = "" // the workflow has none any more
	}
	return values
}

// deletedBut returns the error of a sweep that deleted an environment although before-destroy failed. It
// has all that is known in its text, because a sweep may have several such errors.
func deletedBut(name string, failed error) error {
	advice := strings.Join(hints(failed), "; ")
	if diagnosed, ok := errors.AsType[*rollout.Diagnosed](failed); ok {
		advice = diagnosed.Finding.Hint
	}
	return hint.New(advice, "sweep %s: it was deleted, but %s", name, awsconfig.Message(failed))
}

// sameCode reports whether two descriptions of a stack have the same values for all that matters to what
// runs: one-off tasks have parameters of their own.
func sameCode(a, b map[string]string) bool {
	without := func(m map[string]string) map[string]string {
		m = maps.Clone(m)
		delete(m, template.OneOffImageParameter)
		delete(m, template.SeededByParameter)
		return m
	}
	return maps.Equal(without(a), without(b))
}
