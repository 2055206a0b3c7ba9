package github_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/github"
)

const (
	marker   = "<!-- pr-stack -->"
	ready    = marker + "\nReady"
	oldWords = marker + "\nBuilding"
)

func TestUpsert_keeps_one_comment_of_ours(t *testing.T) {
	type note struct{ author, body string }
	for name, test := range map[string]struct {
		user  string // the owner of the token; "" means GITHUB_TOKEN
		notes []note
		want  []string
		edits bool // what Edit finds
	}{
		"none":                            {"", nil, []string{ready}, false},
		"others talk":                     {"", []note{{"octo-dev", "Hello"}, {"octo-dev", "quoting " + marker}}, []string{"Hello", "quoting " + marker, ready}, false},
		"ours":                            {"", []note{{"octo-dev", "Hello"}, {"github-actions[bot]", oldWords}}, []string{"Hello", ready}, true},
		"ours on a later page":            {"", []note{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"github-actions[bot]", oldWords}}, []string{"1", "2", "3", ready}, true},
		"ours already says it":            {"", []note{{"github-actions[bot]", ready}}, []string{ready}, true},
		"two of ours":                     {"", []note{{"github-actions[bot]", oldWords}, {"octo-dev", "Hello"}, {"github-actions[bot]", ready}}, []string{ready, "Hello"}, true},
		"a stranger's copy of the marker": {"", []note{{"stranger", oldWords}}, []string{oldWords, ready}, false},
		"a stranger's copy before ours":   {"", []note{{"stranger", oldWords}, {"github-actions[bot]", oldWords}}, []string{oldWords, ready}, true},
		"a user's token, their comment":   {"Release-User", []note{{"release-user", oldWords}}, []string{ready}, true},
		"a user's token, a stranger's":    {"release-user", []note{{"stranger", oldWords}}, []string{oldWords, ready}, false},
	} {
		setUp := func(t *testing.T) (*fakegithub.GitHub, *github.Client) {
			g := fakegithub.New(repository)
			g.SetPageSize(2)
			g.SetUser(test.user)
			g.Open(7, head)
			for _, n := range test.notes {
				g.Comment(7, n.author, n.body)
			}
			return g, connect(t, g, "")
		}
		t.Run(name, func(t *testing.T) {
			g, client := setUp(t)
			for range 2 { // the second time there is nothing left to do
				if err := client.Upsert(t.Context(), 7, marker, to(ready)); err != nil || !slices.Equal(g.Comments(7), test.want) {
					t.Fatalf("Upsert = %v and leaves %q, want %q", err, g.Comments(7), test.want)
				}
			}
			if writes := writes(g); name == "ours already says it" && writes != 0 {
				t.Errorf("Upsert wrote %d times, want 0", writes)
			}
		})
		t.Run("only edit: "+name, func(t *testing.T) {
			g, client := setUp(t)
			before := g.Comments(7)
			found, err := client.Edit(t.Context(), 7, marker, to(ready))
			if err != nil || found != test.edits {
				t.Errorf("Edit = %t, %v, want %t", found, err, test.edits)
			}
			if !found && !slices.Equal(g.Comments(7), before) {
				t.Errorf("Edit leaves %q, want %q", g.Comments(7), before)
			}
		})
	}
}

// to revises a comment to a body, whatever it was.
func to(body string) func(string) string { return func(string) string { return body } }

func writes(g *fakegithub.GitHub) (n int) {
	for _, call := range g.Calls() {
		if call.Method != "GET" {
			n++
		}
	}
	return n
}

func TestUpsert_writes_one_comment_when_calls_fail(t *testing.T) {
	for name, fault := range map[string]func() fakegithub.Fault{
		"written, but the answer is lost":   func() fakegithub.Fault { return fakegithub.Fault{Lost: true, Times: 1} },
		"not written, the connection broke": func() fakegithub.Fault { return fakegithub.Fault{Break: true, Times: 1} },
		"not written, 502":                  func() fakegithub.Fault { return fakegithub.Fault{Status: 502, Times: 3} },
		"written at last, none answered":    func() fakegithub.Fault { return fakegithub.Fault{Lost: true} },
		"a limit":                           func() fakegithub.Fault { return fakegithub.SecondaryLimit(403, 30e9) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := fakegithub.New(repository)
				g.Open(7, head)
				f := fault()
				f.Method = "POST"
				g.Inject(f)
				if err := connect(t, g, "").Upsert(t.Context(), 7, marker, to(ready)); err != nil || !slices.Equal(g.Comments(7), []string{ready}) {
					t.Errorf("Upsert = %v and leaves %q, want one comment", err, g.Comments(7))
				}
			})
		})
	}
}

