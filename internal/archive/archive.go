// Package archive pushes an image that was built elsewhere, from the file that docker save writes. It
// does not need Docker, and it runs nothing from the image. The caller chooses the repository.
package archive

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"pr-stack/internal/hint"
)

// Push is the destination of an image, and the login for it.
type Push struct {
	Tag       string // HOST/REPOSITORY:TAG
	Username  string
	Password  string
	Transport http.RoundTripper // nil: the default
}

// Push pushes the only image in the archive at path, and returns its digest in the registry,
// sha256:…. The image's name in the archive is ignored. If the archive is invalid, the error is a
// *hint.Error.
func (p Push) Push(ctx context.Context, path string) (string, error) {
	tag, err := name.NewTag(p.Tag)
	if err != nil {
		return "", fmt.Errorf("push %s: %w", p.Tag, err)
	}
	image, err := open(path)
	if err != nil {
		return "", invalid(path, err)
	}
	hash, err := digest(ctx, image)
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", invalid(path, err)
	}
	transport := p.Transport
	if transport == nil {
		transport = remote.DefaultTransport
	}
	err = remote.Write(tag, image, remote.WithContext(ctx), remote.WithTransport(transport),
		remote.WithAuth(&authn.Basic{Username: p.Username, Password: p.Password}))
	if err != nil && ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", fmt.Errorf("push %s: %w", p.Tag, err)
	}
	return hash.String(), nil
}

// digest returns the digest of an image, for which it reads all layers. Reading takes a while and
// cannot be stopped: when ctx is done, digest returns and the reading continues in the background.
func digest(ctx context.Context, image v1.Image) (v1.Hash, error) {
	type answer struct {
		hash v1.Hash
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		hash, err := image.Digest()
		answers <- answer{hash, err}
	}()
	select {
	case a := <-answers:
		return a.hash, a.err
	case <-ctx.Done():
		return v1.Hash{}, ctx.Err()
	}
}

// open returns the only image in an archive.
func open(path string) (v1.Image, error) {
	if err := checkSize(path); err != nil {
		return nil, err
	}
	manifest, err := tarball.LoadManifest(func() (io.ReadCloser, error) { return os.Open(path) })
	if err != nil {
		return nil, err
	}
	if len(manifest) != 1 {
		return nil, fmt.Errorf("it holds %d images", len(manifest))
	}
	return tarball.ImageFromPath(path, nil)
}

// checkSize rejects an archive whose files are larger than the archive itself. A few bytes of a
// sparse file can stand for any number of zeros, and some of an archive's files are read into
// memory.
func checkSize(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	var total int64
	for r := tar.NewReader(f); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if total += header.Size; header.Size < 0 || total > info.Size() {
			return errors.New("its files are larger than the archive itself")
		}
	}
}

// invalid returns the error for an archive that cannot be read as an image.
func invalid(path string, err error) error {
	return hint.Wrap(fmt.Errorf("read image archive %s: %w", filepath.Base(path), err),
		"write it with docker save IMAGE --output image.tar, or with buildx and --output type=docker,dest=image.tar")
}
