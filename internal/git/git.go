// Package git reads which commit is checked out in a folder, and where the repository comes from. It reads git's files itself,
// because the action's container has no git. It only reads.
package git

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// maxSize is the size of the largest file that is read. A file of packed refs has about 70 bytes for
// each ref.
const maxSize = 64 << 20

var sha = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// Head returns the full SHA of the commit that is checked out in dir, which is root or below it. It
// looks for the repository in dir and in the folders above it, up to root. It returns "" if there is
// none, or if its files are not as git normally writes them: a submodule, a work tree, or refs in
// another format.
func Head(root, dir string) string {
	for {
		dotGit := filepath.Join(dir, ".git")
		if _, err := os.Lstat(dotGit); err == nil {
			return resolve(dotGit)
		}
		relative, err := filepath.Rel(root, dir)
		if err != nil || relative == "." || !filepath.IsLocal(relative) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}

// resolve reads HEAD, which is a commit, as after actions/checkout on a pull request, or the name of a
// branch.
func resolve(dotGit string) string {
	text := read(filepath.Join(dotGit, "HEAD"))
	ref, symbolic := strings.CutPrefix(text, "ref: ")
	switch {
	case !symbolic:
		return valid(text)
	case !strings.HasPrefix(ref, "refs/") || !filepath.IsLocal(ref):
		return ""
	}
	if loose := read(filepath.Join(dotGit, filepath.FromSlash(ref))); loose != "" {
		return valid(loose)
	}
	for line := range strings.Lines(read(filepath.Join(dotGit, "packed-refs"))) {
		if commit, name, _ := strings.Cut(strings.TrimSpace(line), " "); name == ref {
			return valid(commit)
		}
	}
	return ""
}

func valid(commit string) string {
	if !sha.MatchString(commit) {
		return ""
	}
	return commit
}

// read returns a file's text without the blanks around it, or "" if it cannot be read or is too large.
// The size is that of what is read: a file in /proc, to which a link may lead, says that it is empty.
func read(path string) string {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	if err != nil || len(text) > maxSize {
		return ""
	}
	return strings.TrimSpace(string(text))
}
