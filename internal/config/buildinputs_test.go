package config

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestInputsOf(t *testing.T) {
	plain := Build{
		Context: "/w/api", File: "/w/api/Dockerfile", Target: "prod", Platforms: []string{"linux/arm64"}, Provenance: "true",
		Args: map[string]string{"A": "1", "B": "2"}, Secrets: map[string][]byte{"token": []byte("s3cret")},
	}
	of := func(change func(b *Build)) string {
		b := plain
		b.Args, b.Secrets = maps.Clone(b.Args), maps.Clone(b.Secrets)
		change(&b)
		return inputsOf(b, "/w", head, "amd64")
	}
	want := inputsOf(plain, "/w", head, "amd64")
	if !strings.HasPrefix(want, "sha256:") || len(want) != len("sha256:")+64 {
		t.Errorf("inputsOf = %q, want a SHA-256", want)
	}

	elsewhere := plain
	elsewhere.Context, elsewhere.File = "/x/api", "/x/api/Dockerfile"
	same := map[string]string{
		"again":                  of(func(*Build) {}),
		"caches":                 of(func(b *Build) { b.CacheFrom, b.CacheTo = []string{"type=gha"}, []string{"type=gha"} }),
		"a secret's value":       of(func(b *Build) { b.Secrets["token"] = []byte("another") }),
		"another workspace":      inputsOf(elsewhere, "/x", head, "amd64"),
		"arguments, added again": of(func(b *Build) { b.Args = map[string]string{"B": "2", "A": "1"} }),
	}
	for name, got := range same {
		if got != want {
			t.Errorf("%s: inputsOf = %q, want %q as before", name, got, want)
		}
	}
	different := map[string]string{
		"the commit":           inputsOf(plain, "/w", strings.Repeat("f", 40), "amd64"),
		"the architecture":     inputsOf(plain, "/w", head, "arm64"),
		"the context":          of(func(b *Build) { b.Context = "/w" }),
		"the file":             of(func(b *Build) { b.File = "/w/api/Dockerfile.dev" }),
		"the target":           of(func(b *Build) { b.Target = "dev" }),
		"the platforms":        of(func(b *Build) { b.Platforms = []string{"linux/arm64", "linux/amd64"} }),
		"the provenance":       of(func(b *Build) { b.Provenance = "" }),
		"an argument's value":  of(func(b *Build) { b.Args["A"] = "2" }),
		"an argument's name":   of(func(b *Build) { b.Args = map[string]string{"A": "1", "C": "2"} }),
		"arguments, exchanged": of(func(b *Build) { b.Args = map[string]string{"A": "2", "B": "1"} }),
		"another argument":     of(func(b *Build) { b.Args["C"] = "" }),
		"another secret":       of(func(b *Build) { b.Secrets["x"] = nil }),
	}
	seen := []string{want}
	for name, got := range different {
		if slices.Contains(seen, got) {
			t.Errorf("%s: inputsOf = %q, as for something else", name, got)
		}
		seen = append(seen, got)
	}
}

func setHead(t *testing.T, dir, commit string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".git", "HEAD"), []byte(commit+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What is built is what is checked out in the folder to build. Where that is not known, the event says
// which commit it is, and no image is used again.
func TestLoad_the_commit_that_is_checked_out(t *testing.T) {
	merge, other := strings.Repeat("a", 40), strings.Repeat("b", 40)
	deploy := func(t *testing.T, checkedOut string, more ...string) Deploy {
		t.Helper()
		source := checkout(t, "pull_request.opened", append(more, "INPUT_TEMPLATE=fargate", "GITHUB_SHA="+merge)...)
		if checkedOut != "" {
			setHead(t, source.Dir, checkedOut)
		}
		job, err := load(t, source)
		if err != nil {
			t.Fatal(err)
		}
		return job.(Deploy)
	}
	for name, test := range map[string]struct {
		checkedOut string
		more       []string
		known      bool
		commit     string
	}{
		"the merge":         {merge, nil, true, head},
		"the head":          {head, nil, true, head},
		"another":           {other, nil, false, head},
		"not known":         {"", nil, false, head},
		"an existing image": {head, []string{"INPUT_IMAGE=hello:1"}, false, head},
		// A laptop's folder has changes that are in no commit.
		"a laptop": {head, []string{"GITHUB_ACTIONS="}, false, head},
	} {
		job := deploy(t, test.checkedOut, test.more...)
		want := ""
		if test.known {
			want = test.checkedOut
		}
		if job.BuiltCommit != want {
			t.Errorf("%s: built commit %q, want %q", name, job.BuiltCommit, want)
		}
		if known := job.BuildInputs != ""; known != test.known || job.Commit != test.commit || job.Trigger.Commit != test.commit {
			t.Errorf("%s: build inputs %q of commit %s and %s, want known: %t, of %s",
				name, job.BuildInputs, job.Commit, job.Trigger.Commit, test.known, test.commit)
		}
	}
	if a, b := deploy(t, merge), deploy(t, head); a.BuildInputs == b.BuildInputs {
		t.Errorf("a merge and its head have the same build inputs, %q", a.BuildInputs)
	}
}
