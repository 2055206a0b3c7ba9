package workflow

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// good has no mistakes, together with sweep.
const good = `
on:
  pull_request:
    types: [opened, synchronize, reopened, closed]
permissions: {contents: read, id-token: write, pull-requests: write, deployments: write}
concurrency: {group: "pr-stack-${{ github.event.number }}", cancel-in-progress: false}
jobs:
  environment:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: OWNER/pr-stack@v1
        with: {role-to-assume: "${{ vars.PR_STACK_ROLE }}"}
`

const sweep = `
on: {schedule: [{cron: 1 2 * * *}]}
permissions: write-all
jobs:
  sweep:
    runs-on: ubuntu-latest
    steps:
      - uses: OWNER/pr-stack@v1
        with: {role-to-assume: role}
`

// mistakesIn returns the mistakes in a changed version of good. Changes are pairs of old and new texts.
func mistakesIn(t *testing.T, changes ...string) []Mistake {
	t.Helper()
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(good, changes[i]) {
			t.Fatalf("the workflow has no %q", changes[i])
		}
	}
	text := strings.NewReplacer(changes...).Replace(good)
	files := []File{{"environment.yml", text}, {"other.yml", "on: push\njobs: {}"}, {"sweep.yaml", sweep}}
	return Examine(files, Rules{Action: "OWNER/pr-stack"}).Mistakes
}

func TestExamine(t *testing.T) {
	for name, test := range map[string]struct {
		changes []string
		want    string // in the first mistake; "" if there is none
		fatal   bool
	}{
		"nothing is wrong":            {},
		"a fork of the action":        {[]string{"OWNER/pr-stack", "me/PR-Stack"}, "", false},
		"permissions of the job":      {[]string{"permissions: {", "env: {", "    runs-on", "    permissions: write-all\n    runs-on"}, "", false},
		"the job's permissions count": {[]string{"    runs-on", "    permissions: read-all\n    runs-on"}, "id-token: write is missing", true},
		"no permissions are stated":   {[]string{"permissions: {", "env: {"}, "id-token: write is missing", true},
		"the caller grants them":      {[]string{"permissions: {", "env: {", "on:\n", "on:\n  workflow_call:\n"}, "it states no permissions", false},
		"contents cannot be read":     {[]string{"contents: read, ", ""}, "contents: read is missing", false},
		"concurrency is a word":       {[]string{`{group: "pr-stack-${{ github.event.number }}", cancel-in-progress: false}`, "pr-stack"}, "", false},
		"concurrency of the job":      {[]string{"concurrency: {", "defaults: {", "    runs-on", "    concurrency: x\n    runs-on"}, "", false},
		"an expression cancels":       {[]string{"progress: false", `progress: "${{ github.event.action != 'closed' }}"`}, "", false},
		"a step signs in": {[]string{
			"      - uses: OWNER", "      - uses: aws-actions/configure-aws-credentials@v5\n        with: {role-to-assume: x}\n      - uses: OWNER",
			`with: {role-to-assume: "${{ vars.PR_STACK_ROLE }}"}`, "with: {aws-region: x}",
		}, "", false},
		"a step signs in without a token": {[]string{
			"      - uses: OWNER", "      - uses: aws-actions/configure-aws-credentials@v5\n        with: {role-to-assume: x}\n      - uses: OWNER",
			`with: {role-to-assume: "${{ vars.PR_STACK_ROLE }}"}`, "with: {aws-region: x}", "id-token: write, ", "",
		}, "id-token: write is missing", true},
		"keys in the environment":   {[]string{`with: {role-to-assume: "${{ vars.PR_STACK_ROLE }}"}`, "env: {AWS_ACCESS_KEY_ID: x}"}, "", false},
		"a machine of one's own":    {[]string{`with: {role-to-assume: "${{ vars.PR_STACK_ROLE }}"}`, "with: {service: x}", "ubuntu-latest", "[self-hosted, linux]"}, "", false},
		"no credentials":            {[]string{`with: {role-to-assume: "${{ vars.PR_STACK_ROLE }}"}`, "with: {service: x}"}, "nothing gives it AWS credentials", true},
		"an image that exists":      {[]string{"      - uses: actions/checkout@v7\n", "", "{role-to-assume", "{image: x, role-to-assume"}, "", false},
		"the checkout is too late":  {[]string{"      - uses: actions/checkout@v7\n", "", "_ROLE }}\"}\n", "_ROLE }}\"}\n      - uses: actions/checkout@v7\n"}, "no step before it checks", true},
		"a step that may check out": {[]string{"      - uses: actions/checkout@v7\n", "      - run: git clone x\n"}, "no step before it is actions/checkout", false},
		"only closed is a target":   {[]string{"  pull_request:\n    types: [opened, synchronize, reopened, closed]", "  pull_request_target:\n    types: [closed]", "      - uses: actions/checkout@v7\n", ""}, "", false},
		"closed in a list of one":   {[]string{"    types: [opened, synchronize, reopened, closed]", "    types: closed", "      - uses: actions/checkout@v7\n", ""}, "", false},
		"types are left out":        {[]string{"    types: [opened, synchronize, reopened, closed]\n", ""}, "closed is not among the types", false},
		"events in a list":          {[]string{"  pull_request:\n    types: [opened, synchronize, reopened, closed]", " [push, pull_request]"}, "closed is not among the types", false},
		"a comment of anyone":       {[]string{"  pull_request:\n    types: [opened, synchronize, reopened, closed]", " issue_comment", "{role-to-assume", "{command: deploy, role-to-assume"}, "for anyone who comments", false},
		"a comment, and no ref": {[]string{
			"  pull_request:\n    types: [opened, synchronize, reopened, closed]", " issue_comment", "{role-to-assume", "{command: deploy, role-to-assume",
			"    runs-on", "    if: github.event.comment.author_association == 'MEMBER'\n    runs-on",
		}, "checks out the default branch", true},
		"a moving version": {[]string{"@v1", "@main"}, "changes without notice", false},
	} {
		t.Run(name, func(t *testing.T) {
			got := mistakesIn(t, test.changes...)
			switch {
			case test.want == "" && len(got) > 0:
				t.Errorf("mistakes = %+v, want none", got)
			case test.want == "":
			case len(got) == 0:
				t.Errorf("there is no mistake, want %q", test.want)
			case !strings.Contains(got[0].What, test.want) || got[0].Fatal != test.fatal || got[0].Fix == "":
				t.Errorf("the first mistake is %+v, want %q, fatal: %t, and a fix", got[0], test.want, test.fatal)
			}
		})
	}
}

