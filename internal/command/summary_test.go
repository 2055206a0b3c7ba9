package command_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

// The summary shows where the time went. What CloudFormation did and what ECS did come from them,
// the rest is the run's.
func TestSummary_has_a_timeline(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		j := e.run("opened", oneCommit)
		j.want(t, 0, "created", "")
		wantLines(t, j.Summary(), "gantt", "section Create", `LoadBalancer, 2m\d\ds :2000`, `TargetGroup, \d\ds :done, `, `EcsService, .*s :2000`,
			"section Task", "placed, .*s :2000", "image pulled, 20s :2000", "health checks, .*s :2000")
		if strings.Contains(j.Summary(), ":crit") {
			t.Errorf("something is red in the timeline of a success:\n%s", j.Summary())
		}

		e.GitHub.Push(7, anotherCommit)
		e.AWS.FailResource(stackName, "EcsService", fakeaws.Failure{Operation: "UPDATE", Reason: "it was to fail", Times: 1})
		j = e.run("synchronize", anotherCommit)
		j.want(t, 1, "", "")
		wantLines(t, j.Summary(), "gantt", "section Update", `EcsService, .*s, failed :crit, `)

		e.GitHub.Close(7, false)
		<-time.After(10 * time.Minute)
		j = e.run("closed", anotherCommit)
		j.want(t, 0, "deleted", "")
		wantLines(t, j.Summary(), "gantt", "section Delete", "LoadBalancer, .*s :2000")
	})
}

func wantLines(t *testing.T, text string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		if !regexp.MustCompile(`(?m)^ *` + pattern).MatchString(text) {
			t.Errorf("no line %s in:\n%s", pattern, text)
		}
	}
}

// What was not at its end when the run was is what a reader wants to see.
func TestSummary_timeline_of_an_interrupted_run(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		j := e.start("opened", oneCommit)
		<-time.After(90 * time.Second)
		j.Cancel()
		<-j.Done
		j.want(t, 1, "", "interrupted")
		wantLines(t, j.Summary(), "section Create", `LoadBalancer, 1m\d\ds, unfinished :2000`, `TargetGroup, \d\ds :done, `)
		if strings.Contains(j.Summary(), "Nothing is up") {
			t.Errorf("the summary says that nothing is up while CloudFormation continues:\n%s", j.Summary())
		}
	})
}
