package command_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ownService is a template of the user's own. It takes more parameters, and may have more outputs.
const ownService = `
Parameters:
  ImageUri: {Type: String}
  Commit: {Type: String}
  ClusterName: {Type: String}
%s
Resources:
  Logs: {Type: AWS::Logs::LogGroup}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Ref AWS::StackName
      ContainerDefinitions:
        - Name: proxy
          Image: public.ecr.aws/nginx:1
        - Name: web
          Image: !Ref ImageUri
          Environment: [{Name: PR_STACK_COMMIT, Value: !Ref Commit}]
          LogConfiguration:
            LogDriver: awslogs
            Options: {awslogs-group: !Ref Logs, awslogs-region: !Ref AWS::Region, awslogs-stream-prefix: web}
  Service:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref ClusterName
      TaskDefinition: !Ref Task
      LaunchType: FARGATE
Outputs:
  Commit: {Value: !Ref Commit}
%s
`

// template writes a template of the user's own, and makes the runs that follow use it.
func (e *env) template(body string) {
	e.t.Helper()
	e.check(os.WriteFile(filepath.Join(e.Workspace, "own.yaml"), []byte(body), 0o600))
	e.Environ = append(e.Environ, "INPUT_TEMPLATE=own.yaml")
}

// A template without a task definition for one-off tasks: they run in tasks of the service's own, in the
// container of the image, once the stack is complete and before the environment is called up.
func TestTasks_of_a_template_of_ones_own(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.Administrator = true // the cluster's other image is in no registry of this account's role
		e.template(strings.ReplaceAll(fmt.Sprintf(ownService, "", ""), "public.ecr.aws/nginx:1", "!Ref ImageUri"))
		e.ends(0, "migrated")
		r := e.run("opened", oneCommit, "INPUT_MIGRATE=migrate")
		r.want(t, 0, "created", "  | migrated")
		if strings.Index(r.Log(), "Run migrate") < strings.Index(r.Log(), "Deploy stack") {
			t.Errorf("the migration ran before the stack was deployed:\n%s", r.Log())
		}
		e.ends(1, "no such table")
		e.push(anotherCommit, "INPUT_MIGRATE=migrate").want(t, 1, "", "the new code runs already: the template does not declare OneOffImageUri and DesiredCount")
		e.wantStack(t, "UPDATE_COMPLETE", anotherCommit)
		e.push(thirdCommit, "INPUT_SEED=seed").want(t, 1, "", "seed: the template declares no parameter SeededBy")
		e.wantStack(t, "UPDATE_COMPLETE", anotherCommit)
	})
}

// That an environment is seeded is recorded in a parameter, which something in the template must use.
func TestTasks_seed_by_a_template_of_ones_own(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.Administrator = true
		const parameter = `  SeededBy: {Type: String, Default: ""}`
		own := strings.ReplaceAll(ownService, "public.ecr.aws/nginx:1", "!Ref ImageUri")
		e.template(fmt.Sprintf(own, parameter, ""))
		e.run("opened", oneCommit, "INPUT_SEED=seed").want(t, 1, "", "seed: nothing in the template uses the parameter SeededBy")
		e.template(fmt.Sprintf(own, parameter, `  SeededBy: {Value: !Ref SeededBy}`))
		e.push(anotherCommit, "INPUT_SEED=seed").want(t, 0, "updated", "The environment was seeded by an interrupted run.")
		<-time.After(2 * time.Hour) // by then ECS has forgotten the task
		e.push(thirdCommit, "INPUT_SEED=seed").want(t, 0, "updated", "")
		e.wantRan(t, "seed 012")
	})
}

func TestTasks_need_a_service(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.template("Parameters: {ImageUri: {Type: String}}\nResources: {Logs: {Type: AWS::Logs::LogGroup}}\n")
		r := e.run("opened", oneCommit, "INPUT_MIGRATE=migrate")
		r.want(t, 1, "", "the template has no AWS::ECS::Service in whose place they could run")
		if strings.Contains(r.Log(), "Build and push") {
			t.Errorf("the image was built first:\n%s", r.Log())
		}
		e.run("opened", oneCommit, "INPUT_MIGRATE=migrate", "INPUT_TEMPLATE=lambda").
			want(t, 1, "", "migrate: it runs in an ECS task, and template lambda has none")
	})
}

// On Spot, a task can be interrupted. A one-off task runs on demand.
func TestTasks_run_on_demand(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit, "INPUT_MIGRATE=migrate", "INPUT_PARAMETER-OVERRIDES=CapacityProvider=FARGATE_SPOT").want(t, 0, "created", "")
		k := e.described(t)[0]
		if k.LaunchType != types.LaunchTypeFargate || *k.Overrides.ContainerOverrides[0].Name != "app" {
			t.Errorf("the task is of launch type %q, with overrides %v", k.LaunchType, k.Overrides)
		}
	})
}

// The first update changes nothing but what one-off tasks need: with other parameters, ECS would deploy the
// old code again, and on another architecture it would never come up.
func TestTasks_run_before_parameters_change(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit, "INPUT_MIGRATE=migrate").want(t, 0, "created", "")
		r := e.push(anotherCommit, "INPUT_MIGRATE=migrate", "INPUT_PARAMETER-OVERRIDES=CpuArchitecture=ARM64\nMemory=1024\nDesiredCount=2")
		r.want(t, 0, "updated", "")
		prepared, _, _ := strings.Cut(r.Log(), "Run migrate")
		if strings.Contains(prepared, "EcsService") || strings.Contains(prepared, " TaskDefinition") {
			t.Errorf("the service was updated before the migration:\n%s", prepared)
		}
		if p := e.stack().Parameters; p["OneOffCpuArchitecture"] != "ARM64" || p["DesiredCount"] != "2" {
			t.Errorf("the parameters are %v", p)
		}
		e.push(thirdCommit, "INPUT_MIGRATE=migrate").want(t, 0, "updated", "")
		if p := e.stack().Parameters; p["OneOffCpuArchitecture"] != "X86_64" {
			t.Errorf("the parameters are %v", p)
		}
	})
}
