package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

// patient is a service without a circuit breaker, for which CloudFormation waits three hours.
const patient = `
Parameters:
  ClusterName: {Type: String}
  ImageUri: {Type: String}
  Commit: {Type: String}
Outputs:
  Commit: {Value: !Ref Commit}
Resources:
  Log: {Type: AWS::Logs::LogGroup}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: worker
          Image: !Ref ImageUri
          LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: !Ref Log, awslogs-stream-prefix: worker}}
  Worker:
    Type: AWS::ECS::Service
    Properties: {Cluster: !Ref ClusterName, TaskDefinition: !Ref Task}
`

// inSlowEnv runs a test in a bubble with that template, and without GitHub.
func inSlowEnv(t *testing.T, test func(t *testing.T, e *env)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{})
		if err := os.WriteFile(filepath.Join(e.Workspace, "patient.yaml"), []byte(patient), 0o600); err != nil {
			t.Fatal(err)
		}
		e.Environ = append(e.Environ, "INPUT_TEMPLATE=patient.yaml")
		test(t, e)
	})
}

// The job ends at the second crash, without waiting for CloudFormation, and what was begun is cut
// off.
func TestWatch_ends_a_creation_that_cannot_succeed(t *testing.T) {
	t.Parallel()
	inSlowEnv(t, func(t *testing.T, e *env) {
		e.setScenario("exit-1")
		began := time.Now()
		j := e.run("opened", oneCommit)
		j.want(t, 1, "", "::error::Your container exited with code 1, twice%0Acreate stack hello-world-pr-7: Worker (AWS::ECS::Service): its container worker exited with code 1, twice: Essential container in task exited")
		if known := e.knownAt(); time.Since(known) > 3*time.Second || time.Since(began) > 5*time.Minute {
			t.Errorf("the job ended %s after the second crash, and %s after it began", time.Since(known), time.Since(began))
		}
		<-time.After(2 * time.Minute)
		e.wantStack(t, "", "") // it was deleted while nobody waited

		e.setScenario("")
		e.run("opened", oneCommit).want(t, 0, "created", "")
	})
}

func TestWatch_cancels_an_update_that_cannot_succeed(t *testing.T) {
	t.Parallel()
	inSlowEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.setScenario("no-image")
		began := time.Now()
		j := e.run("synchronize", anotherCommit)
		j.want(t, 1, "", "update stack hello-world-pr-7: Worker (AWS::ECS::Service): its image cannot be run")
		if !strings.Contains(j.Log(), "stack hello-world-pr-7 is being rolled back") || time.Since(began) > 5*time.Minute {
			t.Errorf("after %s:\n%s", time.Since(began), j.Log())
		}
		e.setScenario("")
		<-time.After(5 * time.Minute)
		e.wantStack(t, "UPDATE_ROLLBACK_COMPLETE", oneCommit) // what worked still does
		e.run("synchronize", anotherCommit).want(t, 0, "updated", "")
	})
}

// A machine is lost while an update waits for a task that crashes. The next run does not wait for it.
func TestWatch_ends_what_a_lost_run_left_behind(t *testing.T) {
	t.Parallel()
	inSlowEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.setScenario("exit-1")
		lost := e.start("synchronize", anotherCommit)
		<-time.After(20 * time.Second)
		lost.Kill()
		<-time.After(3 * time.Minute)
		e.wantStack(t, "UPDATE_IN_PROGRESS", oneCommit) // and it was not brought to another one yet

		e.setScenario("")
		began := time.Now()
		next := e.run("synchronize", anotherCommit)
		next.want(t, 0, "updated", "cancelling the update of stack hello-world-pr-7, which another run began: Worker (AWS::ECS::Service) cannot come up")
		if time.Since(began) > 10*time.Minute {
			t.Errorf("the next run took %s", time.Since(began))
		}
	})
}

// A service whose old deployment crashes is what the new code is to mend: the old crashes are not
// held against it.
func TestWatch_ignores_old_crashes(t *testing.T) {
	t.Parallel()
	inSlowEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.setScenario("exit-1")
		e.run("synchronize", anotherCommit, "INPUT_ON-FAILURE=keep").want(t, 1, "", "is being rolled back")
		<-time.After(10 * time.Minute) // the rollback cannot come through either, as the old image crashes now, too
		e.setScenario("")
		e.run("synchronize", anotherCommit).want(t, 0, "updated", "")
	})
}

// Half of all calls are throttled, to whichever service, from the beginning to the end.
func TestDeploy_throttled_at_every_second_call(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.AWS.Inject(fakeaws.Fault{Every: 2, Code: "ThrottlingException", Message: "Rate exceeded"})
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.GitHub.Push(7, anotherCommit)
		e.run("synchronize", anotherCommit).want(t, 0, "updated", "")
		e.GitHub.Close(7, true)
		e.run("closed", anotherCommit).want(t, 0, "deleted", "")
	})
}
