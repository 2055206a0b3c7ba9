package git_test

import (
	"path/filepath"
	"testing"

	"pr-stack/internal/git"
)

func TestOrigin(t *testing.T) {
	remote := func(name, url string) string {
		return "[core]\n\tbare = false\n[remote \"" + name + "\"]\n\turl = " + url + "\n\tfetch = +refs/heads/*:refs/remotes/" + name + "/*\n[branch \"main\"]\n\tremote = origin\n"
	}
	for name, test := range map[string]struct{ config, want string }{
		"HTTPS":                        {remote("origin", "https://github.com/octo-org/hello.world.git"), "octo-org/hello.world"},
		"HTTPS without .git":           {remote("origin", "https://github.com/octo-org/hello-world"), "octo-org/hello-world"},
		"HTTPS with a token":           {remote("origin", "https://x-access-token:ghs_1@github.com/octo-org/hello-world.git"), "octo-org/hello-world"},
		"SSH":                          {remote("origin", "git@github.com:octo-org/hello-world.git"), "octo-org/hello-world"},
		"SSH as a URL":                 {remote("origin", "ssh://git@github.com/octo-org/hello-world.git"), "octo-org/hello-world"},
		"another server":               {remote("origin", "https://gitlab.com/octo-org/hello-world.git"), ""},
		"a server with a name like it": {remote("origin", "https://github.com.example.org/octo-org/hello-world.git"), ""},
		"a path":                       {remote("origin", "/srv/git/hello-world.git"), ""},
		"deeper":                       {remote("origin", "https://github.com/octo-org/hello-world/tree/main"), ""},
		"another remote":               {remote("upstream", "https://github.com/octo-org/hello-world"), ""},
		"after another remote":         {remote("upstream", "https://github.com/a/b") + remote("origin", "https://github.com/octo-org/hello-world"), "octo-org/hello-world"},
		"no remote":                    {"[core]\n\tbare = false\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			root := write(t, map[string]string{".git/config": test.config, "services/api/Dockerfile": ""})
			for _, dir := range []string{root, filepath.Join(root, "services/api")} {
				if got := git.Origin(dir); got != test.want {
					t.Errorf("Origin(%s) = %q, want %q", dir, got, test.want)
				}
			}
		})
	}
	if got := git.Origin(t.TempDir()); got != "" {
		t.Errorf("Origin of a folder without a repository = %q", got)
	}
}
