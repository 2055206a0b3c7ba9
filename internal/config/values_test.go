package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"pr-stack/internal/policy"
)

func TestKeyValues(t *testing.T) {
	type m = map[string]string
	for _, test := range []struct {
		name, text string
		want       m
	}{
		{"nothing", "", nil},
		{"only comments", "# a\n\n  # b\n", nil},
		{"lines", "A=1\nB=2\n", m{"A": "1", "B": "2"}},
		{"Windows lines", "A=1\r\nB=2\r\n", m{"A": "1", "B": "2"}},
		{"blanks around", "  A = 1  \n", m{"A": "1"}},
		{"a value with equals signs", "A=b=c==", m{"A": "b=c=="}},
		{"a value with commas", "A=1,2,3", m{"A": "1,2,3"}},
		{"a key with a colon", "pr:team=web", m{"pr:team": "web"}},
		{"a URL", "A=http://x.example.com/#top", m{"A": "http://x.example.com/#top"}},
		{"a comment behind", "A=1 # one\nB=2#two", m{"A": "1", "B": "2#two"}},
		{"empty", "A=\nB=\"\"", m{"A": "", "B": ""}},
		{"double quotes", `A="a # \"b\" \\ \n c"`, m{"A": "a # \"b\" \\ \n c"}},
		{"an escape that is none", `A="\d+"`, m{"A": `\d+`}},
		{"single quotes", `A='a "b" \n # c'`, m{"A": `a "b" \n # c`}},
		{"over lines", "A=\"one\ntwo\"\nB=3", m{"A": "one\ntwo", "B": "3"}},
		{"a comment behind quotes", `A="1" # one`, m{"A": "1"}},
		{"a quote inside", `A=it's "fine"`, m{"A": `it's "fine"`}},
		{"Unicode", "Straße=Zürich 🚀", m{"Straße": "Zürich 🚀"}},
		{"JSON", `{"A": "1", "B": 007e1, "C": true, "D": ["x", "y"]}`, m{"A": "1", "B": "007e1", "C": "true", "D": "x,y"}},
		{"JSON over lines", "{\n  \"A\": \"1\"\n}", m{"A": "1"}},
		{"JSON indented with tabs", "{\n\t\"A\": \"1\"\n}", m{"A": "1"}},
		{"JSON's escapes", `{"A": "\u00fc\n\"🚀"}`, m{"A": "ü\n\"🚀"}},
		{"JSON keeps what was written", `{"A": 1e3, "B": 1.50, "C": 123456789012345678901234567890}`, m{"A": "1e3", "B": "1.50", "C": "123456789012345678901234567890"}},
		{"YAML keeps what was written", "A: 007\nB: yes\nC: 1.10\nD: 'x: y'\nE: [1, 2]\n", m{"A": "007", "B": "yes", "C": "1.10", "D": "x: y", "E": "1,2"}},
		{"YAML with an equals sign in a value", "A: b=c\n", m{"A": "b=c"}},
		{"YAML after a comment", "# my parameters\nA: 1\n", m{"A": "1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := keyValues(test.text)
			if err != nil {
				t.Fatalf("keyValues(%q) = %v", test.text, err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("keyValues(%q) differs (-want +got):\n%s", test.text, diff)
			}
		})
	}
}

func TestKeyValues_refused(t *testing.T) {
	for text, want := range map[string]string{
		"A":                "line 1 is not KEY=VALUE",
		"A=1\n\n=2":        "line 3 is not KEY=VALUE",
		"A=1\nA=2":         `line 2: "A" is there twice`,
		`A="1`:             `line 1: "A": the quote is never closed`,
		`A="1" 2`:          `line 1: "A": there is more after the closing quote`,
		"A=\"1\n2\"\nB":    "line 3 is not KEY=VALUE",
		"A: 1\nA: 2":       `"A" is there twice`,
		"A:\n":             `"A" has no value`,
		"A: null":          `"A" has no value`,
		"A: {B: 1}":        `"A" is neither a plain value nor a list of them`,
		`{"A": null}`:      `"A" has no value`,
		`{"A": 1, "A": 2}`: `"A" is there twice`,
		`{"A": [null]}`:    `"A" is a list of more than plain values`,
		`{"": "1"}`:        "there is a value without a key",
		"A: 1\n---\nB: 2":  "it is neither KEY=VALUE lines nor a mapping in JSON or YAML: there is more after its end",
		"A: [[1]]":         `"A" is a list of more than plain values`,
		`["A"]`:            "it is neither KEY=VALUE lines nor a mapping in JSON or YAML",
		"---":              "it is neither KEY=VALUE lines nor a mapping in JSON or YAML",
	} {
		if _, err := keyValues(text); err == nil || err.Error() != want {
			t.Errorf("keyValues(%q) = %v\nwant %s", text, err, want)
		}
	}
	// YAML knows neither of these two escapes of JSON's.
	for _, text := range []string{"{A: 1", `{"A": "1"} B`, `{"A": "\/"}`, `{"A": "\ud83d\ude80"}`} {
		if _, err := keyValues(text); err == nil || !strings.HasPrefix(err.Error(), "it is neither KEY=VALUE lines nor a mapping in JSON or YAML: ") {
			t.Errorf("keyValues(%q) = %v, want it refused", text, err)
		}
	}
}

// The examples of docker/build-push-action's README.
func TestEntryValues_as_build_push_action_reads_them(t *testing.T) {
	text := "GIT_AUTH_TOKEN=abcdefghi,jklmno=0123456789\n" +
		"\"MYSECRET=aaaaaaaa\nbbbbbbb\nccccccccc\"\n" +
		"FOO=bar\n" +
		"\"EMPTYLINE=aaaa\n\nbbbb\nccc\"\n" +
		"\"JSON_SECRET={\"\"key1\"\":\"\"value1\"\",\"\"key2\"\":\"\"value2\"\"}\"\n"
	want := map[string]string{
		"GIT_AUTH_TOKEN": "abcdefghi,jklmno=0123456789",
		"MYSECRET":       "aaaaaaaa\nbbbbbbb\nccccccccc",
		"FOO":            "bar",
		"EMPTYLINE":      "aaaa\n\nbbbb\nccc",
		"JSON_SECRET":    `{"key1":"value1","key2":"value2"}`,
	}
	got, err := entryValues(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entryValues differs (-want +got):\n%s", diff)
	}
}

// A quote that is left open would take all that follows into one secret, which is then missing
// under its own name.
func TestEntries_refuses_open_quotes(t *testing.T) {
	for text, want := range map[string]string{
		"\"A=1\nB=2":          "line 1: the quote is not closed at the end of a line",
		"A=1\n\"B=2\" C\nD=3": "line 2: the quote is not closed at the end of a line",
		"\"":                  "line 1: the quote is not closed at the end of a line",
	} {
		if got, err := entries(text); err == nil || err.Error() != want {
			t.Errorf("entries(%q) = %q, %v, want %s", text, got, err, want)
		}
	}
}

func TestEntries(t *testing.T) {
	got, err := entries("type=gha,scope=\"a b\"\n\n# none\n  type=registry,ref=x/y:z  \n")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`type=gha,scope="a b"`, "  type=registry,ref=x/y:z  "}, got); diff != "" {
		t.Errorf("entries differ (-want +got):\n%s", diff)
	}
}

