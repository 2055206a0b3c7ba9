package command_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
	fakegithub "pr-stack/internal/fake/github"
)

// outsiders is what somebody else may write: it acts on a terminal, hides letters, reverses them, and
// holds a secret that is parted by a character of no width.
const outsiders = "visible \x1b[31m\x1b]52;c;ZXZpbA==\x07 exe\u202etxt \u2066\u200f hun\u200bter22 ##[error]x 日本 👩‍🚀"

// What others write reaches every place as text that can be read, and as nothing else.
func TestTexts_of_outsiders_are_harmless_everywhere(t *testing.T) {
	t.Parallel()
	for name, attack := range map[string]func(*env){
		"a container's log": func(e *env) {
			e.SetBehavior(func(c fakeaws.Container) fakeaws.Container {
				c.Exit, c.Log = &fakeaws.Exit{After: time.Second, Code: 1}, []string{outsiders}
				return c
			})
		},
		"ECS's reason": func(e *env) {
			e.SetBehavior(func(c fakeaws.Container) fakeaws.Container {
				c.PullError = "CannotPullContainerError: " + outsiders
				return c
			})
		},
		"a resource's reason": func(e *env) {
			e.AWS.FailResource(stackName, "LoadBalancer", fakeaws.Failure{Operation: "CREATE", Reason: outsiders})
		},
		"an error of AWS": func(e *env) {
			e.AWS.Inject(fakeaws.Fault{Operation: "CreateStack", Code: "ValidationError", Message: outsiders})
		},
		"an error of ECR": func(e *env) {
			e.AWS.Inject(fakeaws.Fault{Operation: "DescribeRepositories", Code: "ServerException", Status: 400, Message: outsiders})
		},
		"an error of GitHub": func(e *env) {
			e.AWS.Inject(fakeaws.Fault{Operation: "CreateStack", Code: "ValidationError", Message: "visible"})
			e.GitHub.Inject(fakegithub.Fault{Method: http.MethodPost, Path: "/repos/octo-org/hello-world/deployments", Status: 422, Message: outsiders})
		},
	} {
		inEnv(t, func(t *testing.T, e *env) {
			attack(e)
			secret := "INPUT_SECRETS=key=hunter22"
			j := e.run("opened", oneCommit, secret)
			var statuses []string
			for _, d := range e.GitHub.Deployments("hello-world-preview") {
				statuses = append(statuses, fmt.Sprint(d.Statuses))
			}
			log := strings.ReplaceAll(j.Log(), "::add-mask::hunter22\n", "")
			for place, text := range map[string]string{
				"log": log, "summary": j.Summary(), "deployments": strings.Join(statuses, " "),
				"comment": strings.Join(e.GitHub.Comments(7), "\n"),
			} {
				if strings.ContainsAny(text, "\x1b\a\u202e\u2066\u200f") || strings.Contains(text, "hunter22") || strings.Contains(text, "hun\u200bter22") {
					t.Errorf("%s: the %s is\n%q", name, place, text)
				}
				if place != "deployments" && !strings.Contains(text, "visible") {
					t.Errorf("%s: the %s does not say what happened:\n%s", name, place, text)
				}
			}
			if strings.Contains(log, "##[") {
				t.Errorf("%s: the log has a command:\n%s", name, log)
			}
		})
	}
}
