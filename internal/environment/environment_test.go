package environment

import (
	"maps"
	"path"
	"regexp"
	"slices"
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
		{"next.js", "pr-7", "next-js-pr-7-xfc63a3909331"},               // a dot is not allowed
		{"hello", "pr-07", "hello-pr-07-x166d8c5b43d0"},                 // a number has no leading zero
		{"hello-pr", "7", "hello-pr-7-x74ed75ea255b"},                   // hello-pr-7 is the stack of hello, pr-7
		{"hello", "eu-west", "hello-eu-west-x45d59da946ab"},             // and hello-eu-west that of hello-eu, west
		{"7up", "pr-1", "s-7up-pr-1-x817e751075c7"},                     // a letter must be first
		{"Ünï", "café", "n-caf-xbedef3987e18"},                          // only ASCII is allowed
		{"hello", "x0123456789ab", "hello-x0123456789ab-xa273c6538a5e"}, // looks like a name with a hash
	} {
		got := StackName(test.service, test.name)
		if got != test.want {
			t.Errorf("StackName(%q, %q) = %q, want %q", test.service, test.name, got, test.want)
		}
	}
}

// The words are chosen so that names are likely to collide: hyphens, digits, pr, hashes.
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
			// The same characters, split elsewhere, are the most likely collision.
			joined := pair[0] + "-" + pair[1]
			at := rapid.IntRange(0, len(joined)-1).Draw(t, "at")
			for _, p := range [][2]string{pair, {joined[:at], joined[at+1:]}} {
				name := StackName(p[0], p[1])
				if len(name) > MaxStackName || !rule.MatchString(name) {
					t.Fatalf("StackName(%q, %q) = %q: not a valid stack name", p[0], p[1], name)
				}
				if other, ok := seen[name]; ok && other != p {
					t.Fatalf("StackName is %q for %q and for %q", name, p, other)
				}
				seen[name] = p
			}
		}
	})
}

func TestPullRequestStacks_match_the_names_of_their_stacks(t *testing.T) {
	for service, want := range map[string][]string{
		"hello":   {"hello-pr-*"},
		"next.js": {"next-js-pr-*"},
		"7up":     {"s-7up-pr-*"},
		"a--b":    {"a--b-pr-*"},
	} {
		if got := PullRequestStacks(service); !slices.Equal(got, want) {
			t.Errorf("PullRequestStacks(%q) = %q, want %q", service, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		service := rapid.OneOf(rapid.StringMatching(`[A-Za-z0-9._-]{1,110}`), rapid.StringMatching(`[a-z-]{90,120}`)).Draw(t, "service")
		number := rapid.IntRange(1, 999_999_999).Draw(t, "number")
		name := ForPullRequest(service, number).StackName()
		for _, pattern := range PullRequestStacks(service) {
			if ok, err := path.Match(pattern, name); ok && err == nil {
				return
			}
		}
		t.Fatalf("PullRequestStacks(%q) = %q, want a pattern that matches %q", service, PullRequestStacks(service), name)
	})
}

func TestOwns(t *testing.T) {
	e := ForPullRequest("hello", 7)
	if err := e.Owns(e.Tags(Repository{Name: "octo/hello", ID: "1"}).Map()); err != nil {
		t.Errorf("Owns(its own tags) = %v", err)
	}
	for want, tags := range map[string]map[string]string{
		"pr-stack did not create it":                      {"Name": "hello-pr-7"},
		"environment pr-7 of service other":               ForPullRequest("other", 7).Tags(Repository{}).Map(),
		"environment pr-8 of service hello, not pr-7 of":  ForPullRequest("hello", 8).Tags(Repository{}).Map(),
		"does not carry the tags pr-stack:service and pr": {TagService: "hello"},
	} {
		if err := e.Owns(tags); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Owns(%v) = %v, want %q in it", tags, err, want)
		}
	}
}

// A pull request's number among the tags of a permanent environment must not make it an environment
// that is deleted with the pull request.
func TestFromTags_rejects_contradicting_tags(t *testing.T) {
	tags := ForPullRequest("hello", 7).Tags(Repository{Name: "octo/hello", ID: "1"}).Map()
	if got, ok := FromTags(tags); !ok || got != ForPullRequest("hello", 7) {
		t.Errorf("FromTags(%v) = %v, %v, want the environment", tags, got, ok)
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
	for _, tags := range []map[string]string{nil, BaseTags("other"), Permanent("hello", "production").Tags(Repository{}).Map()} {
		if err := OwnsBase("hello", tags); err == nil {
			t.Errorf("OwnsBase(%v) = nil, want an error", tags)
		}
	}
	for key, owns := range map[string]func(string, map[string]string) error{TagBase: OwnsBase, TagRoles: OwnsRoles} {
		tags := ForPullRequest("hello", 9).Tags(Repository{}).Map()
		tags[key] = "hello-pr-x"
		if err := owns("hello-pr-x", tags); err == nil {
			t.Errorf("with %s on a preview of another service, it is taken for this service's", key)
		}
	}
	// A base stack is not an environment, so code that deletes environments does not find it.
	if err := Permanent("hello", Base).Owns(BaseTags("hello")); err == nil {
		t.Error("Owns(a base stack's tags) = nil, want an error")
	}
	if got, want := BaseStackName("hello"), "hello-base"; got != want {
		t.Errorf("BaseStackName = %q, want %q", got, want)
	}
}

func TestTags_omit_unknown_values(t *testing.T) {
	for key := range Permanent("hello", "production").Tags(Repository{}).Map() {
		if key != TagService && key != TagEnvironment {
			t.Errorf("Tags has %q, want only the service and the environment", key)
		}
	}
}

func TestParseTags(t *testing.T) {
	want := Tags{Service: "hello", Environment: "pr-7", PullRequest: 7, Repository: Repository{Name: "octo/hello", ID: "1"}}
	tags := want.Map()
	if _, found := tags[TagCommit]; found || len(tags) != 5 {
		t.Errorf("Map = %v, want the five constant tags", tags)
	}
	tags["Owner"] = "somebody" // the user's own tag
	if got, err := ParseTags(tags); got != want || err != nil {
		t.Errorf("ParseTags(%v) = %+v, %v, want %+v", tags, got, err, want)
	}

	// Without the number, the other tags are still readable.
	tags[TagPullRequest] = "8"
	want.PullRequest = 0
	if got, err := ParseTags(tags); got != want || err == nil {
		t.Errorf("ParseTags(%v) = %+v, %v, want %+v and an error", tags, got, err, want)
	}
	if got, err := ParseTags(nil); got != (Tags{}) || err != nil {
		t.Errorf("ParseTags(nil) = %+v, %v, want no tags and no error", got, err)
	}
}
