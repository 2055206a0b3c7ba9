package runner_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pr-stack/internal/runner"
)

func TestRedact_leaves_no_part_of_secrets_that_overlap(t *testing.T) {
	for name, test := range map[string]struct {
		secrets    []string
		text, want string
	}{
		"one in another":       {[]string{"db.internal", "postgres://app:hunter2@db.internal/app"}, "to postgres://app:hunter2@db.internal/app, or db.internal", "to ***, or ***"},
		"in any order":         {[]string{"postgres://app:hunter2@db.internal/app", "db.internal"}, "postgres://app:hunter2@db.internal/app", "***"},
		"end is another's":     {[]string{"alpha-beta", "beta-gamma"}, "x alpha-beta-gamma y", "x *** y"},
		"side by side":         {[]string{"alpha", "gamma"}, "alphagamma alpha gamma", "*** *** ***"},
		"several lines":        {[]string{"-----BEGIN KEY-----\nMIIEvQ\n-----END KEY-----"}, "-----BEGIN KEY-----\nMIIEvQ\n-----END KEY-----\n", "***\n***\n***\n"},
		"several lines in one": {[]string{"first-line\nsecond-line"}, `{"key":"first-line\nsecond-line"}`, `{"key":"***\n***"}`},
		"in JSON":              {[]string{`pa"ss\word`}, `{"password":"pa\"ss\\word"}`, `{"password":"***"}`},
		"in JSON for HTML":     {[]string{"a<b>&c"}, `{"password":"a\u003cb\u003e\u0026c"}`, `{"password":"***"}`},
		"in a URL's query":     {[]string{"hunt er/2+"}, "http://db/?password=hunt+er%2F2%2B", "http://db/?password=***"},
		"in a URL's path":      {[]string{"hunt er/2+"}, "http://app:hunt%20er%2F2+@db/", "http://app:***@db/"},
		"in base64":            {[]string{"hunter2-hunter2"}, "aHVudGVyMi1odW50ZXIy", "***"},
		"in basic auth":        {[]string{"hunter2-hunter2"}, "Basic YXBwOmh1bnRlcjItaHVudGVyMg==", "Basic YXBwOmh1***Mg=="},
		"quotes at the ends":   {[]string{`"hunter2"`}, `"\"hunter2\"" "hunter2"`, `"***" ***`},
	} {
		log, _ := onGitHub()
		for _, secret := range test.secrets {
			log.Mask(secret)
		}
		if got := log.Redact(test.text); got != test.want {
			t.Errorf("%s: Redact(%q) = %q, want %q", name, test.text, got, test.want)
		}
	}
}

// The runner drops an output that has a value which it was told to mask.
func TestConceal_hides_a_value_from_all_but_the_outputs(t *testing.T) {
	log, out := onGitHub()
	log.Conceal("hunter22")
	log.Line("a %s", "hunter22")
	log.Notice("b hunter22", "c hunter22")
	log.Group("d hunter22")
	q := log.StopCommands()
	fmt.Fprintln(q, "e hunter22")
	q.Close()
	log.Debug("f %s", "hunter22")
	if strings.Contains(out.String(), "hunter22") || strings.Count(out.String(), "***") != 6 {
		t.Errorf("the log is %q, want *** for the value, six times", out)
	}
	if strings.Contains(out.String(), "add-mask") || log.ContainsSecret("hunter22") {
		t.Errorf("the log is %q, want the runner told nothing", out)
	}
	for _, published := range []string{log.Clean("hunter22"), log.Redact("hunter22")} {
		if published != "***" {
			t.Errorf("published is %q, want ***", published)
		}
	}
}

// A build argument may be needed to read a build's log.
func TestWithhold_hides_a_value_only_from_what_is_published(t *testing.T) {
	log, out := onGitHub()
	log.Withhold("22.21.0-alpine")
	log.Line("FROM node:22.21.0-alpine")
	if want := "FROM node:22.21.0-alpine\n"; out.String() != want {
		t.Errorf("the log is %q, want %q", out, want)
	}
	if got, want := log.Clean("FROM node:22.21.0-alpine"), "FROM node:***"; got != want {
		t.Errorf("Clean = %q, want %q", got, want)
	}
}

func TestConcealAccounts_hides_each_number_once_it_is_known_to_be_an_account(t *testing.T) {
	const text = "account 123456789012, run 999999999999: %s"
	for _, known := range []string{
		"arn:aws:cloudformation:eu-north-1:123456789012:stack/hello-pr-7/0",
		"arn:aws-us-gov:iam::123456789012:role/github",
		"https://console/?stackId=arn%3Aaws%3Acloudformation%3Aeu-north-1%3A123456789012%3Astack",
		"123456789012.dkr.ecr.eu-north-1.amazonaws.com/hello",
		"123456789012.dkr-ecr.eu-north-1.on.aws/hello",
	} {
		log, out := onGitHub()
		log.Line(text, known)
		if !strings.Contains(out.String(), "account 123456789012") {
			t.Errorf("by default the log is %q, want it whole", out)
		}
		log.ConcealAccounts()
		if got := log.Clean(fmt.Sprintf(text, known)); strings.Contains(got, "123456789012") || !strings.Contains(got, "999999999999") {
			t.Errorf("Clean(%q) = %q, want the account's number hidden, and no other", known, got)
		}
		if got := log.Redact("account 123456789012"); got != "account ***" {
			t.Errorf("Redact = %q, want the number remembered", got)
		}
	}
}

// An image's log, a build and AWS can write what a terminal obeys, and a reader does not see.
func TestLog_shows_nothing_that_acts_on_a_terminal_or_a_reader(t *testing.T) {
	const hostile = "red\x1b[31m, clipboard\x1b]52;c;ZXZpbA==\x07, exe\u202etxt, hun\u200bter22, \u2066x\u2069, 日本 👩‍🚀"
	const want = "red, clipboard, exetxt, ***, x, 日本 👩‍🚀"
	for _, environ := range [][]string{nil, {"GITHUB_ACTIONS=true"}} {
		var out bytes.Buffer
		log := runner.New(&out, environ)
		log.Mask("hunter22")
		out.Reset()
		log.Line("%s", hostile)
		log.Group(hostile)
		log.EndGroup()
		log.Error(hostile, hostile)
		log.Warning("title", hostile)
		q := log.StopCommands()
		fmt.Fprintln(q, hostile)
		q.Close()
		if n := strings.Count(out.String(), want); n != 6 || strings.ContainsAny(out.String(), "\x1b\a\u202e\u200b") {
			t.Errorf("with %q the log is\n%q, want %q six times", environ, out.String(), want)
		}
		if got := log.Clean(hostile); got != want {
			t.Errorf("Clean = %q, want %q", got, want)
		}
	}
}