func TestUpsert_gives_up(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := fakegithub.New(repository)
		g.Open(7, head)
		g.Inject(fakegithub.Fault{Method: "POST", Status: 500})
		err := connect(t, g, "").Upsert(t.Context(), 7, marker, to(ready))
		if err == nil || err.Error() != "comment on pull request 7 of octo-org/hello-world: 500 Internal Server Error" || writes(g) != 5 {
			t.Errorf("Upsert = %v after %d tries, want 500 after 5", err, writes(g))
		}
	})
}

func TestUpsert_without_permission(t *testing.T) {
	g := fakegithub.New(repository)
	g.Open(7, head)
	g.Forbid("POST /repos/octo-org/hello-world/issues/7/comments")
	err := connect(t, g, "").Upsert(t.Context(), 7, marker, to(ready))
	if !errors.Is(err, github.ErrForbidden) || writes(g) != 1 {
		t.Errorf("Upsert = %v after %d tries, want ErrForbidden after 1", err, writes(g))
	}
}

func TestUpsert_deletes_the_second_though_the_answer_is_lost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := fakegithub.New(repository)
		g.Open(7, head)
		g.Comment(7, "github-actions[bot]", ready)
		g.Comment(7, "github-actions[bot]", ready)
		g.Inject(fakegithub.Fault{Method: "DELETE", Lost: true, Times: 1})
		if err := connect(t, g, "").Upsert(t.Context(), 7, marker, to(ready)); err != nil || len(g.Comments(7)) != 1 {
			t.Errorf("Upsert = %v and leaves %q, want one comment", err, g.Comments(7))
		}
	})
}

func TestBodies_are_fitted(t *testing.T) {
	for name, test := range map[string]struct {
		body, begins, ends string
		long               int
	}{
		"too long":         {ready + strings.Repeat("ü", 70000), ready, "ü…", 65536},
		"just long enough": {marker + strings.Repeat("ü", 65536-len(marker)), marker, "ü", 65536},
		"no marker":        {"Ready", marker + "\nReady", "Ready", len(ready)},
	} {
		t.Run(name, func(t *testing.T) {
			g := fakegithub.New(repository)
			g.Open(7, head)
			client := connect(t, g, "")
			for range 2 {
				if err := client.Upsert(t.Context(), 7, marker, to(test.body)); err != nil || len(g.Comments(7)) != 1 {
					t.Fatalf("Upsert = %v and leaves %d comments", err, len(g.Comments(7)))
				}
			}
			got := g.Comments(7)[0]
			if n := utf8.RuneCountInString(got); n != test.long || !strings.HasPrefix(got, test.begins) || !strings.HasSuffix(got, test.ends) || writes(g) != 1 {
				t.Errorf("comment of %d characters, written %d times, want %d, once, from %q to %q", n, writes(g), test.long, test.begins, test.ends)
			}
		})
	}
}

// A comment's new body may depend on its present body, and an unchanged body is not written again.
func TestEdit_revises_the_present_body(t *testing.T) {
	g := fakegithub.New(repository)
	g.Open(7, head)
	client := connect(t, g, "")
	again := func(old string) string { return old + "!" }
	for range 2 {
		if err := client.Upsert(t.Context(), 7, marker, again); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{marker + "\n!!"}; !slices.Equal(g.Comments(7), want) {
		t.Errorf("Upsert twice leaves %q, want %q", g.Comments(7), want)
	}
	before := writes(g)
	found, err := client.Edit(t.Context(), 7, marker, func(old string) string { return old })
	if !found || err != nil || writes(g) != before {
		t.Errorf("Edit to the same = %t, %v after %d writes, want no write", found, err, writes(g)-before)
	}
}

func TestEdit_wants_a_marker(t *testing.T) {
	g := fakegithub.New(repository)
	g.Open(7, head)
	g.Comment(7, "dependabot[bot]", "Bumps x")
	if found, err := connect(t, g, "").Edit(t.Context(), 7, "", to("Ready")); found || err == nil {
		t.Errorf("Edit without a marker = %t, %v, want an error", found, err)
	}
}
