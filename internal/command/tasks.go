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
	return rollout.Tasks{
		Migrate: job.Tasks.Migrate, Seed: job.Tasks.Seed, Commit: job.Commit,
		Seeded: existing.Parameters[template.SeededByParameter] != "",
	}
}

// oneOffImage returns the image of one-off tasks. If no task has to run, it keeps its value, so that no
// resource is updated.
func oneOffImage(job config.Deploy, existing cfn.Stack) string {
	switch {
	case tasks(job, existing).Due():
		return rollout.ImageToCome
	case len(job.Tasks.Seed) == 0:
		return "" // the workflow does not seed any more
	}
	return existing.Parameters[template.OneOffImageParameter]
}

// deletedBut returns the error of a sweep that deleted an environment although before-destroy failed. Its
// text has the whole diagnosis, because a sweep may have several such errors.
func deletedBut(name string, failed error) error {
	advice := strings.Join(hints(failed), "; ")
	if diagnosed, ok := errors.AsType[*rollout.Diagnosed](failed); ok {
		advice = diagnosed.Finding.Hint
	}
	return hint.New(advice, "sweep %s: it was deleted, but %s", name, awsconfig.Message(failed))
}

// sameCode reports whether two sets of a stack's parameters are for the same service: they may differ in the
// parameters of one-off tasks.
func sameCode(a, b map[string]string) bool {
	without := func(m map[string]string) map[string]string {
		m = maps.Clone(m)
		delete(m, template.OneOffImageParameter)
		delete(m, template.SeededByParameter)
		return m
	}
	return maps.Equal(without(a), without(b))
}
