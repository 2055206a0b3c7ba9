package actiontest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"pr-stack/internal/command"
)

// build is the Docker daemon of the runs: it makes an image and pushes it. The same commit, Dockerfile
// and options result in the same image, as with a warm cache.
func (e *Env) build(_ context.Context, b command.Build, tag string) (digest string, err error) {
	head, err := os.ReadFile(filepath.Join(b.Context, ".git", "HEAD"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	image, err := e.built(strings.TrimSpace(string(head)), b)
	if err != nil {
		return "", err
	}
	_, name, _ := strings.Cut(tag, "/")
	repository, tag, ok := strings.Cut(name, ":")
	if !ok {
		return "", errors.New("push: no tag in " + tag)
	}
	return e.AWS.PushImage(repository, tag, image)
}

// BuildDigest returns the digest of the image that a run builds from a commit, with no inputs that say
// how.
func (e *Env) BuildDigest(commit string) (string, error) {
	image, err := e.built(commit, command.Build{File: filepath.Join(e.Workspace, "Dockerfile")})
	if err != nil {
		return "", err
	}
	digest, err := image.Digest()
	return digest.String(), err
}

// built returns the image that is built from a checkout of the commit.
func (e *Env) built(commit string, b command.Build) (v1.Image, error) {
	dockerfile, err := os.ReadFile(b.File)
	if err != nil {
		return nil, err
	}
	image, err := e.imageOf(fmt.Sprintf("built from %s: %q %q %q %q", commit, dockerfile, b.Target, b.Platforms, b.Args))
	if err != nil || len(b.Platforms) != 1 {
		return image, err
	}
	_, architecture, _ := strings.Cut(b.Platforms[0], "/")
	return mutate.ConfigFile(image, &v1.ConfigFile{OS: "linux", Architecture: architecture})
}

// imageOf returns an image of this name: the same one each time.
func (e *Env) imageOf(name string) (v1.Image, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if image, ok := e.images[name]; ok {
		return image, nil
	}
	image, err := random.Image(64, 1)
	if err == nil {
		e.images[name] = image
	}
	return image, err
}

// checkOut copies the workspace to dir, and checks the commit out there.
func (e *Env) checkOut(dir, commit string) error {
	if err := os.CopyFS(dir, os.DirFS(e.Workspace)); err != nil {
		return err
	}
	return SetHead(dir, commit)
}

// SetHead makes a folder a checkout of the commit, as actions/checkout leaves one of a pull request. If
// commit is "", it makes it none.
func SetHead(dir, commit string) error {
	git := filepath.Join(dir, ".git")
	if commit == "" {
		return os.RemoveAll(git)
	}
	if err := os.MkdirAll(git, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(git, "HEAD"), []byte(commit+"\n"), 0o600)
}
