package environment

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const (
	sha    = "0123456789abcdef0123456789abcdef01234567"
	unique = "fedcba9876543210"
)

func TestImageTags(t *testing.T) {
	pr7, api := ForPullRequest("hello", 7), "hello-api-pr-7"
	for want, tags := range map[string]ImageTags{
		"pr-7.0123456789ab.fedcba98":           pr7.ImageTags(pr7.StackName()),
		"hello-pr-7_0123456789ab_fedcba98":     pr7.SharedImageTags(pr7.StackName()),
		"hello-api-pr-7_0123456789ab_fedcba98": pr7.ImageTags(api), // one of two stacks of the environment
		// A tag that begins with an invalid name would be invalid too, so the stack's name is used.
		Permanent("hello", "_x").StackName() + "_0123456789ab_fedcba98": Permanent("hello", "_x").ImageTags(Permanent("hello", "_x").StackName()),
	} {
		if got := tags.For(sha, unique); got != want || !tags.Match(got) || !tags.MatchCommit(got, sha) {
			t.Errorf("For = %q, matched: %t, want %q, matched", got, tags.Match(got), want)
		}
		if tags.MatchCommit(want, strings.Repeat("f", 40)) {
			t.Errorf("MatchCommit(%q, another commit) = true, want false", want)
		}
	}
}

func TestImageTags_match_their_own_also_the_old_form(t *testing.T) {
	e := ForPullRequest("hello", 7)
	tags := e.ImageTags(e.StackName())
	for tag, want := range map[string]bool{
		"pr-7.0123456789ab.01234567":       true,
		"pr-7-0123456789ab":                true, // from an older pr-stack
		"pr-71.0123456789ab.01234567":      false,
		"pr-71-0123456789ab":               false,
		"pr-7.0123456789ab.0123456g":       false,
		"pr-7.0123456789ag.01234567":       false,
		"pr-7.0123456789ab-01234567":       false,
		"pr-7.0123456789ab":                false,
		"pr-7.0123456789ab.012345678":      false,
		"pr-7-0123456789abc":               false,
		"pr-7-release":                     false,
		"pr-7-release-012":                 false,
		"hello-pr-7_0123456789ab_01234567": false,
		"latest":                           false,
		"":                                 false,
	} {
		if got := tags.Match(tag); got != want {
			t.Errorf("Match(%q) = %v, want %v", tag, got, want)
		}
	}
	if old := "pr-7-0123456789ab"; !tags.MatchCommit(old, sha) || tags.MatchCommit(old, strings.Repeat("f", 40)) {
		t.Errorf("MatchCommit(%q) does not go by the commit", old)
	}
}

// An image that another service's or environment's run pushed is not deleted, whatever they are called.
func TestImageTags_never_collide(t *testing.T) {
	rule := regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`) // ECR's and Docker's
	word := rapid.OneOf(
		rapid.StringMatching(`(a|b|pr|x[0-9a-f]{12}|[0-9]|-|_|\.|ü){1,6}`),
		rapid.StringMatching(`(x-)?pr-[1-9]`),
		rapid.StringMatching(`[a-z-]{90,100}`),
	)
	stack := rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[a-z](pr|[a-z0-9-]){1,5}`), rapid.StringMatching(`[a-z][a-z-]{100,127}`))
	rapid.Check(t, func(t *rapid.T) {
		// A repository of service s, which service x uses as well, or is given by hand.
		var all []ImageTags
		seen := map[string]bool{} // by stack: in one account no two have one name
		for range 10 {
			service := rapid.SampledFrom([]string{"s", "x", "pr"}).Draw(t, "service")
			e := Permanent(service, word.Draw(t, "environment"))
			name := stack.Draw(t, "stack")
			if name == "" {
				name = e.StackName()
			}
			if seen[name] {
				continue
			}
			seen[name] = true
			tags := e.SharedImageTags(name)
			if service == "s" {
				tags = e.ImageTags(name)
			}
			all = append(all, tags)
		}
		for i, tags := range all {
			tag := tags.For(sha, unique)
			if !rule.MatchString(tag) {
				t.Fatalf("For = %q: not a valid tag", tag)
			}
			for j, other := range all {
				if got := other.Match(tag); got != (i == j) {
					t.Fatalf("%+v matches %q of %+v: %t", other, tag, tags, got)
				}
			}
		}
	})
}

// Service x, or service pr, on another service's base stack: its pull request 7, or its environment 7,
// is called as an environment of the owner's.
func TestImageTags_of_a_guest_are_not_the_owners(t *testing.T) {
	for guest, owner := range map[Environment]Environment{
		ForPullRequest("x", 7): Permanent("hello", "x-pr-7"),
		Permanent("pr", "7"):   ForPullRequest("hello", 7),
	} {
		theirs, ours := guest.SharedImageTags(guest.StackName()), owner.ImageTags(owner.StackName())
		if theirs.Match(ours.For(sha, unique)) || ours.Match(theirs.For(sha, unique)) {
			t.Errorf("environment %s of %s and %s of %s own each other's images", guest.Name, guest.Service, owner.Name, owner.Service)
		}
	}
}

// In a repository of several services, no tag of an older pr-stack counts as the stack's own.
func TestImageTags_of_a_shared_repository_match_no_old_tag(t *testing.T) {
	for e, tag := range map[Environment]string{
		Permanent("pr", "7"):   "pr-7-0123456789ab",   // of pull request 7 of the service that owns it
		ForPullRequest("x", 7): "x-pr-7-0123456789ab", // of the owner's environment x-pr-7
	} {
		if e.SharedImageTags(e.StackName()).Match(tag) {
			t.Errorf("environment %s of service %s owns %q, want it left to the repository's owner", e.Name, e.Service, tag)
		}
	}
}
