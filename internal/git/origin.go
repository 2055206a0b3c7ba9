package git

import (
	"path/filepath"
	"regexp"
	"strings"
)

// onGitHub is the address of a repository on github.com, over HTTPS or SSH.
var onGitHub = regexp.MustCompile(`^(?:https://(?:[^@/]+@)?github\.com/|ssh://git@github\.com(?::22)?/|git@github\.com:)([A-Za-z0-9-]+/[A-Za-z0-9._-]+?)(?:\.git)?/?$`)

// Origin returns the repository on github.com that the remote origin of the repository in dir, or in a
// folder above it, is: owner/name. It returns "" if there is none, or if it is elsewhere.
func Origin(dir string) string {
	for {
		if text := read(filepath.Join(dir, ".git", "config")); text != "" {
			return origin(text)
		}
		above := filepath.Dir(dir)
		if above == dir {
			return ""
		}
		dir = above
	}
}

// origin reads git's configuration, in which sections have names in brackets, and a remote's address is
// its url.
func origin(config string) string {
	inOrigin := false
	for line := range strings.Lines(config) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			inOrigin = line == `[remote "origin"]`
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		if inOrigin && strings.TrimSpace(key) == "url" {
			if match := onGitHub.FindStringSubmatch(strings.TrimSpace(value)); match != nil {
				return match[1]
			}
			return ""
		}
	}
	return ""
}
