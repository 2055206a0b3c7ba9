package github_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/github"
)

func TestFile(t *testing.T) {
	g := fakegithub.New(repository)
	long := strings.Repeat("x", 1<<20)
	for path, text := range map[string]string{
		"template.yaml": "Resources: {}\n", "infra/my template?.yaml": "odd", "long": long, "too-long": long + "x", "empty": "",
	} {
		g.SetFile(head, path, text)
	}
	client := connect(t, g, "https://ghe.example/api/v3")
	for path, want := range map[string]string{
		"template.yaml": "Resources: {}\n", "/infra/my template?.yaml": "odd", "long": long, "empty": "",
	} {
		if got, err := client.File(t.Context(), path, head); err != nil || got != want {
			t.Errorf("File(%s) = %d bytes, %v, want %d", path, len(got), err, len(want))
		}
	}
	for path, want := range map[string]string{
		"infra": "it is not a file", "too-long": "it is longer than 1048576 bytes", "none": "404 Not Found",
		"../secrets": "must not contain '..'",
	} {
		_, err := client.File(t.Context(), path, head)
		doing := "read file " + path + " at " + head + " of octo-org/hello-world: "
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), doing) {
			t.Errorf("File(%s) = %v, want %s", path, err, want)
		}
	}
	if _, err := client.File(t.Context(), "template.yaml", "another-branch"); !errors.Is(err, github.ErrNotFound) {
		t.Errorf("File at another branch = %v, want ErrNotFound", err)
	}
}

func TestFile_is_read_again_as_a_whole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := fakegithub.New(repository)
		g.SetFile(head, "template.yaml", "Resources: {}\n")
		g.Inject(fakegithub.Fault{Status: 502, Times: 2})
		began := time.Now()
		got, err := connect(t, g, "").File(t.Context(), "template.yaml", head)
		if err != nil || got != "Resources: {}\n" || time.Since(began) != 3*time.Second {
			t.Errorf("File = %q, %v after %s, want the text after 3s", got, err, time.Since(began))
		}
	})
}
