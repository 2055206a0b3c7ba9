package command_test

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"pr-stack/internal/actiontest"
)

func (s *script) event(ts *testscript.TestScript, args []string) {
	commit := ""
	if len(args) > 2 {
		commit = args[2]
	}
	event, err := actiontest.ReadEvent(strings.Join(args[:min(2, len(args))], "."), commit)
	ts.Check(err)
	path := ts.MkAbs("event.json")
	ts.Check(os.WriteFile(path, event.Payload, 0o600))
	ts.Setenv("GITHUB_EVENT_NAME", event.Name)
	ts.Setenv("GITHUB_EVENT_PATH", path)
	if event.Name != "pull_request" {
		commit = ""
	}
	ts.Check(actiontest.SetHead(s.Workspace, commit))
}

func (s *script) edit(ts *testscript.TestScript, args []string) {
	event, err := actiontest.Event{Payload: []byte(ts.ReadFile("event.json"))}.Edit(func(fields map[string]any) {
		fields["action"] = args[0]
		fields["pull_request"].(map[string]any)["draft"] = len(args) > 1
	})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("event.json"), event.Payload, 0o600))
}

// step returns the step that the script describes.
func (s *script) step(ts *testscript.TestScript, args []string) actiontest.Step {
	step := actiontest.Step{Args: args}
	// What a script sets of GitHub's variables replaces what the harness sets.
	for _, name := range []string{"GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_SHA", "GITHUB_REF_NAME", "GITHUB_SERVER_URL", "GITHUB_API_URL", "GITHUB_ACTION_REF", "GITHUB_ACTION_REPOSITORY"} {
		if value := ts.Getenv(name); value != "" {
			step.Environ = append(step.Environ, name+"="+value)
		}
	}
	for _, name := range []string{"GITHUB_REPOSITORY", "GITHUB_REPOSITORY_ID"} {
		step.Environ = append(step.Environ, name+"="+ts.Getenv(name)) // "" is outside GitHub
	}
	if s.onLaptop {
		step.Environ = append(step.Environ, "GITHUB_ACTIONS=", "GITHUB_WORKSPACE="+s.Workspace)
	}
	for name, value := range s.inputs {
		step.Environ = append(step.Environ, "INPUT_"+strings.ToUpper(name)+"="+value)
	}
	if s.terminal != nil {
		step.Terminal = s.terminal()
	}
	return step
}
