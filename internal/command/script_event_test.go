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
