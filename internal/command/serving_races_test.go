package command_test

import (
	"testing"
	"testing/synctest"
	"time"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/ledger"
	"pr-stack/internal/release"
)

// Somebody promotes an environment between the look and the deletion. What serves production is looked at
// again directly before.
func TestRace_promoted_while_it_is_deleted(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"", "destroy", "sweep"} {
		t.Run("command="+command, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnvWith(t, fakeaws.Options{Scale: 0.05}, nil, "INPUT_PARAMETER-OVERRIDES="+actiontest.SharedBase)
				e.Environ = []string{"INPUT_GITHUB-TOKEN=ghs_0123456789"}
				e.run("opened", oneCommit, "INPUT_COMMAND=bootstrap", "INPUT_PROMOTE-BY=listener").want(t, 0, "updated", "")
				e.GitHub.Open(7, oneCommit)
				e.run("opened", oneCommit).want(t, 0, "created", "")
				e.GitHub.Close(7, false)
				e.AWS.Inject(fakeaws.Fault{Operation: "DescribeStacks", Skip: map[string]int{"": 2, "destroy": 2, "sweep": 3}[command], Times: 1, Delay: time.Minute})
				environ := []string{"INPUT_COMMAND=" + command}
				if command == "destroy" {
					environ = append(environ, "INPUT_ENVIRONMENT=pr-7", "GITHUB_EVENT_NAME=workflow_dispatch", "GITHUB_EVENT_PATH=")
				}
				j := e.start("closed", oneCommit, environ...)
				<-time.After(20 * time.Second)
				e.AWS.PutParameter(ledger.Name("hello-world", "production", "ledger"), release.Ledger{}.Begin(release.Listener, release.Generation{Stack: stackName}, "").String())
				<-j.Done
				const why = "production's requests are being shifted to it (generation 1)"
				switch command {
				case "destroy":
					j.want(t, 1, "", "delete stack hello-world-pr-7: "+why+", and nothing was deleted")
				case "sweep":
					j.want(t, 0, "unchanged", "pr-7       kept: "+why)
				default:
					j.want(t, 0, "skipped", "the environment stays: "+why)
				}
				if stack, err := e.Stack(t.Context(), stackName); err != nil || stack.Status != "CREATE_COMPLETE" {
					t.Errorf("the stack is in %q, %v", stack.Status, err)
				}
			})
		})
	}
}
