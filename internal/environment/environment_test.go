package environment

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestStackName(t *testing.T) {
	for _, test := range []struct {
		service, name, want string
	}{
		{"hello", "pr-7", "hello-pr-7"},
		{"hello", "production", "hello-production"},
		{"hello-world", "pr-12", "hello-world-pr-12"},
		{"hello", "base", "hello-base"},
		{"next.js", "pr-7", "next-js-pr-7-xfc63a3909331"},               // a dot is not legal
		{"hello", "pr-07", "hello-pr-07-x166d8c5b43d0"},                 // no number is written so
		{"hello-pr", "7", "hello-pr-7-x74ed75ea255b"},                   // the readable name is that of hello, pr-7
		{"hello", "eu-west", "hello-eu-west-x45d59da946ab"},             // so is this one that of hello-eu, west
		{"7up", "pr-1", "s-7up-pr-1-x817e751075c7"},                     // a letter first
		{"Ünï", "café", "n-caf-xbedef3987e18"},                          // nothing but ASCII
		{"hello", "x0123456789ab", "hello-x0123456789ab-xa273c6538a5e"}, // looks like a digested name
	} {
		got := StackName(test.service, test.name)
		if got != test.want {
			t.Errorf("StackName(%q, %q) = %q, want %q", test.service, test.name, got, test.want)
		}
	}
}

// The pieces are chosen so that names meet: hyphens, digits, pr, digests.
func TestStackName_never_collides(t *testing.T) {
	rule := regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)
	word := rapid.OneOf(
		rapid.StringMatching(`(a|b|pr|base|x[0-9a-f]{12}|[0-9]|-|_|\.|ü){1,6}`),
		rapid.String(),
		rapid.StringMatching(`[a-z-]{100,200}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		seen := map[string][2]string{}
		for range 20 {
			pair := [2]string{word.Draw(t, "service"), word.Draw(t, "environment")}
			// The same letters, parted elsewhere: the likeliest collision.
			joined := pair[0] + "-" + pair[1]
			at := rapid.IntRange(0, len(joined)-1).Draw(t, "at")
			for _, p := range [][2]string{pair, {joined[:at], joined[at+1:]}} {
				name := StackName(p[0], p[1])
				if len(name) > MaxStackName || !rule.MatchString(name) {
					t.Fatalf("StackName(%q, %q) = %q: not a legal stack name", p[0], p[1], name)
				}
				if other, ok := seen[name]; ok && other != p {
					t.Fatalf("StackName is %q for %q and for %q", name, p, other)
				}
				seen[name] = p
			}
		}
	})
}

func TestImageTags(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	own := ForPullRequest("hello", 7).ImageTags(false)
	if got, want := own.For(commit), "pr-7-0123456789ab"; got != want {
		t.Errorf("For(%q) = %q, want %q", commit, got, want)
	}
	shared := ForPullRequest("hello", 7).ImageTags(true)
	if got, want := shared.For(commit), "hello-pr-7-0123456789ab"; got != want {
		t.Errorf("For(%q) in a shared repository = %q, want %q", commit, got, want)
	}
	for tag, want := range map[string]bool{
		"pr-7-0123456789ab":       true,
		"pr-71-0123456789ab":      false,
		"pr-7-0123456789abc":      false,
		"pr-7-release":            false,
		"pr-7-release-012":        false,
		"hello-pr-7-0123456789ab": false,
		"latest":                  false,
		"":                        false,
	} {
		if got := own.Match(tag); got != want {
			t.Errorf("Match(%q) = %v, want %v", tag, got, want)
		}
	}
}

func TestOwns(t *testing.T) {
	e := ForPullRequest("hello", 7)
	if err := e.Owns(e.Tags("octo/hello", "abc")); err != nil {
		t.Errorf("Owns(its own tags) = %v", err)
	}
	for name, tags := range map[string]map[string]string{
		"pr-stack did not make it":                        {"Name": "hello-pr-7"},
		"environment pr-7 of service other":               ForPullRequest("other", 7).Tags("", ""),
		"environment pr-8 of service hello, not pr-7 of":  ForPullRequest("hello", 8).Tags("", ""),
		"does not carry the tags pr-stack:service and pr": {TagService: "hello"},
	} {
		if err := e.Owns(tags); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Owns(%v) = %v, want %q in it", tags, err, name)
		}
	}
}

// A number among a permanent environment's tags must not make it one that is deleted with a pull request.
func TestFromTags_of_which_two_contradict_each_other(t *testing.T) {
	tags := ForPullRequest("hello", 7).Tags("octo/hello", "")
	if got, ok := FromTags(tags); !ok || got != ForPullRequest("hello", 7) {
		t.Errorf("FromTags(%v) = %v, %v, want it found", tags, got, ok)
	}
	for _, wrong := range []map[string]string{
		{TagEnvironment: "production"}, {TagEnvironment: "pr-8"}, {TagPullRequest: "0"}, {TagPullRequest: "x"}, {TagService: ""},
	} {
		changed := maps.Clone(tags)
		maps.Copy(changed, wrong)
		if got, ok := FromTags(changed); ok {
			t.Errorf("FromTags(%v) = %v, want none", changed, got)
		}
	}
}

func TestOwnsBase(t *testing.T) {
	if err := OwnsBase("hello", BaseTags("hello")); err != nil {
		t.Errorf("OwnsBase(its own tags) = %v", err)
	}
	for _, tags := range []map[string]string{nil, BaseTags("other"), Permanent("hello", "production").Tags("", "")} {
		if err := OwnsBase("hello", tags); err == nil {
			t.Errorf("OwnsBase(%v) = nil, want it refused", tags)
		}
	}
	// A base stack is nobody's environment, so that nothing that deletes environments takes it for one.
	if err := Permanent("hello", Base).Owns(BaseTags("hello")); err == nil {
		t.Error("Owns(a base stack's tags) = nil, want it refused")
	}
	if got, want := BaseStackName("hello"), "hello-base"; got != want {
		t.Errorf("BaseStackName = %q, want %q", got, want)
	}
}

func TestTags_leave_out_what_is_unknown(t *testing.T) {
	for key := range Permanent("hello", "production").Tags("", "") {
		if key != TagService && key != TagEnvironment {
			t.Errorf("Tags has %q, want only what is known", key)
		}
	}
}
