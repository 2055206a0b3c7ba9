package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pr-stack/internal/policy"
)

// Every payload that GitHub publishes as an example has an answer: as an event by itself, as one
// with a command, and with an environment named. The package is @octokit/webhooks-examples, whose
// folder is in WEBHOOK_EXAMPLES; .ci/run gets it.
func TestLoad_webhook_examples(t *testing.T) {
	folder := os.Getenv("WEBHOOK_EXAMPLES")
	if folder == "" {
		t.Skip("WEBHOOK_EXAMPLES is not set to the unpacked npm package @octokit/webhooks-examples")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*", "index.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples in %s: %v", folder, err)
	}
	answers, examples := map[string]map[string]bool{}, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var events []struct {
			Name     string
			Examples []json.RawMessage
		}
		if err := json.Unmarshal(text, &events); err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			for _, payload := range e.Examples {
				examples++
				checkExample(t, e.Name, string(payload), answers)
			}
		}
	}
	var table strings.Builder
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		fmt.Fprintf(&table, "%-45s %s\n", name, strings.Join(slices.Sorted(maps.Keys(answers[name])), " | "))
	}
	t.Logf("%d examples of %d events and actions:\n%s", examples, len(answers), table.String())
}

// automatic is the events that do something by themselves.
var automatic = []string{"pull_request", "pull_request_target", "push", "schedule", "workflow_dispatch", "repository_dispatch"}

func checkExample(t *testing.T, name, payload string, answers map[string]map[string]bool) {
	t.Helper()
	var trigger policy.Trigger
	for _, more := range [][]string{
		nil,
		{"INPUT_COMMAND=deploy"},
		{"INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT=production"},
		{"INPUT_COMMAND=destroy", "INPUT_ENVIRONMENT=preview-7", "INPUT_LABEL=preview"},
		{"INPUT_COMMAND=sweep"},
	} {
		in, err := Read(event(t, name, payload, more...))
		if err != nil {
			t.Fatal(err)
		}
		trigger = in.trigger
		var found []policy.PullRequest
		if lookup := in.Lookup(); lookup != nil {
			found = []policy.PullRequest{{Number: max(lookup.Number, 1), Open: true, Head: head, Fork: true}}
		}
		job, err := Load(in, found, nil)
		if err == nil && summary(job) == "skip: " {
			t.Errorf("Load of %s with %s skips and does not say why", name, more)
		}
		if err != nil && strings.Contains(err.Error(), "GITHUB_EVENT_PATH") {
			t.Errorf("Load of %s with %s = %v, want the event read", name, more, err)
		}
		text := summary(job)
		if err != nil {
			text = "refuse: " + err.Error()
		}
		if len(more) == 0 && !slices.Contains(automatic, name) && !strings.HasPrefix(text, "skip: the event "+name) {
			t.Errorf("Load of %s = %s, want it skipped", name, text)
		}
		if len(more) == 0 {
			action := strings.TrimSuffix(name+"/"+trigger.Action, "/")
			if answers[action] == nil {
				answers[action] = map[string]bool{}
			}
			answers[action][number.ReplaceAllString(text, "pr-N")] = true
		}
	}
}

// number is what differs between the answers about two pull requests.
var number = regexp.MustCompile(`pr-\d+( at \w+)?`)
