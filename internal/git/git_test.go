package git_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pr-stack/internal/git"
)

const (
	commit  = "0123456789abcdef0123456789abcdef01234567"
	another = "89abcdef0123456789abcdef0123456789abcdef"
)

// write makes a folder with these files, by their paths.
func write(t *testing.T, files map[string]string) (root string) {
	t.Helper()
	root = t.TempDir()
	for path, text := range files {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestHead(t *testing.T) {
	packed := "# pack-refs with: peeled fully-peeled sorted\n" + another + " refs/heads/main2\n" +
		commit + " refs/heads/main\n" + another + " refs/tags/v1\n^" + another + "\n"
	longer, onMain := strings.Repeat("ab", 32), "ref: refs/heads/main\n"
	for name, test := range map[string]struct {
		files map[string]string
		dir   string
		want  string
	}{
		"a commit":        {map[string]string{".git/HEAD": commit + "\n"}, "", commit},
		"a SHA-256":       {map[string]string{".git/HEAD": longer + "\n"}, "", longer},
		"a branch":        {map[string]string{".git/HEAD": onMain, ".git/refs/heads/main": commit + "\n"}, "", commit},
		"a packed branch": {map[string]string{".git/HEAD": onMain, ".git/packed-refs": packed}, "", commit},
		"the loose ref is newer": {map[string]string{
			".git/HEAD": "ref: refs/heads/main2\n", ".git/refs/heads/main2": commit + "\n", ".git/packed-refs": packed,
		}, "", commit},
		"a folder below":     {map[string]string{".git/HEAD": commit, "services/api/Dockerfile": ""}, "services/api", commit},
		"a repository below": {map[string]string{".git/HEAD": another, "api/.git/HEAD": commit, "api/src/x": ""}, "api/src", commit},
		"no repository":      {map[string]string{"api/Dockerfile": ""}, "api", ""},
		"a branch with no commit": {map[string]string{
			".git/HEAD": onMain, ".git/packed-refs": another + " refs/heads/main2\n",
		}, "", ""},
		"a submodule":            {map[string]string{".git/HEAD": commit, "api/.git": "gitdir: ../.git/modules/api\n"}, "api", ""},
		"a ref that leads out":   {map[string]string{".git/HEAD": "ref: refs/../../secret\n", "secret": commit}, "", ""},
		"no ref":                 {map[string]string{".git/HEAD": "ref: config\n", ".git/config": commit}, "", ""},
		"refs in another format": {map[string]string{".git/HEAD": "ref: refs/heads/.invalid\n", ".git/reftable/tables.list": ""}, "", ""},
		"not a commit":           {map[string]string{".git/HEAD": commit[:39] + "\n"}, "", ""},
		"upper case":             {map[string]string{".git/HEAD": strings.ToUpper(commit)}, "", ""},
		"empty":                  {map[string]string{".git/HEAD": ""}, "", ""},
	} {
		root := write(t, test.files)
		if got := git.Head(root, filepath.Join(root, test.dir)); got != test.want {
			t.Errorf("%s: Head = %q, want %q", name, got, test.want)
		}
	}
}

// What is above the workspace is another repository's, such as the one that a runner is installed in.
// An earlier step may have unpacked a stranger's archive into the workspace. A link in it can lead to a
// file that says it is empty and has no end.
func TestHead_of_a_repository_that_a_stranger_made(t *testing.T) {
	for name, target := range map[string]string{
		"a loop":           "HEAD",
		"a folder":         "..",
		"a device":         "/dev/zero",
		"a file of no end": "/proc/self/pagemap",
	} {
		root := write(t, map[string]string{".git/config": ""})
		if err := os.Symlink(target, filepath.Join(root, ".git", "HEAD")); err != nil {
			t.Fatal(err)
		}
		if got := git.Head(root, root); got != "" {
			t.Errorf("%s: Head = %q, want none", name, got)
		}
	}
}

func TestHead_does_not_look_above_root(t *testing.T) {
	above := write(t, map[string]string{".git/HEAD": commit, "workspace/api/Dockerfile": "", "other/x": ""})
	workspace := filepath.Join(above, "workspace")
	for _, dir := range []string{workspace, filepath.Join(workspace, "api"), filepath.Join(above, "other")} {
		if got := git.Head(workspace, dir); got != "" {
			t.Errorf("Head(%q) = %q, want none", dir, got)
		}
	}
}
