package config

import (
	"os"
	"path/filepath"
	"testing"
)

// Whose jobs may assume the roles: what a person or the run says, and apart from that, where the checkout
// comes from.
func TestLoad_bootstrap_for_a_repository(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	const config = "[remote \"origin\"]\n\turl = https://github.com/somebody/fork.git\n"
	if err := os.WriteFile(filepath.Join(dir, ".git", "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args    []string
		environ []string
		source  string
		yes     bool
	}{
		{nil, nil, "", false},
		{[]string{"--yes"}, nil, "", true},
		{[]string{"--yes", "false"}, nil, "", false},
		{[]string{"--yes", "--github-repository", "octo-org/hello"}, nil, "octo-org/hello", true},
		{nil, []string{"GITHUB_REPOSITORY=octo-org/hello"}, "octo-org/hello", false},
		{[]string{"--github-repository=octo-org/other"}, []string{"GITHUB_REPOSITORY=octo-org/hello"}, "octo-org/other", false},
	} {
		job, err := load(t, Source{
			Args: append([]string{"bootstrap", "--service", "hello", "--aws-region", "eu-north-1"}, test.args...), Environ: test.environ, Dir: dir,
		})
		b, ok := job.(Bootstrap)
		if err != nil || !ok || b.Source != test.source || b.Origin != "somebody/fork" || b.Yes != test.yes || b.AllowReplacement {
			t.Errorf("Load(%q, %q) = %+v, %v, want source %q, origin somebody/fork and yes %v", test.args, test.environ, job, err, test.source, test.yes)
		}
	}
}