// promotes has no mistakes, together with sweep.
const promotes = `
on: {push: {branches: [main]}, workflow_dispatch: {inputs: {command: {type: choice, options: [promote, rollback]}}}}
permissions: {actions: read, contents: read, id-token: write, pull-requests: write, deployments: write}
concurrency: {group: "pr-stack-production-${{ inputs.command || 'promote' }}", cancel-in-progress: false}
jobs:
  production:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: OWNER/pr-stack@v1
        with: {role-to-assume: "${{ vars.PR_STACK_PRODUCTION_ROLE }}", command: "${{ inputs.command || 'promote' }}"}
`

func TestExamine_production(t *testing.T) {
	for name, test := range map[string]struct {
		changes []string
		want    string // in the only mistake; "" if there is none
	}{
		"nothing is wrong":              {},
		"promote alone":                 {[]string{"${{ inputs.command || 'promote' }}", "promote"}, ""},
		"one branch as a word":          {[]string{"[main]", "main"}, ""},
		"GitHub cannot be asked":        {[]string{"actions: read, ", ""}, "a lock on production whose run was lost stays"},
		"it runs by hand alone":         {[]string{"push: {branches: [main]}, ", ""}, "it does not run on push"},
		"every branch":                  {[]string{"push: {branches: [main]}", "push: {}"}, "runs on pushes to every branch"},
		"a rollback waits":              {[]string{"production-${{ inputs.command || 'promote' }}", "production"}, "it waits until the promotion"},
		"a merge cancels a promotion":   {[]string{"progress: false", "progress: true"}, "cancel-in-progress is true"},
		"two runs at once":              {[]string{"concurrency: {", "defaults: {"}, "finds another at work on production"},
		"nothing is there to be built":  {[]string{"      - uses: actions/checkout@v7\n", ""}, "no step before it checks"},
		"an image that was built, only": {[]string{"      - uses: actions/checkout@v7\n", "", "{role-to", "{image: x, role-to"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for i := 0; i < len(test.changes); i += 2 {
				if !strings.Contains(promotes, test.changes[i]) {
					t.Fatalf("the workflow has no %q", test.changes[i])
				}
			}
			text := strings.NewReplacer(test.changes...).Replace(promotes)
			found := Examine([]File{{"production.yml", text}, {"sweep.yaml", sweep}}, Rules{Action: "OWNER/pr-stack"})
			got := found.Mistakes
			switch {
			case !found.Promotes:
				t.Error("no step promotes")
			case test.want == "" && len(got) > 0, test.want != "" && (len(got) != 1 || !strings.Contains(got[0].What, test.want) || got[0].Fix == ""):
				t.Errorf("mistakes = %+v, want %q", got, test.want)
			}
		})
	}
}

// A workflow that is none of pr-stack's business may be as wrong as it likes.
func TestExamine_leaves_others_alone(t *testing.T) {
	found := Examine([]File{{"a.yml", "on: ["}, {"b.yml", ""}, {"c.yml", "- x"}}, Rules{})
	if len(found.Mistakes) != 0 || found.Uses != 0 {
		t.Errorf("Examine = %+v, want nothing", found)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Read without the folder: %v, want os.ErrNotExist", err)
	}
	if _, err := Read(filepath.Join(dir, "gone")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Read of no checkout: %v, want os.ErrNotExist", err)
	}
	folder := filepath.Join(dir, Folder)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(os.MkdirAll(filepath.Join(folder, "folder.yml"), 0o700))
	check(os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o600))
	for name, text := range map[string]string{"b.yaml": "b", "a.yml": "a", "note.md": "", "long.yml": strings.Repeat("x", maxFile+1)} {
		check(os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	outside := filepath.Join(t.TempDir(), "outside")
	check(os.WriteFile(outside, []byte("outside"), 0o600))
	check(os.Symlink(outside, filepath.Join(folder, "link.yml")))
	files, err := Read(dir)
	if want := []File{{"a.yml", "a"}, {"b.yaml", "b"}}; err != nil || !slices.Equal(files, want) {
		t.Errorf("Read = %v, %v, want %v", files, err, want)
	}
}
