package repotest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"pr-stack/internal/config"
	"pr-stack/internal/permissions"
	"pr-stack/internal/workflow"
)

// copied is a workflow in README.md that users copy. In .ci/run, actionlint checks that it is valid.
type copied struct {
	On          yaml.Node
	Permissions map[string]string
	Concurrency struct {
		Group  string
		Cancel bool `yaml:"cancel-in-progress"`
		Queue  string
	}
	Jobs map[string]struct {
		Steps []struct {
			If   string
			Uses string
			Run  string
			With map[string]string
		}
	}
}

func copiedWorkflows(t *testing.T) map[string]copied {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	workflows := map[string]copied{}
	block := regexp.MustCompile("(?s)```yaml\n# \\.github/workflows/(\\S+)\n(.*?)```\n")
	for i, match := range block.FindAllStringSubmatch(string(text), -1) {
		var w copied
		if err := yaml.Unmarshal([]byte(match[2]), &w); err != nil {
			t.Fatalf("%s: %v", match[1], err)
		}
		name := match[1]
		if _, ok := workflows[name]; ok {
			name += strings.Repeat("'", i)
		}
		workflows[name] = w
	}
	return workflows
}

// doctor finds no mistake in a workflow that users copy, beside the one that sweeps.
func TestREADME_workflows_have_no_mistakes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var files []workflow.File
	for _, match := range regexp.MustCompile("(?s)```yaml\n# \\.github/workflows/(\\S+)\n(.*?)```\n").FindAllStringSubmatch(string(text), -1) {
		files = append(files, workflow.File{Name: match[1], Text: match[2]})
	}
	sweep := files[slices.IndexFunc(files, func(f workflow.File) bool { return f.Name == "sweep.yml" })]
	rules := workflow.Rules{Action: "OWNER/pr-stack", Nearest: config.NearestInput}
	for _, input := range config.AllInputs {
		rules.Inputs = append(rules.Inputs, input.Name)
	}
	for _, f := range files {
		for _, m := range workflow.Examine([]workflow.File{f, sweep}, rules).Mistakes {
			t.Errorf("%s: %s: %s", f.Name, m.Where, m.What)
		}
	}
}

func TestREADME_workflows_to_copy(t *testing.T) {
	workflows := copiedWorkflows(t)
	if len(workflows) != 8 {
		t.Errorf("README.md has %d workflows, want those for pull requests, labels, sweep, three for forks, and two for production",
			len(workflows))
	}
	for name, w := range workflows {
		t.Run(name, func(t *testing.T) {
			uses := false
			for _, job := range w.Jobs {
				for _, step := range job.Steps {
					if step.Uses != "OWNER/pr-stack@v1" {
						continue
					}
					uses = true
					for input := range step.With {
						if !slices.ContainsFunc(config.AllInputs, func(i config.Input) bool { return i.Name == input }) {
							t.Errorf("pr-stack has no input %s", input)
						}
					}
				}
			}
			if !uses {
				return
			}
			for permission, want := range map[string]string{"id-token": "write", "pull-requests": "write", "deployments": "write"} {
				if w.Permissions[permission] != want {
					t.Errorf("permissions have %s: %s, want %s", permission, w.Permissions[permission], want)
				}
			}
			if w.Concurrency.Cancel || !strings.HasPrefix(w.Concurrency.Group, "pr-stack-") {
				t.Errorf("concurrency is %+v, want a group in which no run is cancelled", w.Concurrency)
			}
			// A waiting sweep may be replaced by the next sweep, and a waiting promotion by that of a later merge,
			// which has the code of the earlier one; a waiting close must not be dropped.
			if w.Concurrency.Queue != "max" && name != "sweep.yml" && !strings.HasPrefix(name, "production.yml") {
				t.Errorf("concurrency has queue: %q, want max", w.Concurrency.Queue)
			}
		})
	}
}

// The action signs in by itself: it skips a fork's run, which gets no token, where a step of its own
// for the credentials would fail.
func TestREADME_workflows_sign_in_with_the_action(t *testing.T) {
	for name, w := range copiedWorkflows(t) {
		for _, job := range w.Jobs {
			for _, step := range job.Steps {
				if strings.HasPrefix(step.Uses, "aws-actions/") {
					t.Errorf("%s has the step %s, want none for the credentials", name, step.Uses)
				}
				if step.Uses != "OWNER/pr-stack@v1" {
					continue
				}
				if step.With["role-to-assume"] == "" || step.With["aws-region"] == "" || w.Permissions["id-token"] != "write" {
					t.Errorf("%s uses the action without role-to-assume, aws-region or id-token: write", name)
				}
			}
		}
	}
}

