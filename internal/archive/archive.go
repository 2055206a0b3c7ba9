// Package archive pushes an image that was built elsewhere, from the file that docker save writes. It needs no Docker, and
// runs nothing of what is in the image; which repository it belongs into is not its concern.
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
)

// Push is where an image goes, and the login for it.
type Push struct {
	Tag       string // HOST/REPOSITORY:TAG
	Username  string
	Password  string
	Transport http.RoundTripper // nil: the real one
}

// Push pushes the one image of the archive at path, and returns the digest that the registry has it under, sha256:….
// What the archive calls it does not matter. Its error has a Hint() string if the archive is not what it should be.
func (p Push) Push(ctx context.Context, path string) (string, error) {
	tag, err := name.NewTag(p.Tag)
	if err != nil {
		return "", fmt.Errorf("push %s: %w", p.Tag, err)
	}
	image, err := open(path)
	if err != nil {
		return "", &unreadable{path: path, cause: err}
	}
	hash, err := digest(ctx, image)
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", &unreadable{path: path, cause: err}
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

// digest reads all layers, which takes a while and cannot be stopped: when ctx is done it goes on unheeded.
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

// open finds the one image in an archive.
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

// checkSize refuses an archive that unfolds into more than it is: a few bytes of a sparse file stand for as many zeros as
// they like, and some of what an archive holds is read into memory.
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
			return errors.New("it claims to hold more than it does")
		}
	}
}

// unreadable is an archive that is none.
type unreadable struct {
	path  string
	cause error
}

func (e *unreadable) Error() string {
	return fmt.Sprintf("read image archive %s: %s", filepath.Base(e.path), e.cause)
}

func (e *unreadable) Unwrap() error { return e.cause }

// Hint tells how to make one.
func (e *unreadable) Hint() string {
	return "write it with docker save IMAGE --output image.tar, or with buildx and --output type=docker,dest=image.tar"
}
