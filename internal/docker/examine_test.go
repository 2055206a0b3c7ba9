package docker

import (
	"errors"
	"os"
	"strings"
	"testing"

	"pr-stack/internal/hint"
)

// A daemon is described without a build, and says what it could not build.
func TestExamine(t *testing.T) {
	connectForTest(t)
	host := os.Getenv("DOCKER_HOST")
	about, err := Examine(t.Context(), host, Build{Context: "."}, GitHubCache{})
	if err != nil || !strings.HasPrefix(about, "Docker ") || !strings.Contains(about, "BuildKit for linux/") {
		t.Errorf("Examine = %q, %v, want the daemon's version and platforms", about, err)
	}
	for name, build := range map[string]Build{
		"windows": {Platforms: []string{"windows/amd64"}},
		"cache":   {CacheFrom: []string{"type=gha"}},
		"to":      {CacheTo: []string{"type=nowhere"}},
	} {
		if _, err := Examine(t.Context(), host, build, GitHubCache{}); err == nil || len(hint.Of(err)) == 0 {
			t.Errorf("%s: Examine's error = %v, want one with a hint", name, err)
		}
	}
	if _, err := Examine(t.Context(), "unix:///nowhere.sock", Build{}, GitHubCache{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Examine of no daemon: %v, want ErrUnavailable", err)
	}
}