// Whatever is written in double quotes is read back.
func TestKeyValues_round_trip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Draw(t, "value")
		escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", `\r`, "\n", `\n`, "\t", `\t`).Replace(value)
		got, err := keyValues("KEY=\"" + escaped + "\"")
		if err != nil || got["KEY"] != value {
			t.Fatalf("keyValues of %q = %q, %v", value, got["KEY"], err)
		}
	})
}

func TestKeyValues_large(t *testing.T) {
	var b strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&b, "KEY%d=\"%s\"\n", i, strings.Repeat("x", 10))
	}
	fmt.Fprintf(&b, "LONG='%s'\n", strings.Repeat("y\n", 50_000))
	got, err := keyValues(b.String())
	if err != nil || len(got) != 100_001 || len(got["LONG"]) != 100_000 {
		t.Errorf("keyValues read %d keys, %v", len(got), err)
	}
}

func FuzzKeyValues(f *testing.F) {
	for _, seed := range []string{"", "A=1", "A: 1", `{"A": 1}`, "A=\"b\nc\" # d", "A='", "[{Key: a, Value: b}]", "&a [*a]", "A: &x [*x]", "\x00=\xff", "---", "- ", "A: !!binary x", "a\r\n=b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := keyValues(text)
		if err == nil && values == nil {
			t.Errorf("keyValues(%q) gives neither values nor an error", text)
		}
	})
}

func FuzzEntryValues(f *testing.F) {
	for _, seed := range []string{"", "A=1", "\"A=1\n2\"", "\"A=\"\"1\"\"\"", "\"", "A=\"", "#", "\x1f=\x1f", "=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := entryValues(text)
		if err == nil && values == nil {
			t.Errorf("entryValues(%q) gives neither values nor an error", text)
		}
	})
}

func FuzzEvent(f *testing.F) {
	for _, seed := range []string{"", "{}", "null", "[]", `{"pull_request": null}`, `{"pull_request": {"number": 7, "head": {"sha": "` + head + `"}}}`, `{"pull_request": {"number": 1e99}}`, `{"workflow_run": {"event": "pull_request"}}`, `{"issue": {"number": 7, "pull_request": {}}}`} {
		for _, event := range []string{"pull_request", "workflow_run", "issue_comment", "push"} {
			f.Add(event, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, event string, text []byte) {
		trigger := policy.Trigger{Event: event, Commit: head}
		wrong := parseEvent(text, &trigger)
		if pull := trigger.PullRequest; pull != nil && (pull.Number <= 0 || wrong != "") {
			t.Errorf("parseEvent(%q) took %+v for a pull request, %s", text, pull, wrong)
		}
		if commit := trigger.Commit; commit != "" && !isSHA(commit) {
			t.Errorf("parseEvent(%q) took %q for a commit", text, commit)
		}
	})
}