// A fork's pull request has no number in the event workflow_run, so its branch names the group of its
// deployment. Closing it must wait for that.
func TestREADME_workflows_for_forks_do_not_run_side_by_side(t *testing.T) {
	workflows := copiedWorkflows(t)
	same := strings.NewReplacer(
		"workflow_run.head_repository.full_name", "HEAD_REPOSITORY", "workflow_run.head_branch", "HEAD_BRANCH",
		"pull_request.head.repo.full_name", "HEAD_REPOSITORY", "pull_request.head.ref", "HEAD_BRANCH",
	)
	deploys := same.Replace(workflows["fork-deploy.yml"].Concurrency.Group)
	closes := same.Replace(workflows["fork-close.yml"].Concurrency.Group)
	if deploys != closes || !strings.Contains(deploys, "HEAD_BRANCH") {
		t.Errorf("the group of a deployment is %s, and of a close %s, want the same", deploys, closes)
	}
}

// The workflow that runs a fork's code must have no credentials and no write permission. Those that
// have credentials must not run a fork's code.
func TestREADME_workflows_for_forks_part_code_and_credentials(t *testing.T) {
	workflows := copiedWorkflows(t)
	build := workflows["fork-build.yml"]
	for permission, level := range build.Permissions {
		if permission != "contents" || level != "read" {
			t.Errorf("fork-build.yml has the permission %s: %s, want only contents: read", permission, level)
		}
	}
	for _, name := range []string{"fork-deploy.yml", "fork-close.yml"} {
		for _, job := range workflows[name].Jobs {
			if len(job.Steps) == 0 {
				t.Errorf("%s has no steps", name)
			}
			for _, step := range job.Steps {
				if strings.HasPrefix(step.Uses, "actions/download-artifact") && step.With["path"] == "" {
					t.Errorf("%s unpacks the artifact into the workspace itself, where it could overwrite anything", name)
				}
				if step.Run != "" || strings.HasPrefix(step.Uses, "actions/checkout") || step.With["allow-forks"] != "" {
					t.Errorf("%s has the step %+v, which could run a fork's code", name, step)
				}
			}
		}
	}
}

// The table in README.md, Permissions, explains each statement of the policies that bootstrap makes.
func TestREADME_explains_each_statement_of_the_policies(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Permissions\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var explained []string
	for line := range strings.Lines(section) {
		if first, _, ok := strings.Cut(strings.TrimPrefix(line, "|"), "|"); ok && strings.HasPrefix(line, "| `") {
			for _, name := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(first, -1) {
				explained = append(explained, name[1])
			}
		}
	}
	outputs := map[string]string{}
	for _, name := range []string{"VpcId", "PublicSubnetIds", "ClusterName", "RepositoryName", "TaskRoleArn", "TaskExecutionRoleArn", "TemplateBucketName",
		"HttpsListenerArn", "HostedZoneId", "Domain", "VpcLinkId", "NamespaceId", "FunctionRoleArn", "InfrastructureRoleArn"} { // all that it can offer
		outputs[name], outputs["Permanent"+name] = name, name
	}
	var roles []permissions.Role
	for _, outputs["PromoteBy"] = range []string{"listener", "record"} {
		more, err := permissions.Roles(permissions.Base{Service: "hello", StackID: "arn:aws:cloudformation:eu-north-1:123456789012:stack/hello-base/1", Outputs: outputs})
		if err != nil {
			t.Fatal(err)
		}
		roles = append(roles, more...)
	}
	for _, role := range roles {
		for _, s := range role.Policy.Statement {
			if !slices.Contains(explained, s.Sid) {
				t.Errorf("README.md does not explain statement %s of the role %s", s.Sid, role.Name)
			}
		}
	}
	for _, name := range explained {
		if !slices.ContainsFunc(roles, func(r permissions.Role) bool {
			return slices.ContainsFunc(r.Policy.Statement, func(s permissions.Statement) bool { return s.Sid == name })
		}) {
			t.Errorf("README.md explains statement %s, which no role has", name)
		}
	}
}
